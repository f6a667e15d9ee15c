"""API keys: what they look like, and what they may not do."""

import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from mercer.identity.errors import ApiKeyEndsTooLate, ExpiryPast, PermissionsNotForKeys
from mercer.identity.rules.bounds import EVERYTHING

_KEY = re.compile(r"(mercer_key_[0-9a-f]{12})_[A-Za-z0-9_-]{43}")

FOR_PEOPLE = ("staff.", "roles.", "api_keys.")
"""What governs people and keys: a key that had it could make itself, or somebody, more than it is."""

LONGEST_WITHOUT_FACTOR = timedelta(days=90)
"""How long a key has what its maker has only with a second factor: nobody asks the key for one."""


def new_api_key() -> str:
    """A key of 32 random bytes. It says what it is and which one it is: leaked ones are found by scanners."""
    return f"mercer_key_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"


def is_api_key(token: str) -> bool:
    """Whether this could be a key."""
    return _KEY.fullmatch(token) is not None


def prefix_of(key: str) -> str:
    """The part of a key that everybody may know: `mercer_key_`, and what tells it apart."""
    found = _KEY.fullmatch(key)
    assert found is not None, "this is no key"
    return found[1]


def check_for_keys(permissions: Collection[str]) -> None:
    """Raise `PermissionsNotForKeys` of those that no key has: they name all that it may do, one by one."""
    refused = sorted({each for each in permissions if each == EVERYTHING or each.startswith(FOR_PEOPLE)})
    if refused:
        raise PermissionsNotForKeys(permissions=tuple(refused))


def check_expiry(expires_at: datetime | None, *, now: datetime) -> None:
    """Raise `ExpiryPast`."""
    if expires_at is not None and expires_at <= now:
        raise ExpiryPast


def check_end(expires_at: datetime | None, *, guarded: Collection[str], now: datetime) -> None:
    """Raise `ApiKeyEndsTooLate` of a key with guarded permissions: what somebody has only with a second factor."""
    latest = now + LONGEST_WITHOUT_FACTOR
    if guarded and (expires_at is None or expires_at > latest):
        raise ApiKeyEndsTooLate(permissions=tuple(guarded), latest_end_at=latest)
