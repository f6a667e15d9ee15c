"""A channel begins to speak a language: products are found and sorted in it."""

from tests.callers import admin_caller, calling, shop_caller
from tests.factories.shop import a_shop
from tests.fixtures import writing
from tests.working import work_off

from mercer.platform.settings import Settings

SPEAK = """mutation ($id: ID!) {
    channelUpdate(id: $id, input: {languages: ["de", "en", "fr"]}) { ... on Channel { languages } }
}"""
FOUND = '{ products(search: "steel", sort: {field: NAME, direction: ASC}) { totalCount } }'


async def test_products_are_found_in_a_language_that_a_channel_begins_to_speak(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await a_shop(context)
    async with calling(fresh) as http:
        staff = admin_caller(http)
        channel = (await staff('{ channel(code: "eu") { id } }'))["channel"]["id"]
        changed = await staff(SPEAK, {"id": channel})
        await work_off(fresh)
        shop = shop_caller(http, **{"X-Mercer-Channel": "eu"})
        found = {
            language: (await shop(FOUND, accept_language=language))["products"]["totalCount"]
            for language in ("en", "fr")
        }

    assert changed["channelUpdate"]["languages"] == ["de", "en", "fr"]
    assert found["fr"] == found["en"] > 0
