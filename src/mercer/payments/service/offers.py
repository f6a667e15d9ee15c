"""The verbs by which channels are told which payments they take."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from mercer.channels.errors import ChannelNotFound, ChannelUnknown
from mercer.channels.service import list_channels
from mercer.payments.errors import PaymentOfferInvalid, ProviderUnavailable
from mercer.payments.models import Offer, OfferTerms
from mercer.payments.providers.registry import PROVIDERS, usable_providers
from mercer.payments.queries import offers as queries
from mercer.payments.rules.checks import check_position
from mercer.platform.context import Context
from mercer.platform.errors import InvalidValue
from mercer.platform.scopes import check_scope
from mercer.values.stored import Stored


async def store_offers(context: Context, *, offers: Sequence[OfferTerms]) -> Stored:
    """Say which payments channels take, by channel and provider; of the same the last one counts.

    One that is faulty refuses all. Raises `ChannelUnknown`, `PaymentOfferInvalid`.
    """
    channels = {channel.code: channel.id for channel in await list_channels(context)}
    given = {(offer.channel, offer.provider): offer for offer in offers}
    for offer in given.values():
        if offer.channel not in channels:
            raise ChannelUnknown(channel=offer.channel)
        _check(offer)
    known = await queries.find_offers(context.db, sorted(channels.values()), is_changed=True)
    created = updated = 0
    for offer in given.values():
        wanted = Offer(
            channel_id=channels[offer.channel],
            provider=offer.provider,
            capture=offer.capture,
            is_active=offer.is_active,
            position=offer.position,
        )
        _, before = known.get((wanted.channel_id, wanted.provider), (None, None))
        if before == wanted:
            continue
        await queries.write_offer(context.db, wanted)
        created += before is None
        updated += before is not None
    return Stored(created=created, updated=updated, unchanged=len(given) - created - updated)


async def set_offer(context: Context, *, offer: Offer) -> UUID:
    """Say whether and how a channel takes payments by a provider. Returns the offer's id.

    Raises `ChannelNotFound`, `ScopeExceeded`, `ProviderUnavailable`, `PositionInvalid`.
    """
    check_position(offer.position)
    if offer.provider not in usable_providers(context.settings):
        raise ProviderUnavailable(provider=offer.provider[:100])
    if all(channel.id != offer.channel_id for channel in await list_channels(context)):
        raise ChannelNotFound(id=offer.channel_id)
    check_scope(context, "payments.manage", channel_id=offer.channel_id, amount=0)
    known = await queries.find_offers(context.db, [offer.channel_id], is_changed=True)
    _, before = known.get((offer.channel_id, offer.provider), (None, None))
    offer_id = await queries.write_offer(context.db, offer)
    was = asdict(before) if before else {}
    changed = {
        name: (was.get(name), value) for name, value in asdict(offer).items() if name not in {"channel_id", "provider"}
    }
    context.record("PaymentOffer", offer_id, changed)
    return offer_id


async def list_providers(context: Context, *, channel_id: UUID) -> tuple[str, ...]:
    """The codes of the providers by which a channel takes payments, in its order."""
    found = await queries.find_offers(context.db, [channel_id])
    usable = usable_providers(context.settings)
    return tuple(offer.provider for _, offer in found.values() if offer.is_active and offer.provider in usable)


def _check(offer: OfferTerms) -> None:
    """Raise `PaymentOfferInvalid`."""
    if offer.provider not in PROVIDERS:
        raise PaymentOfferInvalid(provider=offer.provider, field="provider")
    try:
        check_position(offer.position)
    except InvalidValue:
        raise PaymentOfferInvalid(provider=offer.provider, field="position") from None
