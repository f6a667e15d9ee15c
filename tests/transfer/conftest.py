"""A shop without products, and imports into it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.contents import Rows, contents, stamps
from tests.factories.shop import EU, NOW, US
from tests.fixtures import writing

from mercer.channels.service import store_channels
from mercer.inventory.models import Warehouse
from mercer.inventory.service import store_warehouses
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings
from mercer.transfer.models.mapping import Mapping
from mercer.transfer.models.rows import RejectedRow, Report
from mercer.transfer.service import import_products, products, read_mapping

MAPPING = """
channels = ["us"]

[product]
name = "name"
description = "text"
barcode = "barcode"
tags = "tags"

[sku]
field = "sku"

[[prices]]
field = "price"
channel = "us"
currency = "USD"
before_field = "was"

[[stock]]
field = "stock"
warehouse = "east"

[attributes]
colour = { name = "Colour", kind = "choice" }
uses = { name = "Uses", kind = "multi_choice" }
length = { name = "Length", kind = "number", unit = "mm" }
safe = { name = "Safe", kind = "boolean" }
since = { name = "Since", kind = "date" }

[[sets]]
product_type = { code = "thing", name = "Thing" }

[sets.attributes]
colour = "colour"
uses = { attribute = "uses", separator = "|" }
length = "length"
safe = "safe"
since = "since"
"""


@dataclass
class Shop:
    """Imports files into a shop of the test's own, and looks at what came of it."""

    settings: Settings
    context: Context
    directory: Path
    mapping: Mapping
    rejected: list[RejectedRow] = field(default_factory=list)

    async def take(self, name: str, content: bytes | str, *, is_dry_run: bool = False) -> Report:
        """Import a file with this content."""
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await self.take_file(path, is_dry_run=is_dry_run)

    async def take_file(self, path: Path, *, is_dry_run: bool = False) -> Report:
        self.rejected = []
        return await import_products(
            self.context,
            path=path,
            mapping=self.mapping,
            on_batch=lambda _report: None,
            on_rejected=self.rejected.append,
            is_dry_run=is_dry_run,
        )

    def map(self, toml: str) -> None:
        """Use another mapping from now on."""
        path = self.directory / "mapping.toml"
        path.write_text(toml)
        self.mapping = read_mapping(str(path))

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """The rows rejected last, and why."""
        return [(row.number, type(row.error).__name__) for row in sorted(self.rejected, key=lambda row: row.number)]

    async def contents(self) -> Rows:
        async with self.context.database.transaction() as connection:
            return await contents(connection)

    async def stamps(self) -> Rows:
        async with self.context.database.transaction() as connection:
            return await stamps(connection)

    async def names(self) -> Sequence[str]:
        return [row[4] for row in (await self.contents())["catalog.product"]]


OpenShop = Callable[[Settings], Awaitable[Shop]]


@pytest.fixture
async def open_shop(tmp_path: Path) -> AsyncIterator[OpenShop]:
    """Opens a shop in an empty database."""
    databases: list[Database] = []

    async def open_(settings: Settings) -> Shop:
        async with writing(settings) as context:
            await store_channels(context, channels=[US, EU])
            east = Warehouse(code="east", name="East", country="US", channels=["us"])
            await store_warehouses(context, warehouses=[east])
        database = Database(settings, url=settings.database_url or "")
        databases.append(database)
        directory = tmp_path / f"shop-{len(databases)}"
        directory.mkdir()
        (directory / "mapping.toml").write_text(MAPPING)
        mapping = read_mapping(str(directory / "mapping.toml"))
        return Shop(settings, Context(settings, database, NOW), directory, mapping)

    yield open_
    for database in databases:
        await database.close()


@pytest.fixture
async def shop(open_shop: OpenShop, fresh: Settings) -> Shop:
    return await open_shop(fresh)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "BATCH", 7)
