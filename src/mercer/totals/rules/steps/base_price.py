"""The first step: what a line costs by the price it came with."""

from dataclasses import replace

from mercer.totals.rules.pricing import Pricing


def base_price(pricing: Pricing) -> Pricing:
    """Each line costs its quantity times the price of one. Raises `TotalTooLarge`."""
    return replace(
        pricing,
        lines=tuple(
            line.repriced(line.unit_amount, rule="base_price", why=f"{line.quantity} x {line.unit_amount}")
            for line in pricing.lines
        ),
    )
