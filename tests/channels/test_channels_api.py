"""The channel of a request."""

import pytest
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.fixtures import Known

from mercer.platform.settings import Settings

CHANNEL = "{ channel { code name currency languages country timeZone isTaxIncluded } }"


async def test_the_default_channel(shop: Caller) -> None:
    us = {
        "code": "us",
        "name": "United States",
        "currency": "USD",
        "languages": ["en"],
        "country": "US",
        "timeZone": "America/New_York",
        "isTaxIncluded": False,
    }
    assert await shop(CHANNEL) == await shop(CHANNEL, x_mercer_channel="us") == {"channel": us}


async def test_the_channel_that_the_header_names(shop: Caller) -> None:
    assert await shop(CHANNEL, x_mercer_channel="eu") == {
        "channel": {
            "code": "eu",
            "name": "Europe",
            "currency": "EUR",
            "languages": ["de", "en"],
            "country": "DE",
            "timeZone": "Europe/Berlin",
            "isTaxIncluded": True,
        }
    }


@pytest.mark.parametrize("code", ["", "EU", "nowhere", "us,eu", "x" * 5_000, "'; --"])
async def test_an_unknown_channel_is_refused(shop: Caller, admin: Caller, code: str) -> None:
    for caller in (shop, admin):
        answer = await caller.send("{ __typename }", x_mercer_channel=code)
        [error] = answer.json()["errors"]
        assert answer.status_code == 400
        assert (error["message"], error["extensions"]["code"]) == ("No such channel.", "CHANNEL_UNKNOWN")


async def test_a_shop_without_channels_says_so_to_all_but_staff(fresh: Settings) -> None:
    async with calling(fresh) as http:
        answer = await shop_caller(http).send("{ __typename }")
        [error] = answer.json()["errors"]
        assert answer.status_code == 400
        assert (error["message"], error["extensions"]["code"]) == ("The shop has no channel yet.", "CHANNEL_UNKNOWN")
        assert await admin_caller(http)("{ channels { totalCount } products { nodes { name } } }") == {
            "channels": {"totalCount": 0},
            "products": {"nodes": []},
        }


async def test_staff_see_all_channels(admin: Caller, known: Known) -> None:
    query = """query ($id: ID) {
        channels(sort: {field: CODE, direction: DESC}) { nodes { code taxMode origins isDefault createdAt } totalCount }
        channel(id: $id) { id code }
        byCode: channel(code: "eu") { id }
        none: channel(code: "nowhere") { id }
    }"""
    found = await admin(query, {"id": known.channels["eu"]})
    for channel in found["channels"]["nodes"]:
        assert channel.pop("createdAt").endswith("Z")
    assert found == {
        "channels": {
            "nodes": [
                {"code": "us", "taxMode": "NET", "origins": [], "isDefault": True},
                {"code": "eu", "taxMode": "GROSS", "origins": ["https://shop.example"], "isDefault": False},
            ],
            "totalCount": 2,
        },
        "channel": {"id": known.channels["eu"], "code": "eu"},
        "byCode": {"id": known.channels["eu"]},
        "none": None,
    }
