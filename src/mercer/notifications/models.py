"""What a mail is."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class MailTemplate(StrEnum):
    """Which mail it is."""

    VERIFY_ADDRESS = "verify_address"
    """To a new customer: it leads to where he shows that the address is his."""
    ACCOUNT_EXISTS = "account_exists"
    """To a customer with whose address somebody tried to register."""
    PASSWORD_RESET = "password_reset"  # noqa: S105 — a mail
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 — a mail
    STAFF_WELCOME = "staff_welcome"
    """To a new member of staff."""
    STAFF_PASSWORD_CHANGED = "staff_password_changed"  # noqa: S105 — a mail
    ORDER_CONFIRMATION = "order_confirmation"
    """To the buyer: what he ordered, and where he sees it."""
    ORDER_SHIPPED = "order_shipped"
    """To the buyer: what is on its way, and by what it is tracked."""
    ORDER_CANCELLED = "order_cancelled"
    """To the buyer of an order that was placed and is not delivered any more."""


class MailState(StrEnum):
    """What has become of a mail."""

    WAITING = "waiting"
    SENDING = "sending"
    """It is being handed over. If that was interrupted, it is done again."""
    SENT = "sent"
    """The mail server has taken it."""
    REFUSED = "refused"
    """The mail server will not take it: most often, there is no such address."""
    FAILED = "failed"
    """It was tried as often as makes sense."""
    SKIPPED = "skipped"
    """There was no reason any more when it was its turn."""


@dataclass(frozen=True)
class Recipient:
    """Whom a mail is for: a customer, a member of staff, or whoever bought an order, guests among them."""

    customer_id: UUID | None = None
    staff_id: UUID | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    """Which of the order's shipments it is about, if it is about one."""


@dataclass(frozen=True)
class Mail:
    """A mail as the record has it: not what it says, which holds secrets."""

    id: UUID
    template: MailTemplate
    language: str
    recipient: Recipient
    state: MailState
    attempts: int


@dataclass(frozen=True)
class Addressee:
    """Whom a mail greets, and where he is reached."""

    email: str
    name: str
    language: str
    has_reason: bool
    """Whether there is still a reason to write to him."""


@dataclass(frozen=True)
class MailPreview:
    """What a mail would say now."""

    subject: str
    text: str
    html: str
