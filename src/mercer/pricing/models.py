"""The prices' nouns."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a variant costs in a channel, in minor units of the channel's currency."""

    sku: str
    channel: str
    """The channel's code."""
    amount: int | None
    """None: it has no price there, and one stored before is removed."""
    before_amount: int | None = None
    """The higher, struck-out price beside it."""
