"""Channels as staff open, change and close them."""

import asyncio
from typing import Any

import pytest
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.selling import Selling

from mercer.platform.settings import Settings

CREATE = """mutation ($input: ChannelCreateInput!) { channelCreate(input: $input) {
    __typename
    ... on Channel { id code name currency languages country timeZone taxMode origins isDefault archivedAt version }
    ... on Error { message path }
    ... on InvalidInput { fields { path } }
} }"""
UPDATE = """mutation ($id: ID!, $input: ChannelUpdateInput!, $version: Int) {
    channelUpdate(id: $id, input: $input, version: $version) {
        __typename
        ... on Channel { code name languages taxMode isDefault version }
        ... on Error { path }
        ... on InvalidInput { fields { path } }
        ... on VersionConflict { current }
    } }"""
ARCHIVE = """mutation ($id: ID!, $version: Int) { channelArchive(id: $id, version: $version) {
    __typename ... on Channel { archivedAt version } ... on Error { path } } }"""
RESTORE = """mutation ($id: ID!, $version: Int) { channelRestore(id: $id, version: $version) {
    __typename ... on Channel { archivedAt version } ... on Error { path } } }"""
UK: dict[str, Any] = {
    "code": "uk",
    "name": "United Kingdom",
    "currency": "GBP",
    "languages": ["en"],
    "country": "GB",
    "timeZone": "Europe/London",
    "taxMode": "GROSS",
    "origins": ["https://uk.example"],
}
NOW = "2026-11-22T12:00:00.000000Z"
DEFAULTS = "SELECT code FROM channels.channel WHERE is_default"
STORED = "SELECT * FROM channels.channel ORDER BY code"


async def create(selling: Selling, **given: Any) -> Any:
    return await selling.change(CREATE, {"input": UK | given})


async def update(selling: Selling, code: str, version: int | None = None, **given: Any) -> Any:
    return await selling.change(UPDATE, {"id": selling.channels[code], "input": given, "version": version})


async def test_a_channel_is_open_at_once(selling: Selling) -> None:
    before = await selling.shop.send("{ channel { name } }", x_mercer_channel="uk")
    assert before.status_code == 400
    made = await create(selling)
    id_ = made.pop("id")
    assert made == UK | {"__typename": "Channel", "isDefault": False, "archivedAt": None, "version": 1}
    shown = await selling.shop("{ channel { code currency isTaxIncluded } }", x_mercer_channel="uk")
    assert shown == {"channel": {"code": "uk", "currency": "GBP", "isTaxIncluded": True}}
    [(entity, audited, fields, _)] = await selling.audit()
    assert (entity, audited) == ("Channel", id_)
    assert fields["currency"] == [None, "GBP"]
    assert fields["languages"] == [None, ["en"]]
    assert (await selling.events())[-1] == ("channels.ChannelCreated", {"channel_id": id_})
    assert "catalog" in await selling.tags()


async def test_the_first_channel_is_made_by_staff_and_is_the_default(fresh: Settings) -> None:
    async with calling(fresh) as http:
        made = await admin_caller(http)(CREATE, {"input": UK})
        assert made["channelCreate"]["isDefault"] is True
        assert await shop_caller(http)("{ channel { code } }") == {"channel": {"code": "uk"}}


async def test_changes_are_seen_at_once(selling: Selling) -> None:
    changed = await update(selling, "us", name="States", languages=["en", "es"], taxMode="GROSS")
    assert changed == {
        "__typename": "Channel",
        "code": "us",
        "name": "States",
        "languages": ["en", "es"],
        "taxMode": "GROSS",
        "isDefault": True,
        "version": 2,
    }
    shown = await selling.shop("{ channel { name languages isTaxIncluded } }")
    assert shown == {"channel": {"name": "States", "languages": ["en", "es"], "isTaxIncluded": True}}
    assert await selling.audit() == [
        (
            "Channel",
            selling.channels["us"],
            {
                "name": ["United States", "States"],
                "languages": [["en"], ["en", "es"]],
                "tax_mode": ["net", "gross"],
            },
            None,
        )
    ]
    events = await selling.events()
    assert events[-1] == ("channels.ChannelUpdated", {"channel_id": selling.channels["us"]})
    assert (await update(selling, "us", name="States"))["version"] == 2
    assert await selling.events() == events


async def test_one_is_the_default(selling: Selling) -> None:
    refused = await update(selling, "us", isDefault=False)
    assert (refused["__typename"], refused["path"]) == ("DefaultChannelNeeded", ["input", "isDefault"])
    assert (await update(selling, "eu", isDefault=True))["isDefault"] is True
    assert await selling.shop("{ channel { code } }") == {"channel": {"code": "eu"}}
    assert (await create(selling, isDefault=True))["isDefault"] is True
    assert await selling.rows(DEFAULTS) == [("uk",)]


async def test_a_closed_channel_is_reached_by_nobody_but_staff(selling: Selling) -> None:
    eu = {"id": selling.channels["eu"]}
    assert await selling.change(ARCHIVE, eu) == {"__typename": "Channel", "archivedAt": NOW, "version": 2}
    assert await selling.change(ARCHIVE, eu) == {"__typename": "Channel", "archivedAt": NOW, "version": 2}
    answer = await selling.shop.send("{ channel { code } }", x_mercer_channel="eu")
    assert answer.json()["errors"][0]["extensions"]["code"] == "CHANNEL_UNKNOWN"
    assert await selling.admin('{ channel(code: "eu") { archivedAt } }', x_mercer_channel="eu") == {
        "channel": {"archivedAt": NOW}
    }
    refused = await update(selling, "eu", isDefault=True)
    assert refused["__typename"] == "DefaultChannelNeeded"
    assert await selling.change(RESTORE, eu) == {"__typename": "Channel", "archivedAt": None, "version": 3}
    assert await selling.shop("{ channel { code } }", x_mercer_channel="eu") == {"channel": {"code": "eu"}}
    default = await selling.change(ARCHIVE, {"id": selling.channels["us"]})
    assert default["__typename"] == "DefaultChannelNeeded"
    names = [
        name for name, _ in await selling.events() if name in {"channels.ChannelArchived", "channels.ChannelRestored"}
    ]
    assert names == ["channels.ChannelArchived", "channels.ChannelRestored"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "U K"),
        ("code", "x" * 51),
        ("name", " "),
        ("name", "x" * 201),
        ("name", "a\nb"),
        ("currency", "XXY"),
        ("languages", []),
        ("languages", ["english"]),
        ("languages", ["en", "en"]),
        ("country", "XY"),
        ("timeZone", "../etc/passwd"),
        ("origins", ["https://uk.example/path"]),
        ("origins", ["https://uk.example"] * 51),
    ],
)
async def test_values_that_no_channel_can_have(selling: Selling, field: str, value: Any) -> None:
    stored = await selling.rows(STORED)
    assert (await create(selling, **{field: value}))["fields"] == [{"path": ["input", field]}]
    if field not in {"code", "currency"}:
        assert (await update(selling, "eu", **{field: value}))["fields"] == [{"path": ["input", field]}]
    assert await selling.rows(STORED) == stored


async def test_everything_wrong_is_told_at_once(selling: Selling) -> None:
    wrong = await create(selling, name="", country="", timeZone="")
    assert [fault["path"][1] for fault in wrong["fields"]] == ["name", "country", "timeZone"]


async def test_codes_versions_and_ids(selling: Selling) -> None:
    taken = await create(selling, code="us")
    assert (taken["__typename"], taken["path"]) == ("ChannelCodeTaken", ["input", "code"])
    conflict = await update(selling, "us", version=7, name="X")
    assert (conflict["__typename"], conflict["current"]) == ("VersionConflict", 1)
    for id_ in ("019a0000-0000-7000-8000-000000000000", "nonsense"):
        for mutation in (UPDATE, ARCHIVE, RESTORE):
            missing = await selling.change(mutation, {"id": id_, "input": {"name": "X"}})
            assert (missing["__typename"], missing["path"]) == ("ChannelNotFound", ["id"])


async def test_two_made_default_at_once(racing: Selling) -> None:
    codes = [f"c{number}" for number in range(10)]
    made = await asyncio.gather(*(create(racing, code=code, isDefault=True) for code in codes))
    assert {each["__typename"] for each in made} == {"Channel"}
    assert len(await racing.rows(DEFAULTS)) == 1
    ids = [each["id"] for each in made]
    await asyncio.gather(*(racing.change(UPDATE, {"id": id_, "input": {"isDefault": True}}) for id_ in ids))
    assert len(await racing.rows(DEFAULTS)) == 1


async def test_one_code_once(racing: Selling) -> None:
    made = await asyncio.gather(*(create(racing) for _ in range(10)))
    kinds = [each["__typename"] for each in made]
    assert (kinds.count("Channel"), kinds.count("ChannelCodeTaken")) == (1, 9)


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("merchandiser", 403), ("fulfilment", 403)])
async def test_who_may_not(selling: Selling, role: str | None, status: int) -> None:
    caller = Caller(selling.http, "/admin/graphql", {}) if role is None else admin_caller(selling.http, role=role)
    stored, eu = await selling.rows(STORED), selling.channels["eu"]
    for mutation, given in (
        (CREATE, {"input": UK}),
        (UPDATE, {"id": eu, "input": {"name": "X"}}),
        (ARCHIVE, {"id": eu}),
        (RESTORE, {"id": eu}),
    ):
        assert (await caller.send(mutation, given)).status_code == status
    assert (await selling.rows(STORED), await selling.audit()) == (stored, [])
