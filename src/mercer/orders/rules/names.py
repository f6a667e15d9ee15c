"""What orders are known by, and what opens them."""

import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID

from mercer.orders.models import TokenKey

FIRST_NUMBER = 1001
_MAC_BYTES = 16
_ID_BYTES = 16
_TOKEN_LENGTH = 2 * (_ID_BYTES + _MAC_BYTES)


def prefix_of(channel_code: str) -> str:
    """What the numbers of a channel's orders begin with: `US-`."""
    return f"{channel_code.upper()}-"


def order_token(order_id: UUID, key: TokenKey) -> str:
    """What opens an order without signing in: its id and a signature, in hexadecimal.

    The signature is NMAC with SHA-256 (Bellare, Canetti, Krawczyk 1996), half of it; PostgreSQL computes the same.
    """
    return (order_id.bytes + _signature(order_id.bytes, key)).hex()


def order_of_token(token: str, keys: Sequence[TokenKey]) -> UUID | None:
    """The order that a token opens. None if none of the keys signed it."""
    if len(token) != _TOKEN_LENGTH or not token.isascii():
        return None
    try:
        shown = bytes.fromhex(token)
    except ValueError:
        return None
    order_id, signature = shown[:_ID_BYTES], shown[_ID_BYTES:]
    # All are compared, so that the time tells nothing of which one it was.
    matches = [hmac.compare_digest(signature, _signature(order_id, key)) for key in keys]
    return UUID(bytes=order_id) if any(matches) else None


def _signature(message: bytes, key: TokenKey) -> bytes:
    inner = hashlib.sha256(key.inner + message).digest()
    return hashlib.sha256(key.outer + inner).digest()[:_MAC_BYTES]
