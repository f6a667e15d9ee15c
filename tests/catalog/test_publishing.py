"""When products are seen: publishing, schedules, the archive, and what is announced of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.catalog.noted import NOBODY, announced, audited, fetch, id_of, outdated
from tests.factories.shop import NOW, mug, published

from mercer.catalog import errors
from mercer.catalog.jobs import announce_publications
from mercer.catalog.models import PublicationStatus
from mercer.catalog.rules.publishing import Standing
from mercer.catalog.service import (
    announce_moments,
    archive_products,
    publish_products,
    publishing,
    restore_products,
    store_products,
    unpublish_products,
)
from mercer.channels.errors import ChannelNotFound
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, InvalidInput
from mercer.platform.transactions import transaction

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
STANDING = """
    SELECT c.code, p.status, p.publish_at, p.unpublish_at, p.changes_at
    FROM catalog.publication p JOIN channels.channel c ON c.id = p.channel_id
    WHERE p.product_id = :id ORDER BY c.code
"""


async def publish(context: Context, *slugs: str, channels: tuple[str, ...] = ("us",), **times: datetime) -> Any:
    ids = [await id_of(context, "product", slug) for slug in slugs]
    channel_ids = [await id_of(context, "channel", code) for code in channels]
    async with transaction(context) as inner:
        return await publish_products(inner, ids=ids, channel_ids=channel_ids, **times)


async def unpublish(context: Context, slug: str, at: datetime | None = None) -> None:
    id, us = await id_of(context, "product", slug), await id_of(context, "channel", "us")
    async with transaction(context) as inner:
        await unpublish_products(inner, ids=[id], channel_ids=[us], at=at)


async def tick(context: Context, now: datetime) -> bool:
    async with transaction(replace(context, now=now)) as inner:
        return await announce_moments(inner)


async def standing(context: Context, slug: str) -> list[tuple[Any, ...]]:
    return await fetch(context, STANDING, id=await id_of(context, "product", slug))


async def test_published_at_once_in_several_channels(catalogue: Context) -> None:
    await publish(catalogue, "draft-mug", channels=("us", "eu"))
    seen = ("published", NOW, None, None)
    assert await standing(catalogue, "draft-mug") == [("eu", *seen), ("us", *seen)]
    assert await announced(catalogue) == ["ProductPublished"] * 2
    before = {"status": "draft", "publish_at": "2026-11-21T12:00:00Z", "unpublish_at": None}
    after = {"status": "published", "publish_at": "2026-11-22T12:00:00Z", "unpublish_at": None}
    assert await audited(catalogue) == [
        ("Product", {"publications.us": [before, after], "publications.eu": [None, after]})
    ]
    assert await outdated(catalogue) == {"products", f"product:{await id_of(catalogue, 'product', 'draft-mug')}"}


async def test_what_is_seen_keeps_its_time_and_repeating_changes_nothing(catalogue: Context) -> None:
    await publish(catalogue, "steel-mug")
    assert await standing(catalogue, "steel-mug") == [
        ("eu", "published", NOW - timedelta(days=3), None, None),
        ("us", "published", NOW - timedelta(days=3), None, None),
    ]
    assert (await announced(catalogue), await audited(catalogue)) == ([], [])


async def test_a_schedule_is_announced_when_it_comes_to_pass(catalogue: Context) -> None:
    await publish(catalogue, "draft-mug", publish_at=SOON, unpublish_at=LATER)
    assert await standing(catalogue, "draft-mug") == [("us", "published", SOON, LATER, SOON)]
    assert await announced(catalogue) == ["ProductScheduled"]
    assert await tick(catalogue, SOON - timedelta(microseconds=1)) is False
    assert await announced(catalogue) == ["ProductScheduled"]
    await tick(catalogue, SOON)
    await tick(catalogue, SOON + timedelta(minutes=1))
    assert await announced(catalogue) == ["ProductScheduled", "ProductPublished"]
    await tick(catalogue, LATER)
    await tick(catalogue, LATER)
    assert await announced(catalogue) == ["ProductScheduled", "ProductPublished", "ProductUnpublished"]
    assert (await standing(catalogue, "draft-mug"))[0][4] is None
    assert await outdated(catalogue) == {"products", f"product:{await id_of(catalogue, 'product', 'draft-mug')}"}


async def test_after_a_pause_all_that_came_to_pass_is_announced_in_its_order(catalogue: Context) -> None:
    await publish(catalogue, "draft-mug", publish_at=SOON, unpublish_at=LATER)
    await publish(catalogue, "clay-cup", unpublish_at=SOON + timedelta(minutes=1))
    await tick(catalogue, NOW + timedelta(days=3))
    draft, clay = [str(await id_of(catalogue, "product", slug)) for slug in ("draft-mug", "clay-cup")]
    facts = await fetch(catalogue, "SELECT name, payload->>'product_id' FROM platform.outbox ORDER BY id OFFSET 2")
    future = str(await id_of(catalogue, "product", "future-mug"))
    assert [(name.split(".")[1], id) for name, id in facts] == [
        ("ProductPublished", draft),
        ("ProductUnpublished", draft),
        ("ProductUnpublished", clay),
        ("ProductPublished", future),
    ]


async def test_what_is_unscheduled_in_time_is_not_announced(catalogue: Context) -> None:
    await publish(catalogue, "draft-mug", publish_at=SOON)
    await unpublish(catalogue, "draft-mug")
    await tick(catalogue, LATER)
    assert await announced(catalogue) == ["ProductScheduled"]
    assert await standing(catalogue, "draft-mug") == [("us", "draft", SOON, None, None)]


async def test_what_is_more_than_a_batch_is_left_to_another_job(
    catalogue: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "BATCH", 1)
    await publish(catalogue, "draft-mug", "archived-mug", publish_at=SOON)
    async with transaction(replace(catalogue, now=SOON)) as context:
        await announce_publications.run(context)
        assert [each.job for each in context.effects.jobs] == [announce_publications]
    assert await announced(catalogue) == ["ProductScheduled", "ProductScheduled", "ProductPublished"]


async def test_imported_schedules_are_announced_too(catalogue: Context) -> None:
    async with transaction(catalogue) as context:
        await store_products(context, products=[mug("Imported", "IMP-1", publications={"us": published(-1)})])
    await tick(catalogue, NOW + timedelta(hours=23))
    assert await announced(catalogue) == ["ProductsStored"]
    await tick(catalogue, NOW + timedelta(days=2))
    assert sorted(await announced(catalogue)) == ["ProductPublished", "ProductPublished", "ProductsStored"]


async def test_unpublished_at_once_or_from_then_on(catalogue: Context) -> None:
    await unpublish(catalogue, "clay-cup", at=SOON)
    assert (await standing(catalogue, "clay-cup"))[1][1:] == ("published", NOW - timedelta(days=1), SOON, SOON)
    await unpublish(catalogue, "clay-cup")
    assert (await standing(catalogue, "clay-cup"))[1][1:] == ("draft", NOW - timedelta(days=1), None, None)
    await unpublish(catalogue, "clay-cup")
    assert await announced(catalogue) == ["ProductScheduled", "ProductUnpublished"]


async def test_an_archived_product_is_seen_nowhere_and_restored_as_it_was(catalogue: Context) -> None:
    ids = [await id_of(catalogue, "product", slug) for slug in ("steel-mug", "draft-mug", "future-mug")]
    before = [await standing(catalogue, slug) for slug in ("steel-mug", "draft-mug", "future-mug")]
    async with transaction(catalogue) as context:
        assert (await archive_products(context, ids=ids)).done == ids
    states = "SELECT DISTINCT status, changes_at FROM catalog.publication WHERE product_id = ANY(:ids)"
    assert await fetch(catalogue, states, ids=ids) == [("archived", None)]
    assert await announced(catalogue) == ["ProductArchived"] * 3 + ["ProductUnpublished"] * 2
    async with transaction(catalogue) as context:
        assert (await archive_products(context, ids=ids)).done == ids
    await tick(catalogue, NOW + timedelta(days=2))
    assert len(await announced(catalogue)) == 5
    async with transaction(catalogue) as context:
        await restore_products(context, ids=ids)
    assert [await standing(catalogue, slug) for slug in ("steel-mug", "draft-mug", "future-mug")] == before
    assert (await announced(catalogue))[5:] == ["ProductRestored"] * 3 + ["ProductPublished"] * 2
    rows = "SELECT archived_at, version FROM catalog.product WHERE id = ANY(:ids)"
    assert await fetch(catalogue, rows, ids=ids) == [(None, 3)] * 3


async def test_an_import_does_not_bring_an_archived_product_back(catalogue: Context) -> None:
    id = await id_of(catalogue, "product", "clay-cup")
    async with transaction(catalogue) as context:
        await archive_products(context, ids=[id])
    clay = mug("Clay Cup", "CLAY-1", publications={"us": published(4), "eu": published(status=PublicationStatus.DRAFT)})
    async with transaction(catalogue) as context:
        await store_products(context, products=[clay])
    assert [row[1] for row in await standing(catalogue, "clay-cup")] == ["archived", "archived"]
    async with transaction(catalogue) as context:
        assert (await store_products(context, products=[clay])).unchanged == 1
        await restore_products(context, ids=[id])
    assert [row[:3] for row in await standing(catalogue, "clay-cup")] == [
        ("eu", "draft", NOW - timedelta(days=1)),
        ("us", "published", NOW - timedelta(days=4)),
    ]


async def test_archived_and_unknown_products_are_refused_one_by_one(catalogue: Context) -> None:
    archived, clay = await id_of(catalogue, "product", "steel-mug"), await id_of(catalogue, "product", "clay-cup")
    us = await id_of(catalogue, "channel", "us")
    async with transaction(catalogue) as context:
        await archive_products(context, ids=[archived])
        outcomes = await publish_products(context, ids=[archived, NOBODY, clay], channel_ids=[us], unpublish_at=SOON)
    assert outcomes.done == [clay]
    assert [(each.id, type(each.error)) for each in outcomes.refused] == [
        (archived, errors.ProductIsArchived),
        (NOBODY, errors.ProductNotFound),
    ]
    assert (await standing(catalogue, "steel-mug"))[1][1] == "archived"
    assert (await standing(catalogue, "clay-cup"))[1][3] == SOON


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"channel_ids": [NOBODY]}, ChannelNotFound),
        ({"unpublish_at": NOW}, errors.PublicationTimesInvalid),
        ({"publish_at": LATER, "unpublish_at": SOON}, errors.PublicationTimesInvalid),
        ({"ids": [NOBODY] * 2}, InvalidInput),
        ({"ids": [UUID(int=each) for each in range(251)]}, InvalidInput),
        ({"channel_ids": [NOBODY] * 2}, InvalidInput),
    ],
)
async def test_nonsense_is_refused(catalogue: Context, given: dict[str, Any], error: type[DomainError]) -> None:
    id, us = await id_of(catalogue, "product", "clay-cup"), await id_of(catalogue, "channel", "us")
    before = await standing(catalogue, "clay-cup")
    with pytest.raises(error):
        async with transaction(catalogue) as context:
            await publish_products(context, **{"ids": [id], "channel_ids": [us], **given})
    assert await standing(catalogue, "clay-cup") == before


@pytest.mark.parametrize(
    ("status", "starts", "ends", "is_seen", "changes"),
    [
        ("published", -1, None, True, None),
        ("published", 0, 1, True, 1),
        ("published", -1, 0, False, None),
        ("published", 1, 2, False, 1),
        ("published", -2, -1, False, None),
        ("draft", -1, 1, False, None),
        ("archived", 1, None, False, None),
    ],
)
def test_when_a_product_is_seen(
    *, status: str, starts: int, ends: int | None, is_seen: bool, changes: int | None
) -> None:
    def at(hours: int | None) -> datetime | None:
        return None if hours is None else NOW + timedelta(hours=hours)

    start = at(starts)
    assert start is not None
    place = Standing(status=PublicationStatus(status), publish_at=start, unpublish_at=at(ends))
    assert (place.is_seen(NOW), place.changes_at(NOW)) == (is_seen, at(changes))
