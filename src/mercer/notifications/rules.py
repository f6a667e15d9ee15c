"""Which mails there are, in which languages, and where their links lead."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from babel.dates import format_date

from mercer.identity.models import TokenPurpose
from mercer.notifications.models import MailTemplate, Recipient
from mercer.platform.settings import Settings

LANGUAGES = ("en", "de")
"""What mails are written in. The first is for all who speak none of them."""

ATTEMPTS = 10
"""How often a mail is tried, over some hours."""

LEASE = timedelta(minutes=3)
"""How long a mail that is being handed over is left alone. No attempt takes that long, unless its process died."""

KEPT = timedelta(days=180)
"""How long the record of a mail is kept."""

NO_TOKEN = "x" * 43
"""What stands for the token where a mail is only looked at."""


@dataclass(frozen=True)
class Kind:
    """What a mail needs, and where its link leads: the recipient decides to which of the two."""

    path: str | None = None
    """Below the storefront, with `{number}` where an order's number stands. None: it is not for customers."""
    staff_path: str | None = None
    """Below where staff sign in. None: it is not for staff."""
    is_about_order: bool = False
    is_about_shipment: bool = False
    is_about_key: bool = False
    purpose: TokenPurpose | None = None
    valid_hours: int = 0
    """How long its token works, as its words tell."""


SENT_ONCE = frozenset(
    {
        MailTemplate.STAFF_INVITATION,
        MailTemplate.STAFF_RECOVERY,
        MailTemplate.ADDRESS_CHANGE,
        MailTemplate.ADDRESS_CHANGED,
    }
)
"""What brings a token that only whoever may ask for it has issued: sent again, it would go around who may."""

_TO_BOTH = Kind(path="account", staff_path="")
_ABOUT_ORDER = Kind(path="orders/{number}", is_about_order=True)

KINDS: Mapping[MailTemplate, Kind] = {
    MailTemplate.VERIFY_ADDRESS: Kind(path="account/verify", purpose=TokenPurpose.VERIFY_EMAIL, valid_hours=72),
    MailTemplate.ACCOUNT_EXISTS: Kind(path="account"),
    MailTemplate.ADDRESS_CHANGE: Kind(path="account/address", purpose=TokenPurpose.CHANGE_EMAIL, valid_hours=24),
    MailTemplate.ADDRESS_CHANGED: Kind(
        path="account/address/undo", purpose=TokenPurpose.UNDO_EMAIL_CHANGE, valid_hours=168
    ),
    MailTemplate.ADDRESS_RESTORED: Kind(path="account"),
    MailTemplate.ADDRESS_TAKEN: Kind(path="account"),
    MailTemplate.PASSWORD_RESET: Kind(path="account/password", purpose=TokenPurpose.RESET_PASSWORD, valid_hours=1),
    MailTemplate.PASSWORD_CHANGED: _TO_BOTH,
    MailTemplate.FACTOR_ADDED: _TO_BOTH,
    MailTemplate.FACTOR_REMOVED: _TO_BOTH,
    MailTemplate.RECOVERY_CODES_MADE: _TO_BOTH,
    MailTemplate.RECOVERY_CODE_USED: _TO_BOTH,
    MailTemplate.SESSION_REPLAYED: _TO_BOTH,
    MailTemplate.UNLOCK: Kind(
        path="sign-in/unlock", staff_path="sign-in/unlock", purpose=TokenPurpose.UNLOCK, valid_hours=1
    ),
    MailTemplate.STAFF_INVITATION: Kind(
        staff_path="invitation", purpose=TokenPurpose.ACCEPT_INVITATION, valid_hours=168
    ),
    MailTemplate.STAFF_RECOVERY: Kind(staff_path="recovery", purpose=TokenPurpose.RECOVER_STAFF, valid_hours=24),
    MailTemplate.API_KEY_CREATED: Kind(staff_path="", is_about_key=True),
    MailTemplate.ORDER_CONFIRMATION: _ABOUT_ORDER,
    MailTemplate.ORDER_SHIPPED: replace(_ABOUT_ORDER, is_about_shipment=True),
    MailTemplate.ORDER_CANCELLED: _ABOUT_ORDER,
}

_DAY = 24
_SPANS: Mapping[str, tuple[str, str, str]] = {
    "en": ("one hour", "{} hours", "{} days"),
    "de": ("einer Stunde", "{} Stunden", "{} Tagen"),
}


def span(hours: int, language: str) -> str:
    """How long something works, as it stands after `within`: `one hour`, `24 hours`, `3 days`."""
    hour, some_hours, days = _SPANS[language]
    if hours > _DAY and hours % _DAY == 0:
        return days.format(hours // _DAY)
    return hour if hours == 1 else some_hours.format(hours)


def moment(at: datetime, language: str) -> str:
    """A time in UTC, with the zone named: nobody knows what clock the reader looks at."""
    day = format_date(at.astimezone(UTC), "long", locale=language)
    return f"{day}, {at.astimezone(UTC):%H:%M} UTC"


def hinted(email: str) -> str:
    """An address that its owner knows again, and others cannot write to: `a***@example.org`."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"


def spoken(language: str) -> str:
    """The language that a mail is written in for somebody who speaks this one: `de` for `de-AT`."""
    base = language.lower().replace("_", "-").partition("-")[0]
    return base if base in LANGUAGES else LANGUAGES[0]


def link(settings: Settings, kind: Kind, token: str | None, *, is_to_staff: bool = False, number: str = "") -> str:
    """Where a mail leads. The token stands behind `#`, so that it reaches no server's log."""
    home = settings.dashboard_url if is_to_staff else settings.storefront_url
    path = (kind.staff_path if is_to_staff else kind.path) or ""
    address = f"{(home or settings.address).rstrip('/')}/{path.format(number=quote(number, safe=''))}"
    return address if token is None else f"{address}#token={token}"


def once(template: MailTemplate, recipient: Recipient) -> str | None:
    """What a mail about an order is sent once for, however often its event is handled. None: each time."""
    about = recipient.shipment_id or recipient.order_id
    return None if about is None else f"{template}:{about}"


def message_id(settings: Settings, mail_id: UUID) -> str:
    """What a mail is known by: the same however often it is tried."""
    return f"<{mail_id}@{settings.mail_sender.rpartition('@')[2]}>"
