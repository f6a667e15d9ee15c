"""Warehouses as staff open, change and close them."""

from typing import Any

import pytest
from tests.callers import Caller, admin_caller
from tests.inventory.test_stock_changes import ADJUST, at
from tests.selling import Selling

SHOWN = "code name country channels { code } archivedAt version"
CREATE = f"""mutation ($input: WarehouseCreateInput!) {{ warehouseCreate(input: $input) {{
    __typename ... on Warehouse {{ {SHOWN} }}
    ... on Error {{ path }} ... on InvalidInput {{ fields {{ path }} }} }} }}"""
UPDATE = f"""mutation ($id: ID!, $input: WarehouseUpdateInput!, $version: Int) {{
    warehouseUpdate(id: $id, input: $input, version: $version) {{
        __typename ... on Warehouse {{ {SHOWN} }} ... on Error {{ path }} ... on InvalidInput {{ fields {{ path }} }}
        ... on VersionConflict {{ current }} }} }}"""
ARCHIVE = """mutation ($id: ID!) { warehouseArchive(id: $id) {
    __typename ... on Warehouse { archivedAt version }
    ... on WarehouseNotEmpty { variants } ... on Error { path } } }"""
RESTORE = """mutation ($id: ID!) { warehouseRestore(id: $id) {
    __typename ... on Warehouse { archivedAt version } ... on Error { path } } }"""
AVAILABLE = '{ productVariant(sku: "MUG-1-R") { available } }'
STORED = "SELECT * FROM inventory.warehouse ORDER BY code"


async def update(selling: Selling, code: str, version: int | None = None, **given: Any) -> Any:
    return await selling.change(UPDATE, {"id": selling.warehouses[code], "input": given, "version": version})


async def test_a_warehouse_is_opened(selling: Selling) -> None:
    channels = [selling.channels["us"], selling.channels["eu"], selling.channels["us"]]
    given = {"code": "north", "name": "North", "country": "CA", "channelIds": channels}
    assert await selling.change(CREATE, {"input": given}) == {
        "__typename": "Warehouse",
        "code": "north",
        "name": "North",
        "country": "CA",
        "channels": [{"code": "eu"}, {"code": "us"}],
        "archivedAt": None,
        "version": 1,
    }
    [(entity, _, fields, _)] = await selling.audit()
    assert (entity, fields["code"]) == ("Warehouse", [None, "north"])
    assert (await selling.events())[-1][0] == "inventory.WarehouseCreated"
    taken = await selling.change(CREATE, {"input": given})
    assert (taken["__typename"], taken["path"]) == ("WarehouseCodeTaken", ["input", "code"])


async def test_whom_it_serves_is_seen_at_once(selling: Selling) -> None:
    assert await selling.shop(AVAILABLE) == {"productVariant": {"available": 7}}
    changed = await update(selling, "both", channelIds=[selling.channels["eu"]], name="Continent")
    assert (changed["name"], changed["channels"], changed["version"]) == ("Continent", [{"code": "eu"}], 2)
    assert await selling.shop(AVAILABLE) == {"productVariant": {"available": 5}}
    us, eu = selling.channels["us"], selling.channels["eu"]
    assert await selling.audit() == [
        (
            "Warehouse",
            selling.warehouses["both"],
            {"name": ["Both", "Continent"], "channel_ids": [sorted([us, eu]), [eu]]},
            None,
        )
    ]
    assert "catalog" in await selling.tags()
    events = await selling.events()
    assert (await update(selling, "both", name="Continent"))["version"] == 2
    assert await selling.events() == events


@pytest.mark.parametrize(("field", "value"), [("code", "A B"), ("name", " "), ("name", "x" * 201), ("country", "XY")])
async def test_values_that_no_warehouse_can_have(selling: Selling, field: str, value: Any) -> None:
    stored = await selling.rows(STORED)
    given: dict[str, Any] = {"code": "north", "name": "North", "country": "CA", field: value}
    assert (await selling.change(CREATE, {"input": given}))["fields"] == [{"path": ["input", field]}]
    changes: dict[str, Any] = {field: value}
    if field != "code":
        assert (await update(selling, "both", **changes))["fields"] == [{"path": ["input", field]}]
    assert await selling.rows(STORED) == stored


async def test_unknown_ids_and_versions(selling: Selling) -> None:
    for id_ in ("019a0000-0000-7000-8000-000000000000", "nonsense"):
        for mutation in (UPDATE, ARCHIVE, RESTORE):
            missing = await selling.change(mutation, {"id": id_, "input": {"name": "X"}})
            assert (missing["__typename"], missing["path"]) == ("WarehouseNotFound", ["id"])
        channel = await update(selling, "both", channelIds=[selling.channels["us"], id_])
        assert (channel["__typename"], channel["path"]) == ("ChannelNotFound", ["input", "channelIds", "1"])
    conflict = await update(selling, "both", version=3, name="X")
    assert (conflict["__typename"], conflict["current"]) == ("VersionConflict", 1)


async def test_an_empty_warehouse_is_closed_and_opened_again(selling: Selling) -> None:
    east = {"id": selling.warehouses["us-east"]}
    assert await selling.change(ARCHIVE, east) == {"__typename": "WarehouseNotEmpty", "variants": 1, "path": []}
    taken = {"input": at(selling, delta=-5, reason="Moved")}
    await selling.change(ADJUST, taken)
    closed = await selling.change(ARCHIVE, east)
    assert closed == {"__typename": "Warehouse", "archivedAt": "2026-11-22T12:00:00.000000Z", "version": 2}
    assert await selling.change(ARCHIVE, east) == closed
    refused = await selling.change(ADJUST, {"input": at(selling, delta=1, reason="Found")})
    assert (refused["__typename"], refused["path"]) == ("WarehouseClosed", ["input", "warehouseId"])
    assert await selling.change(RESTORE, east) == {"__typename": "Warehouse", "archivedAt": None, "version": 3}
    added = await selling.change(ADJUST, {"input": at(selling, delta=1, reason="Found")})
    assert added["__typename"] == "StockMovement"


async def test_none_is_closed_while_something_is_put_into_it(racing: Selling) -> None:
    place = racing.warehouses["eu-central"]
    await racing.change(ADJUST, {"input": at(racing, "MUG-1-B", "eu-central", delta=-4, reason="Moved")})
    adding = {"input": at(racing, "MUG-1-B", "eu-central", delta=1, reason="Found")}
    changes = [
        racing.change(ADJUST, adding) if number % 4 else racing.change(ARCHIVE, {"id": place}) for number in range(12)
    ]
    await racing.at_once(changes)
    empty = "SELECT sum(on_hand) = 0 FROM inventory.stock WHERE warehouse_id = :id"
    closed = "SELECT archived_at IS NOT NULL FROM inventory.warehouse WHERE id = :id"
    assert await racing.rows(empty, id=place) == await racing.rows(closed, id=place)


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("merchandiser", 403)])
async def test_who_may_not(selling: Selling, role: str | None, status: int) -> None:
    caller = Caller(selling.http, "/admin/graphql", {}) if role is None else admin_caller(selling.http, role=role)
    stored, both = await selling.rows(STORED), selling.warehouses["both"]
    for mutation, given in (
        (CREATE, {"input": {"code": "north", "name": "North", "country": "CA"}}),
        (UPDATE, {"id": both, "input": {"name": "X"}}),
        (ARCHIVE, {"id": both}),
        (RESTORE, {"id": both}),
    ):
        assert (await caller.send(mutation, given)).status_code == status
    assert (await selling.rows(STORED), await selling.audit()) == (stored, [])
