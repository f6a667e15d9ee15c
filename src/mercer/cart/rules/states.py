"""What may become of a cart."""

from collections.abc import Mapping
from types import MappingProxyType

from mercer.cart.errors import CartConverted, CartExpired, CartNotFound
from mercer.cart.models import CartState
from mercer.platform.errors import DomainError

TRANSITIONS: Mapping[CartState, frozenset[CartState]] = MappingProxyType(
    {
        CartState.ACTIVE: frozenset({CartState.CONVERTED, CartState.MERGED, CartState.EXPIRED}),
        CartState.CONVERTED: frozenset(),
        CartState.MERGED: frozenset(),
        CartState.EXPIRED: frozenset(),
    }
)

_ENDED: Mapping[CartState, type[DomainError]] = MappingProxyType(
    {CartState.CONVERTED: CartConverted, CartState.EXPIRED: CartExpired, CartState.MERGED: CartNotFound}
)
"""Whoever asks for a merged cart is led to the one that it went into."""


def check_changeable(state: CartState) -> None:
    """Raise `CartConverted` or `CartExpired` if nothing can be changed in such a cart any more."""
    if state in _ENDED:
        raise _ENDED[state]


def may_become(state: CartState, other: CartState) -> bool:
    """Whether this may become of it."""
    return other in TRANSITIONS[state]


def is_active(state: CartState) -> bool:
    """Whether it may still be bought."""
    return bool(TRANSITIONS[state])
