"""How amounts are rounded and spread. Integers throughout: nothing is rounded unseen."""

from collections.abc import Sequence
from typing import Protocol, Self


class _Ordered(Protocol):
    def __lt__(self, other: Self, /) -> bool: ...


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number; of two equally near ones the larger. The denominator is positive."""
    return (2 * numerator + denominator) // (2 * denominator)


def spread(amount: int, weights: Sequence[int], *, ties: Sequence[_Ordered] | None = None) -> tuple[int, ...]:
    """Split `amount` in proportion to `weights`, without a rest: the largest remainders get one more each.

    Among equal remainders the smaller of `ties` comes first; without them, who stands first. No share exceeds its
    weight as long as `amount` does not exceed their sum. Raises ValueError if something is to be split by no weight.
    """
    whole = sum(weights)
    if not whole:
        if amount:
            raise ValueError("There is nothing to spread an amount over.")
        return (0,) * len(weights)
    if len(weights) == 1:
        return (amount,)
    shares = [amount * weight // whole for weight in weights]
    remainders = [amount * weight % whole for weight in weights]
    order: Sequence[_Ordered] = range(len(weights)) if ties is None else ties
    by_tie = sorted(range(len(weights)), key=order.__getitem__)
    for index in sorted(by_tie, key=lambda index: -remainders[index])[: amount - sum(shares)]:
        shares[index] += 1
    return tuple(shares)
