"""Publications in some channels: staff whose permission goes no further publish nowhere else."""

from typing import Any

import pytest
from tests.bounded_staff import codes, in_channels, somebody
from tests.selling import Selling

ONE = "mutation ($ids: [ID!]!, $channels: [ID!]!) { productsPublish(ids: $ids, channelIds: $channels) { %s } }"
OFF = "mutation ($ids: [ID!]!, $channels: [ID!]!) { productsUnpublish(ids: $ids, channelIds: $channels) { %s } }"
SHOWN = "... on ProductsChanged { products { id } refused { code } } ... on Error { code }"
STANDING = "SELECT product_id, channel_id, status FROM catalog.publication ORDER BY 1, 2"
BEYOND = ("FORBIDDEN", "This needs the permission products.publish; yours is limited by channel.")


@pytest.mark.parametrize("document", [ONE, OFF])
async def test_one_other_channel_refuses_all(selling: Selling, document: str) -> None:
    bounds = {"products.publish": in_channels(selling.channels["eu"])}
    caller = somebody(selling.settings, selling.http, "products.publish", bounds=bounds)
    ids, before = list(selling.products.values())[:2], await selling.rows(STANDING)

    async def send(*channels: str) -> Any:
        given = {"ids": ids, "channels": [selling.channels[each] for each in channels]}
        return await caller.send(document % SHOWN, given)

    for channels in (("us",), ("eu", "us")):
        assert codes(await send(*channels)) == [BEYOND]
    assert await selling.rows(STANDING) == before
    for own in ([], ["eu"]):
        [done] = (await send(*own)).json()["data"].values()
        assert [each["id"] for each in done["products"]] == ids
