"""Publishing, unpublishing, archiving and restoring products, one or many: those of a call are locked in one order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import ProductIsArchived, ProductNotFound
from mercer.catalog.events import (
    ProductArchived,
    ProductPublished,
    ProductRestored,
    ProductScheduled,
    ProductUnpublished,
)
from mercer.catalog.models import Outcomes, Refusal
from mercer.catalog.queries import publications as queries
from mercer.catalog.queries import rows
from mercer.catalog.queries.publications import Place
from mercer.catalog.queries.rows import Row
from mercer.catalog.rules.changes import distinct
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.publishing import Standing, moments, published, unpublished
from mercer.catalog.service.outdating import outdate_products
from mercer.channels.errors import ChannelNotFound
from mercer.channels.models import Channel
from mercer.channels.service import list_channels
from mercer.platform.context import Context
from mercer.platform.scopes import check_channels

BATCH = 1_000
"""How many moments are announced in one transaction."""


async def publish_products(
    context: Context,
    *,
    ids: Sequence[UUID],
    channel_ids: Sequence[UUID],
    publish_at: datetime | None = None,
    unpublish_at: datetime | None = None,
) -> Outcomes:
    """Let products be seen in channels from then until then: without times from now on and without an end.

    Raises `ChannelNotFound`, `ScopeExceeded`, `PublicationTimesInvalid`, `InvalidInput`. Refused are unknown and
    archived products.
    """
    _check_named(ids, channel_ids)
    times = {"publish_at": publish_at, "unpublish_at": unpublish_at}
    published(None, publish_at=publish_at, unpublish_at=unpublish_at, now=context.now)
    found, refused = await _lock(context, ids, refuse_archived=True)
    channels = await _find_channels(context, channel_ids)
    before = await queries.load_standing(context.db, found, channel_ids)
    after = {
        (id, channel): published(before.get((id, channel)), **times, now=context.now)
        for id in found
        for channel in channel_ids
    }
    await _write(context, before, after, channels)
    return Outcomes(done=list(found), refused=refused)


async def unpublish_products(
    context: Context, *, ids: Sequence[UUID], channel_ids: Sequence[UUID], at: datetime | None = None
) -> Outcomes:
    """Let products be seen in channels no longer, at once or from then on.

    Raises `ChannelNotFound`, `ScopeExceeded`, `InvalidInput`. Refused are unknown and archived products.
    """
    _check_named(ids, channel_ids)
    found, refused = await _lock(context, ids, refuse_archived=True)
    channels = await _find_channels(context, channel_ids)
    before = await queries.load_standing(context.db, found, channel_ids)
    after = {place: unpublished(each, at=at, now=context.now) for place, each in before.items()}
    await _write(context, before, after, channels)
    return Outcomes(done=list(found), refused=refused)


async def archive_products(context: Context, *, ids: Sequence[UUID]) -> Outcomes:
    """Let products be seen nowhere any more. Repeated, it changes nothing. Raises `InvalidInput`."""
    _check_named(ids, ())
    found, refused = await _lock(context, ids)
    changed = {id: row for id, row in found.items() if row["archived_at"] is None}
    if changed:
        before = await queries.archive(context.db, list(changed))
        await _write_archived(context, changed, archived_at=context.now)
        for id in changed:
            context.announce(ProductArchived(product_id=id))
        _announce(context, before, {})
    return Outcomes(done=list(found), refused=refused)


async def restore_products(context: Context, *, ids: Sequence[UUID]) -> Outcomes:
    """Let products stand where they stood before they were archived. Repeated, it changes nothing.

    Raises `InvalidInput`.
    """
    _check_named(ids, ())
    found, refused = await _lock(context, ids)
    changed = {id: row for id, row in found.items() if row["archived_at"] is not None}
    if changed:
        after = await queries.restore(context.db, list(changed), now=context.now)
        await _write_archived(context, changed, archived_at=None)
        for id in changed:
            context.announce(ProductRestored(product_id=id))
        _announce(context, {}, after)
    return Outcomes(done=list(found), refused=refused)


async def announce_moments(context: Context) -> bool:
    """Tell which products began or ended to be seen since this was last done. Says whether there is more to tell."""
    passed = await queries.pass_moments(context.db, now=context.now, limit=BATCH)
    for each in passed:
        for has_begun in moments(each.publish_at, each.unpublish_at, since=each.since, now=context.now):
            fact = ProductPublished if has_begun else ProductUnpublished
            context.announce(fact(product_id=each.product_id, channel_id=each.channel_id))
    outdate_products(context, product_ids={each.product_id for each in passed})
    return len(passed) == BATCH


def _check_named(ids: Sequence[UUID], channel_ids: Sequence[UUID]) -> None:
    faults = Faults()
    faults.check(("ids",), distinct, ids)
    faults.check(("channel_ids",), distinct, channel_ids)
    faults.refuse()


async def _lock(
    context: Context, ids: Sequence[UUID], *, refuse_archived: bool = False
) -> tuple[dict[UUID, Row], list[Refusal]]:
    """The products' rows in the order in which they are named, and which of them are refused."""
    there = await rows.lock_many(context.db, tables.product, ids)
    found, refused = dict[UUID, Row](), list[Refusal]()
    for id in ids:
        if id not in there:
            refused.append(Refusal(id=id, error=ProductNotFound(id=id)))
        elif refuse_archived and there[id]["archived_at"] is not None:
            refused.append(Refusal(id=id, error=ProductIsArchived()))
        else:
            found[id] = there[id]
    return found, refused


async def _find_channels(context: Context, channel_ids: Sequence[UUID]) -> dict[UUID, Channel]:
    """All channels, after a look at those named. Raises `ChannelNotFound`, `ScopeExceeded`."""
    channels = {channel.id: channel for channel in await list_channels(context)}
    for place, id in enumerate(channel_ids):
        if id not in channels:
            raise ChannelNotFound(id=id).at("channel_ids", str(place))
    check_channels(context, "products.publish", channel_ids)
    return channels


async def _write(
    context: Context,
    before: Mapping[Place, Standing],
    after: Mapping[Place, Standing],
    channels: Mapping[UUID, Channel],
) -> None:
    changed = {place: each for place, each in after.items() if before.get(place) != each}
    if not changed:
        return
    await queries.write_standing(context.db, changed, now=context.now)
    products = list(dict.fromkeys(product for product, _ in changed))
    await rows.update_each(context.db, tables.product, products, {"updated_at": context.now}, is_version_kept=True)
    for product in products:
        fields = {
            f"publications.{channels[channel].code}": (before.get((product, channel)), each)
            for (other, channel), each in changed.items()
            if other == product
        }
        context.record("Product", product, fields)
    _announce(context, {place: each for place, each in before.items() if place in changed}, changed)
    for product, channel in (place for place, each in changed.items() if each.changes_at(context.now)):
        context.announce(ProductScheduled(product_id=product, channel_id=channel))
    outdate_products(context, product_ids=products)


def _announce(context: Context, before: Mapping[Place, Standing], after: Mapping[Place, Standing]) -> None:
    """Tell of what begins or ends to be seen now. What is missing before or after is not seen then."""
    for place in dict.fromkeys((*before, *after)):
        was_seen = place in before and before[place].is_seen(context.now)
        is_seen = place in after and after[place].is_seen(context.now)
        if is_seen != was_seen:
            fact = ProductPublished if is_seen else ProductUnpublished
            context.announce(fact(product_id=place[0], channel_id=place[1]))


async def _write_archived(context: Context, products: Mapping[UUID, Row], *, archived_at: datetime | None) -> None:
    values = {"archived_at": archived_at, "updated_at": context.now}
    await rows.update_each(context.db, tables.product, list(products), values)
    for id, row in products.items():
        context.record("Product", id, {"archived_at": (row["archived_at"], archived_at)})
    outdate_products(context, product_ids=products)
