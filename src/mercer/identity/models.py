"""The nouns of identity."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Audience(StrEnum):
    """Which API a session opens. One of the shop opens nothing of the admin API, and the other way round."""

    SHOP = "shop"
    """Customers'."""
    ADMIN = "admin"
    """Staff's."""


class Ending(StrEnum):
    """Why a session was revoked."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    """By its owner, from another session."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 — a reason
    EMAIL_CHANGED = "email_changed"
    BLOCKED = "blocked"
    """The customer was blocked."""
    DEACTIVATED = "deactivated"
    """The staff account was."""


class TokenPurpose(StrEnum):
    """What a token that was mailed lets its bearer do, once."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 — a purpose


class Surface(StrEnum):
    """Where somebody could guess, or have others mailed: each is throttled by itself."""

    SHOP_SIGN_IN = "shop_sign_in"
    ADMIN_SIGN_IN = "admin_sign_in"
    REGISTRATION = "registration"
    PASSWORD_RESET = "password_reset"  # noqa: S105 — a place


class Outcome(StrEnum):
    """What came of an attempt."""

    SUCCEEDED = "succeeded"
    WRONG = "wrong"
    """The password, or there is no such account."""
    REFUSED = "refused"
    """The password was right, but the account is blocked, inactive or not verified."""
    HELD_UP = "held_up"
    """Too many attempts before."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A customer or staff account, as signing in sees it."""

    id: UUID
    email: str
    password_hash: str | None
    may_enter: bool
    """Verified and not blocked, or active."""


@dataclass(frozen=True, kw_only=True)
class OpenedSession:
    """A session that has just been opened. The token is told this once, and stored hashed."""

    id: UUID
    owner_id: UUID
    token: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class LiveSession:
    """A session as each request asks for it."""

    id: UUID
    version: int
    """It grows whenever what is remembered of the session stops being true."""
    audience: Audience
    owner_id: UUID
    permissions: tuple[str, ...]
    """Of its owner's roles. `*` stands for all."""
    last_seen_at: datetime
    until: datetime
    """When it ends unless it is used, at the latest."""


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Somebody who buys, as verbs see him."""

    id: UUID
    email: str
    name: str
    language: str
    email_verified_at: datetime | None
    blocked_at: datetime | None
    version: int


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Somebody who works for the shop."""

    id: UUID
    email: str
    name: str
    is_active: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class Role:
    """A set of permissions by name. Ready roles come with the program and do not change."""

    id: UUID
    code: str
    name: str
    permissions: tuple[str, ...]
    is_builtin: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """An account of the demonstration shop. Everybody knows its password: production takes it for no password."""

    audience: Audience
    email: str
    name: str
    password: str


DEMO_STAFF = DemoAccount(
    audience=Audience.ADMIN,
    email="staff@larkmoor.example",
    name="Sam Staff",
    password="larkmoor-demo-staff",  # noqa: S106 — no secret
)
DEMO_CUSTOMER = DemoAccount(
    audience=Audience.SHOP,
    email="shopper@larkmoor.example",
    name="Cleo Shopper",
    password="larkmoor-demo-shopper",  # noqa: S106 — no secret
)
DEMO_ACCOUNTS = (DEMO_STAFF, DEMO_CUSTOMER)


@dataclass(frozen=True, kw_only=True)
class NewCustomer:
    """A customer whom another shop knows."""

    email: str
    name: str
    language: str
    since: datetime | None = None
    """None: since now."""
