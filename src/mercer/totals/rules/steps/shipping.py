"""What delivery costs, as its method says."""

from dataclasses import replace

from mercer.totals.rules.pricing import Pricing, within


def shipping(pricing: Pricing) -> Pricing:
    """Delivery costs what the chosen method asks for. Raises `TotalTooLarge`."""
    if pricing.shipping is None:
        return pricing
    amount = within(pricing.shipping.amount)
    return replace(pricing, shipping=pricing.shipping.noted(amount, rule="shipping", why="the chosen method"))
