"""The sums."""

from dataclasses import replace

from mercer.totals.models import NOTHING
from mercer.totals.rules.pricing import Pricing, all_within, within


def totals(pricing: Pricing) -> Pricing:
    """Lines and delivery added up: nothing is rounded any more. Raises `TotalTooLarge`."""
    charges = (*pricing.lines, *(() if pricing.shipping is None else (pricing.shipping,)))
    subtotal = sum((line.total for line in pricing.lines), NOTHING)
    shipping_total = NOTHING if pricing.shipping is None else pricing.shipping.total
    return replace(
        pricing,
        subtotal=subtotal,
        shipping_total=shipping_total,
        discount_total=within(sum(charge.discount for charge in charges)),
        total=all_within(subtotal + shipping_total),
    )
