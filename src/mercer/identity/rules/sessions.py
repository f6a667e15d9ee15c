"""Tokens, and how long sessions last (NIST SP 800-63B-4, 2.1.3 and 2.2.3; OWASP ASVS 5.0, 7.3)."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from mercer.identity.models import Audience, TokenPurpose
from mercer.platform.settings import Settings

_PREFIXES: Mapping[Audience, str] = {Audience.SHOP: "mercer_shop_", Audience.ADMIN: "mercer_admin_"}
"""A token says what it is: leaked ones are found by scanners."""

_REFRESH = "mercer_refresh_"

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

LIFETIMES: Mapping[TokenPurpose, timedelta] = {
    TokenPurpose.VERIFY_EMAIL: timedelta(days=3),
    TokenPurpose.RESET_PASSWORD: timedelta(hours=1),
    TokenPurpose.CHANGE_EMAIL: timedelta(hours=24),
    TokenPurpose.UNDO_EMAIL_CHANGE: timedelta(days=7),
    TokenPurpose.UNLOCK: timedelta(hours=1),
    TokenPurpose.ACCEPT_INVITATION: timedelta(days=7),
    TokenPurpose.RECOVER_STAFF: timedelta(hours=24),
}
"""How long a mailed token works."""

TOKEN_LASTS = timedelta(minutes=15)
"""How long the access token of a session works that has a refresh token."""

GRACE = timedelta(seconds=30)
"""How long a refresh token works on that was used, and the access token before: for a second tab, or a lost answer."""

FRESH_FOR = timedelta(minutes=15)
"""How long somebody who has shown who he is need not show it again (OWASP ASVS 5.0, 7.5.1)."""

SEEN_AGAIN = timedelta(minutes=1)
"""How seldom it is noted that a session was used."""


def new_session_token(audience: Audience) -> str:
    """A token of 32 random bytes."""
    return _PREFIXES[audience] + secrets.token_urlsafe(32)


def is_session_token(token: str, audience: Audience) -> bool:
    """Whether this could be a token of that audience."""
    prefix = _PREFIXES[audience]
    return token.startswith(prefix) and bool(_SECRET.fullmatch(token[len(prefix) :]))


def new_refresh_token() -> str:
    """A token of 32 random bytes, which brings the next access token."""
    return _REFRESH + secrets.token_urlsafe(32)


def is_refresh_token(token: str) -> bool:
    """Whether this could be a refresh token."""
    return token.startswith(_REFRESH) and bool(_SECRET.fullmatch(token[len(_REFRESH) :]))


def new_salt() -> bytes:
    """What the successors of a refresh token are made with."""
    return secrets.token_bytes(32)


def next_refresh_token(token: str, *, salt: bytes) -> str:
    """The refresh token after this one: the same for all who show it."""
    return _REFRESH + _derived(token, salt, "refresh")


def next_session_token(token: str, audience: Audience, *, salt: bytes) -> str:
    """The access token that this refresh token brings: the same for all who show it."""
    return _PREFIXES[audience] + _derived(token, salt, "access")


def _derived(token: str, salt: bytes, label: str) -> str:
    """HMAC-SHA256: neither who reads the rows nor who once had the salt can tell, without the token."""
    digest = hmac.digest(salt, f"{label}:{token}".encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def new_token() -> str:
    """A token to be mailed, of 32 random bytes."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token. It is random, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def session_ends(settings: Settings, audience: Audience, *, now: datetime) -> tuple[datetime, datetime]:
    """When a session opened now ends at the latest, and when it does unless it is used."""
    shop = audience is Audience.SHOP
    longest = settings.shop_session_hours if shop else settings.admin_session_hours
    idle = settings.shop_session_idle_hours if shop else settings.admin_session_idle_hours
    return now + timedelta(hours=longest), now + timedelta(hours=idle)


def remembered_as(hash: bytes) -> str:
    """What Valkey remembers a session by. The token itself stands nowhere."""
    return f"session:{hash.hex()}"
