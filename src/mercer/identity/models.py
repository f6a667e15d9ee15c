"""The nouns of identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
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
    ENDED_BY_STAFF = "ended_by_staff"
    REPLAYED = "replayed"
    """A refresh token was used a second time: somebody else has it."""
    FACTOR_CHANGED = "factor_changed"
    RECOVERED = "recovered"
    """The account was recovered: whoever had it before is out."""


class FactorLevel(StrEnum):
    """What a session was opened with."""

    PASSWORD = "password"  # noqa: S105 — a level
    TWO_FACTORS = "two_factors"
    """A password, and something that only its owner has."""


class FactorKind(StrEnum):
    """What a second factor is."""

    TOTP = "totp"
    """An authenticator app that shows six digits (RFC 6238)."""


class TokenPurpose(StrEnum):
    """What a token that was mailed lets its bearer do, once."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 — a purpose
    CHANGE_EMAIL = "change_email"
    """Mailed to the new address."""
    UNDO_EMAIL_CHANGE = "undo_email_change"
    """Mailed to the old one."""
    UNLOCK = "unlock"
    """Lets its bearer try again who was held up."""
    ACCEPT_INVITATION = "accept_invitation"
    """Lets a new member of staff set a password."""
    RECOVER_STAFF = "recover_staff"
    """Lets a member of staff set a new password, whom another one has recovered."""


class Surface(StrEnum):
    """Where somebody could guess, or have others mailed: each is throttled by itself."""

    SHOP_SIGN_IN = "shop_sign_in"
    ADMIN_SIGN_IN = "admin_sign_in"
    REGISTRATION = "registration"
    PASSWORD_RESET = "password_reset"  # noqa: S105 — a place
    SHOP_FACTOR = "shop_factor"
    """Second factors and confirmations of customers, by account."""
    ADMIN_FACTOR = "admin_factor"
    VERIFICATION = "verification"
    """Asking for another mail to verify an address."""
    EMAIL_CHANGE = "email_change"
    MAILED_TOKEN = "mailed_token"  # noqa: S105 — a place
    """Redeeming what was mailed, by address only: tokens name no account."""
    ORDER_LOOK_UP = "order_look_up"
    """Guests' tokens for orders, by address only."""
    SESSION_REFRESH = "session_refresh"
    """Only logged, when a token is replayed: nobody guesses 256 bits."""


class Outcome(StrEnum):
    """What came of an attempt."""

    SUCCEEDED = "succeeded"
    CHALLENGED = "challenged"
    """The password was right, and a second factor was asked for."""
    WRONG = "wrong"
    """The password, code or token, or there is no such account."""
    REFUSED = "refused"
    """The password was right, but the account is blocked, inactive or not verified."""
    HELD_UP = "held_up"
    """Too many attempts before."""
    REPLAYED = "replayed"
    """A refresh token was used again, long after."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """How far a role's permission goes, as it is stored. None is everywhere."""

    channels: tuple[UUID, ...] | None = None
    warehouses: tuple[UUID, ...] | None = None
    amounts: Mapping[str, int] | None = None
    """The most that may be moved at once, by currency, in minor units."""
    is_own: bool = False


@dataclass(frozen=True, kw_only=True)
class AskedBound:
    """How far a permission shall go, as somebody asks for it. What is None shall have no limit."""

    permission: str
    channel_ids: tuple[UUID, ...] | None = None
    warehouse_ids: tuple[UUID, ...] | None = None
    amounts: tuple[tuple[Decimal, str], ...] | None = None
    """Amounts with their currencies."""
    is_own: bool = False


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """What a program shows to act by itself. The key itself is told once, and stored hashed."""

    id: UUID
    name: str
    prefix: str
    """The part of it that everybody may know, to tell keys apart."""
    permissions: tuple[str, ...]
    bounds: Mapping[str, Bound]
    expires_at: datetime | None
    revoked_at: datetime | None
    version: int


@dataclass(frozen=True, kw_only=True)
class IssuedKey:
    """An API key that has just been made, or made anew. The key is told this once, and stored hashed."""

    id: UUID
    key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """When something was done about an account, and from where, as far as it is known."""

    at: datetime
    ip: str | None
    device: str | None
    """What its program calls itself: `Firefox on Windows`."""


@dataclass(frozen=True, kw_only=True)
class MadeKey:
    """An API key and who made it, as mails tell of it."""

    name: str
    prefix: str
    created_by: UUID | None
    maker: str | None


@dataclass(frozen=True, kw_only=True)
class EmailChange:
    """A customer's change of address."""

    id: UUID
    customer_id: UUID
    old_email: str
    new_email: str
    requested_at: datetime
    confirmed_at: datetime | None
    undone_at: datetime | None
    ended_at: datetime | None
    """When something else became of the account, before it was confirmed: it never will be."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """A customer or staff account, as signing in sees it."""

    id: UUID
    email: str
    password_hash: str | None = field(repr=False)
    may_enter: bool
    """Verified and not blocked, or active."""


@dataclass(frozen=True, kw_only=True)
class OpenedSession:
    """A session that has just been opened, or has new tokens. They are told this once, and stored hashed."""

    id: UUID
    owner_id: UUID
    token: str = field(repr=False)
    expires_at: datetime
    """When the token ends at the latest."""
    refresh_token: str | None = field(default=None, repr=False)
    """What brings the next token. None: the token lasts as long as the session."""
    device_token: str | None = field(default=None, repr=False)
    """What shows at the next sign-in that this device is known. None: the session only goes on."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """The password was right, and a second factor is needed: what the second step of signing in shows."""

    token: str = field(repr=False)
    expires_at: datetime
    factors: tuple[FactorKind, ...]


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A second factor of somebody's, as it is checked."""

    id: UUID
    kind: FactorKind
    name: str
    secret: bytes = field(repr=False)
    """Encrypted."""
    last_step: int | None
    """The counter of what was shown last: nothing of it, or of before, works again."""
    created_at: datetime
    confirmed_at: datetime | None
    """Since when it counts. None: its owner has yet to show that he has it."""


@dataclass(frozen=True, kw_only=True)
class NewFactor:
    """A second factor that has just been made. Its secret is told this once, and stored encrypted."""

    id: UUID
    secret: str = field(repr=False)
    """In base32, to be typed in."""
    uri: str = field(repr=False)
    """The same as a link, to be shown as a QR code."""


@dataclass(frozen=True, kw_only=True)
class ConfirmedFactor:
    """A second factor that counts from now on. The session was raised by it, and has a new token."""

    session: OpenedSession
    recovery_codes: tuple[str, ...] = field(repr=False)
    """With the first factor. Otherwise there are some already."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What somebody shows of who he is: exactly one of these."""

    password: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    """Of an authenticator app."""
    recovery_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class LiveSession:
    """A session, or an API key, as each request asks for it."""

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
    bounds: Mapping[str, tuple[Bound, ...]] = field(default_factory=dict)
    """Those of the permissions that go only so far."""
    withheld: tuple[str, ...] = ()
    """Permissions of roles that need a second factor, which it was not opened with."""
    fresh_until: datetime | None = None
    """Until when its owner need not show again who he is. None: there is nobody to ask."""
    is_api_key: bool = False


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
    has_password: bool
    """Whether he has accepted his invitation. Who has not signs in nowhere."""
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
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    """Those of the permissions that go only so far."""
    needs_factor: bool = False
    """Whether it gives anything only to whoever signed in with a second factor."""


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
