import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest
from tests import callers, servers
from tests.transfer.conftest import OpenShop, Shop

from mercer.platform.settings import Settings

ROOT = Path(__file__).parents[2]
ROWS = [
    {
        "sku": f"S{number}" if number % 9 else "S1",
        "name": f"Mug {number % 5}" if number % 7 else "",
        "price": number / 4 if number % 3 else None,
        "stock": number if number % 2 else None,
        "colour": f"Red {number % 11}",
        "uses": ["tea", f"use {number}"],
    }
    for number in range(1, 61)
]


@pytest.fixture
async def clean(open_shop: OpenShop, database_url: str, worker_id: str, request: pytest.FixtureRequest) -> Shop:
    """A second shop, whose import nothing interrupts."""
    name = f"clean_{worker_id}_{abs(hash(request.node.nodeid))}"
    return await open_shop(callers.test_settings(servers.copy_database(database_url, name), "unix:///nowhere"))


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("moment", ["after", "within"])
@pytest.mark.parametrize("batches", [1, 6])
async def test_a_killed_import_that_is_run_again_ends_as_if_it_had_not_been(
    shop: Shop, clean: Shop, fresh: Settings, moment: str, batches: int
) -> None:
    path = shop.directory / "things.json"
    path.write_text(json.dumps(ROWS))
    assert fresh.database_url is not None
    command = ["-m", "tests.transfer.killed", fresh.database_url, str(path), str(shop.directory / "mapping.toml")]
    killed = await asyncio.create_subprocess_exec(sys.executable, *command, str(batches), moment, cwd=ROOT)
    assert await killed.wait() == -signal.SIGKILL
    again = await shop.take_file(path)
    once = await clean.take_file(path)
    assert (again.rows, again.rejected, again.reasons) == (once.rows, once.rejected, once.reasons)
    assert again.unchanged > 0
    assert await shop.contents() == await clean.contents()


@pytest.mark.usefixtures("small_batches")
async def test_an_import_that_is_run_twice_changes_no_row(shop: Shop) -> None:
    first = await shop.take("things.json", json.dumps(ROWS))
    before = await shop.stamps()
    second = await shop.take("things.json", json.dumps(ROWS))
    assert (second.created, second.updated, second.unchanged) == (0, 0, first.created)
    assert second.reasons == first.reasons
    assert await shop.stamps() == before


async def test_the_size_of_batches_does_not_matter(shop: Shop, clean: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.take("things.json", json.dumps(ROWS))
    monkeypatch.setattr("mercer.transfer.service.products.BATCH", 1)
    await clean.take("things.json", json.dumps(ROWS))
    assert await shop.contents() == await clean.contents()
