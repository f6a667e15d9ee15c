"""Which mails there are, in which languages, and where their links lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

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
    """What a mail needs. Its link leads below the storefront, or to where staff sign in."""

    is_to_staff: bool = False
    is_about_order: bool = False
    is_about_shipment: bool = False
    purpose: TokenPurpose | None = None
    path: str = ""
    """With `{number}` where the order's number stands."""
    valid_hours: int = 0
    """How long its token works, as its words tell."""


KINDS: Mapping[MailTemplate, Kind] = {
    MailTemplate.VERIFY_ADDRESS: Kind(purpose=TokenPurpose.VERIFY_EMAIL, path="account/verify", valid_hours=72),
    MailTemplate.ACCOUNT_EXISTS: Kind(path="account"),
    MailTemplate.PASSWORD_RESET: Kind(purpose=TokenPurpose.RESET_PASSWORD, path="account/password", valid_hours=1),
    MailTemplate.PASSWORD_CHANGED: Kind(path="account"),
    MailTemplate.STAFF_WELCOME: Kind(is_to_staff=True),
    MailTemplate.STAFF_PASSWORD_CHANGED: Kind(is_to_staff=True),
    MailTemplate.ORDER_CONFIRMATION: Kind(is_about_order=True, path="orders/{number}"),
    MailTemplate.ORDER_SHIPPED: Kind(is_about_order=True, is_about_shipment=True, path="orders/{number}"),
    MailTemplate.ORDER_CANCELLED: Kind(is_about_order=True, path="orders/{number}"),
}


def spoken(language: str) -> str:
    """The language that a mail is written in for somebody who speaks this one: `de` for `de-AT`."""
    base = language.lower().replace("_", "-").partition("-")[0]
    return base if base in LANGUAGES else LANGUAGES[0]


def link(settings: Settings, kind: Kind, token: str | None, *, number: str = "") -> str:
    """Where a mail leads. The token stands behind `#`, so that it reaches no server's log."""
    home = settings.dashboard_url if kind.is_to_staff else settings.storefront_url
    address = f"{(home or settings.address).rstrip('/')}/{kind.path.format(number=quote(number, safe=''))}"
    return address if token is None else f"{address}#token={token}"


def once(template: MailTemplate, recipient: Recipient) -> str | None:
    """What a mail about an order is sent once for, however often its event is handled. None: each time."""
    about = recipient.shipment_id or recipient.order_id
    return None if about is None else f"{template}:{about}"


def message_id(settings: Settings, mail_id: UUID) -> str:
    """What a mail is known by: the same however often it is tried."""
    return f"<{mail_id}@{settings.mail_sender.rpartition('@')[2]}>"
