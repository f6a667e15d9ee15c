"""What a price may be."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from mercer.pricing.errors import BeforeAmountInvalid, PriceWindowInvalid
from mercer.pricing.models import Price, PriceChange, StoredPrice
from mercer.values.amounts import check_amount

MOST_PRICES = 250
"""How many prices staff write at once."""
MOST_WINDOWS = 100
"""How many prices of a variant in a channel may be scheduled."""


def check_price(price: Price) -> None:
    """Raise `AmountInvalid` or `BeforeAmountInvalid` if the price cannot be asked."""
    for amount in (price.amount, price.before_amount):
        if amount is not None:
            check_amount(amount)
    if price.before_amount is not None and (price.amount is None or price.before_amount <= price.amount):
        raise BeforeAmountInvalid(amount=price.amount, before_amount=price.before_amount)


def placed(change: PriceChange, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when until when a price is to hold; from None the usual one. Raises `PriceWindowInvalid`."""
    if change.valid_until is None:
        return change.valid_from, None
    begins = change.valid_from or now
    if change.valid_until <= max(begins, now):
        raise PriceWindowInvalid
    return begins, change.valid_until


def overlaps(windows: Mapping[datetime, StoredPrice]) -> list[tuple[datetime, datetime]]:
    """The windows, by when they begin, that begin before the one before them has ended."""
    in_order = sorted(windows)
    return [
        (earlier, later)
        for earlier, later in pairwise(in_order)
        if (ends := windows[earlier].valid_until) is None or ends > later
    ]
