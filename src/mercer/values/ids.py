"""Ids that are known before the row is written."""

import secrets
from datetime import datetime
from uuid import UUID

_MOST_RANDOM = 80


def new_id(now: datetime) -> UUID:
    """A UUIDv7 (RFC 9562, 5.7) of this moment: 48 bits of milliseconds, the rest random."""
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds << _MOST_RANDOM | secrets.randbits(_MOST_RANDOM)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
