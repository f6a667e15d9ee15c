"""`mercer seed`: products to look at, and products to measure with."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter, validators
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

import mercer.modules  # noqa: F401 — registers every module's tables
from mercer.cli.terminal import say
from mercer.demo import service as demo
from mercer.demo.errors import SeedRejected, ShopInUse
from mercer.platform import migrations
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.embedded import shared_servers
from mercer.platform.settings import Settings, load_settings
from mercer.values.stored import Stored

seed = App(
    name="seed",
    help="Put products into the database: a demonstration shop, or any number to measure with.\n\n"
    "Both migrate the database first, and use the servers of a running `mercer up` or run them for as long as they "
    "take. Done again, they change nothing, and put back what was changed of their products. A shop with products of "
    "its own is refused, and so is production without `--force`: the command then ends with 1.",
)


@seed.command(name="demo", sort_key=0)
async def seed_demo(*, force: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Put the demonstration shop into the database, and its pictures into the media directory.

    Larkmoor sells 67 things for kitchen, table, desk, travel and outdoors in two channels, `us` (USD, net) and `eu`
    (EUR, gross), in English and German. Some are drafts, archived, yet to come, or sold in one channel only.

    Parameters
    ----------
    force
        Seed in production too.
    """
    settings = load_settings()
    if _is_refused(settings, force=force):
        return 1
    async with _context(settings, command="mercer seed demo") as context:
        return await _tell(demo.seed_demo(context))


@seed.command(name="catalogue", sort_key=1)
async def seed_catalogue(
    *,
    products: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=10_000_000))] = 20_000,
    force: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Put generated products into the database, to measure with: in the demonstration shop's channels, beside it.

    They have 2.5 variants in the mean, attributes, prices, stock and pictures, and stand in some 200 categories. The
    same number always gives the same products; a larger one gives the same ones and more.

    Parameters
    ----------
    products
        How many there are to be.
    force
        Seed in production too.
    """
    settings = load_settings()
    if _is_refused(settings, force=force):
        return 1
    async with _context(settings, command="mercer seed catalogue") as context:
        with _without_cycle_search(), Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
            bar = progress.add_task("Products", total=products)
            seeding = demo.seed_catalogue(
                context, products=products, report=lambda done: progress.update(bar, completed=done)
            )
            return await _tell(seeding)


async def seed_demo_if_empty(settings: Settings) -> bool:
    """Seed the demonstration shop if there is no product yet, and say whether that was so. Never in production.

    `settings.database_url` names the database, already migrated.
    """
    if settings.is_production:
        return False
    async with _connected(settings) as context:
        if not await demo.is_empty(context):
            return False
        await demo.seed_demo(context)
        return True


def _is_refused(settings: Settings, *, force: bool) -> bool:
    if settings.is_production and not force:
        say("This is production. Products that nobody sells are put into it only with --force.")
        return True
    return False


class _Rate(ProgressColumn):
    """How many are done each second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())


@contextmanager
def _without_cycle_search() -> Iterator[None]:
    """Seeding makes no circular garbage, and searching millions of objects for it takes two fifths of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@asynccontextmanager
async def _context(settings: Settings, *, command: str) -> AsyncIterator[Context]:
    async with shared_servers(settings, command=command, say=say) as servers:
        await asyncio.to_thread(migrations.upgrade, servers.database_url, say=say)
        async with _connected(servers.within(settings)) as context:
            yield context


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Context]:
    assert settings.database_url is not None, "whoever runs or finds the servers says which database to use"
    database = Database(settings, url=settings.database_url)
    try:
        yield Context(settings, database, datetime.now(UTC))
    finally:
        await database.close()


async def _tell(seeding: Awaitable[Stored]) -> int:
    """Wait for it and say what came of it. Returns the command's status."""
    try:
        stored = await seeding
    except (ShopInUse, SeedRejected) as error:
        say(error.message)
        return 1
    say(f"Products: {stored.created:,} new, {stored.updated:,} changed, {stored.unchanged:,} as they were.")
    return 0
