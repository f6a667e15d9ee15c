"""How the demonstration shop trades, in the words of the modules that store it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from mercer.demo import content
from mercer.demo.models import DemoArea, DemoMethod, DemoTier
from mercer.payments.models import OfferTerms
from mercer.shipping.models import ShippingMethod, ShippingZone, Tier
from mercer.tax.models import TaxZone, ZoneRate
from mercer.values.currency import to_minor
from mercer.values.places import Area

_CLASSES = ("standard", "reduced")


def tax_zones() -> list[TaxZone]:
    """Where taxes hold, outside the European Union."""
    return [TaxZone(code=each.code, name=each.name, areas=_areas(each.areas)) for each in content.trade().tax_zones]


def tax_rates() -> list[ZoneRate]:
    """The taxes there, for each class of goods."""
    return [
        ZoneRate(
            zone=zone.code,
            tax_class=tax_class,
            name=rate.name,
            rate=getattr(rate, tax_class),
            begins_at=_midnight(rate.begins_on),
            ends_at=_midnight(rate.ends_on),
        )
        for zone in content.trade().tax_zones
        for rate in zone.rates
        for tax_class in _CLASSES
    ]


def tax_classes() -> dict[str, list[str]]:
    """The slugs of the products that are of another class than the default, by class."""
    found: dict[str, list[str]] = {}
    for product in content.products():
        if product.tax_class != "standard":
            found.setdefault(product.tax_class, []).append(product.slug)
    return found


def shipping_zones() -> list[ShippingZone]:
    """Where is shipped to."""
    return [
        ShippingZone(code=each.code, name=each.name, areas=_areas(each.areas), channels=each.channels)
        for each in content.trade().shipping_zones
    ]


def shipping_methods() -> list[ShippingMethod]:
    """The ways of delivery there."""
    return [
        _method(zone.code, method, position)
        for zone in content.trade().shipping_zones
        for position, method in enumerate(zone.methods)
    ]


def offers() -> list[OfferTerms]:
    """How each channel is paid."""
    return [
        OfferTerms(channel=channel.code, provider=payment.provider, position=payment.position)
        for channel in content.shop().channels
        for payment in content.trade().payments
    ]


def _areas(areas: Sequence[DemoArea]) -> list[Area]:
    return [
        Area(country=each.country, region=each.region, postal_from=each.postal_from, postal_to=each.postal_to)
        for each in areas
    ]


def _method(zone: str, method: DemoMethod, position: int) -> ShippingMethod:
    currency = next(each.currency for each in content.shop().channels if each.code == method.channel)
    return ShippingMethod(
        zone=zone,
        channel=method.channel,
        code=method.code,
        name=method.name.en,
        name_translations=method.name.translations,
        description=method.description.en,
        description_translations=method.description.translations,
        carrier=method.carrier,
        basis=method.basis,
        amount=_minor(method.amount, currency),
        tiers=[_tier(each, currency) for each in method.tiers],
        free_from=_minor(method.free_from, currency),
        least_weight_grams=method.least_weight_grams,
        most_weight_grams=method.most_weight_grams,
        position=position,
    )


def _tier(tier: DemoTier, currency: str) -> Tier:
    starts_at = tier.from_weight_grams if tier.from_value is None else _minor(tier.from_value, currency)
    amount = _minor(tier.amount, currency)
    assert starts_at is not None
    assert amount is not None
    return Tier(starts_at=starts_at, amount=amount)


def _minor(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else to_minor(amount, currency)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
