"""`mercer seed`: a shop to look at, and products and orders to measure with."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import httpx2
from cyclopts import App, Parameter, validators
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from mercer.cli.bulk import INTERRUPTED, bulk_context, connected, rare_cycle_search
from mercer.cli.terminal import say, until_stopped
from mercer.demo import service as demo
from mercer.modules import MODULES
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, RequestRefused
from mercer.platform.http.outgoing import outgoing
from mercer.platform.settings import Settings, load_settings
from mercer.values.stored import Stored

seed = App(
    name="seed",
    help="Put products and orders into the database: a demonstration shop, or any number to measure with.\n\n"
    "All migrate the database first, and use the servers of a running `mercer up` or run them for as long as they "
    "take. Done again, they change nothing, and put back what was changed of their products. A shop with products of "
    "its own is refused, and so is production without `--force`: the command then ends with 1.",
)


@seed.command(name="demo", sort_key=0)
async def seed_demo(*, force: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Put the demonstration shop into the database, and its pictures into the media directory.

    Larkmoor sells 68 things for kitchen, table, desk, travel and outdoors in two channels, `us` (USD, net) and `eu`
    (EUR, gross), in English and German. Some are drafts, archived, yet to come, or sold in one channel only. They are
    taxed, and delivered in several ways. Outside of production people have bought there, so that there is an order in
    each state, of which the running shop sends the usual mails; those that are not paid are cancelled after an hour, as
    all are. There are accounts to sign in with, whose passwords everybody knows: `mercer up` tells them.

    Parameters
    ----------
    force
        Seed in production too.
    """

    async def seeding(context: Context) -> Stored:
        stored = await demo.seed_demo(context)
        await demo.seed_accounts(context)
        await _seed_purchases(context)
        return stored

    return await _seed(seeding, command="mercer seed demo", force=force)


@seed.command(name="catalogue", sort_key=1)
async def seed_catalogue(
    *,
    products: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=10_000_000))] = 20_000,
    force: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Put generated products into the database, to measure with: in the demonstration shop's channels, beside it.

    They have 2.5 variants in the mean, attributes, prices, stock and pictures, and stand in some 200 categories. The
    same number always gives the same products; a larger one gives the same ones and more. What was interrupted goes on
    where it stopped.

    Parameters
    ----------
    products
        How many there are to be.
    force
        Seed in production too.
    """

    async def seeding(context: Context) -> Stored:
        with rare_cycle_search(), Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
            bar = progress.add_task("Products", total=products)
            return await demo.seed_catalogue(
                context, products=products, report=lambda done: progress.update(bar, completed=done)
            )

    return await _seed(seeding, command="mercer seed catalogue", force=force)


@seed.command(name="orders", sort_key=2)
async def seed_orders(
    *,
    orders: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=10_000_000))] = 20_000,
    force: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Put generated past orders into the database, to measure with: of two years, in the demonstration's channels.

    They are of 60,000 customers and of guests, in several countries and in each state. Neither stock nor ledger nor
    anybody's mailbox hears of them. The same number always gives the same orders; a larger one gives the same ones and
    more. What was interrupted goes on where it stopped.

    Parameters
    ----------
    orders
        How many there are to be.
    force
        Seed in production too.
    """

    async def seeding(context: Context) -> Stored:
        with rare_cycle_search(), Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
            bar = progress.add_task("Orders", total=orders)
            return await demo.seed_orders(
                context, orders=orders, report=lambda done: progress.update(bar, completed=done)
            )

    return await _seed(seeding, command="mercer seed orders", force=force, what="Orders")


async def seed_demo_if_empty(settings: Settings) -> bool:
    """Seed the demonstration shop if there is no product yet, and say whether that was so. Never in production.

    `settings.database_url` names the database, already migrated.
    """
    if settings.is_production:
        return False
    async with connected(settings) as context:
        if not await demo.is_empty(context):
            return False
        await demo.seed_demo(context)
        await demo.seed_accounts(context)
        await _seed_purchases(context)
        return True


async def _seed_purchases(context: Context) -> None:
    """Have people buy. The simulated provider is called as ever, but within this process: nothing listens yet."""
    moment = context

    async def current(_request: HTTPConnection) -> Context:
        return moment

    making = [module.routes for module in MODULES if module.name == "simulator" and module.routes]
    provider = Starlette(routes=[route for make in making for route in make(context.settings, current)])

    def at(now: datetime) -> Context:
        nonlocal moment
        moment = replace(context, now=now, http=http)
        return moment

    async with outgoing(httpx2.ASGITransport(provider)) as http:
        await demo.seed_purchases(context, at=at)


class _Rate(ProgressColumn):
    """How many are done each second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())


async def _seed(
    seeding: Callable[[Context], Awaitable[Stored]], *, command: str, force: bool, what: str = "Products"
) -> int:
    """Seed, and say what came of it. Returns the command's status."""
    settings = load_settings()
    if settings.is_production and not force:
        say("This is production. Products that nobody sells are put into it only with --force.")
        return 1
    try:
        with until_stopped():
            async with bulk_context(settings, command=command) as context:
                stored = await seeding(context)
            say(f"{what}: {stored.created:,} new, {stored.updated:,} changed, {stored.unchanged:,} as they were.")
            return 0
    except (DomainError, RequestRefused) as error:
        say(error.message)
        return 1
    say("The seed was interrupted. Run it again: it goes on where it stopped.")
    return INTERRUPTED
