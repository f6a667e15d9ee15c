"""The catalogues that are measured, each in a database of its own: made once, and anew when the schema has changed."""

import asyncio
import base64
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

import mercer.modules  # noqa: F401 — registers every module's tables
from mercer.channels.service import store_channels
from mercer.cli.terminal import say
from mercer.demo import shop
from mercer.demo.service import seed_catalogue
from mercer.platform import migrations
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Environment, Settings
from mercer.transfer.readers.mappings import read_mapping
from mercer.transfer.service import import_products

REAL_SET = Path(__file__).parents[2] / "shared" / "data" / "pc-part-dataset" / "json.zip"
"""The PC parts of github.com/docyx/pc-part-dataset."""

Fill = Callable[[Context], Awaitable[None]]


class BenchSettings(Settings):
    """Mercer's settings as in production, with a data directory of the bench's own."""

    data_dir: Path = Path(".mercer/bench")


@dataclass(frozen=True)
class Dataset:
    """A catalogue and its database's name."""

    name: str
    title: str
    fill: Fill


def bench_settings(**changes: Any) -> Settings:
    """The settings that are measured. `MERCER_DATA_DIR` still says where the data live.

    The line that each request writes to the log is off: what it costs depends on who reads the log. So is the cache:
    it is measured by itself (`bench.doors`). Mutations are counted as they are in production, but never too many.
    """
    fixed: dict[str, Any] = {
        "environment": Environment.PRODUCTION,
        "log_level": "warning",
        "public_url": "http://shop.example",
        "workers": 1,
        "verify_reads": False,
        "answer_cache_bytes": 0,
        "mutations_per_minute": 1_000_000_000,
        "carts_per_minute": 1_000_000_000,
        "database_url": None,
        "valkey_url": None,
        "secret_keys": (base64.b64encode(bytes(range(32))).decode(),),
    }
    return BenchSettings(**(fixed | changes))


def seeded(products: int) -> Dataset:
    """So many generated products."""
    return Dataset(f"bench_{products}", f"{products:,} seeded", partial(_seed, products=products))


def real() -> Dataset:
    """The imported real set: one variant each, a price for a quarter of them, no pictures, no stock."""
    return Dataset("bench_real", "real set", _import_real_set)


def prepare(dataset: Dataset, settings: Settings, *, rebuild: bool) -> str:
    """The address of the dataset's database, which is made unless it is there, whole and of this schema."""
    assert settings.database_url is not None
    address = urlsplit(settings.database_url)._replace(path=f"/{dataset.name}").geturl()
    made_of = hashlib.sha256(migrations.as_sql().encode()).hexdigest()
    name = sql.Identifier(dataset.name)
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        if not rebuild and _made_of(connection, dataset.name) == made_of:
            return address
        say(f"Preparing {dataset.title} …")
        started = time.monotonic()
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        migrations.upgrade(address, say=lambda _: None)
        asyncio.run(_fill(dataset, settings.model_copy(update={"database_url": address})))
        with psycopg.connect(address, autocommit=True) as inside:
            inside.execute("VACUUM (ANALYZE)")
        # Said last: what was interrupted does not say it.
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(made_of)))
        say(f"Preparing {dataset.title} took {time.monotonic() - started:.0f} s.")
    return address


def _made_of(connection: psycopg.Connection[tuple[str]], name: str) -> str | None:
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    row = connection.execute(query, [name]).fetchone()
    return row[0] if row else None


async def _fill(dataset: Dataset, settings: Settings) -> None:
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    try:
        await dataset.fill(Context(settings, database, datetime.now(UTC)))
    finally:
        await database.close()


async def _seed(context: Context, *, products: int) -> None:
    def report(done: int) -> None:
        if done % 20_000 == 0 and done < products:
            say(f"  {done:,} of {products:,}")

    await seed_catalogue(context, products=products, report=report)


async def _import_real_set(context: Context) -> None:
    async with context.database.transaction() as connection:
        within = Context(context.settings, context.database, context.now, connection=connection)
        await store_channels(within, channels=shop.channels())
    await import_products(
        context,
        path=REAL_SET,
        mapping=read_mapping("pc-parts"),
        on_batch=lambda _: None,
        on_rejected=lambda _: None,
    )
