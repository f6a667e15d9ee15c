"""What a mail is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class MailTemplate(StrEnum):
    """Which mail it is."""

    VERIFY_ADDRESS = "verify_address"
    """To a new customer: it leads to where he shows that the address is his."""
    ACCOUNT_EXISTS = "account_exists"
    """To a customer with whose address somebody tried to register."""
    ADDRESS_CHANGE = "address_change"
    """To the address that a customer wants to have: it leads to where he shows that it is his."""
    ADDRESS_CHANGED = "address_changed"
    """To the address that a customer had: it leads to where he gets it back."""
    ADDRESS_RESTORED = "address_restored"
    """To a customer who has his address back."""
    ADDRESS_TAKEN = "address_taken"
    """To a customer whose address somebody else wanted for his own account."""
    PASSWORD_RESET = "password_reset"  # noqa: S105 — a mail
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 — a mail
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    SESSION_REPLAYED = "session_replayed"
    """A session was ended: its refresh token was used twice."""
    UNLOCK = "unlock"
    """To somebody at whose account others guessed: it leads to where he may try again at once."""
    STAFF_INVITATION = "staff_invitation"
    """To a new member of staff: it leads to where he sets a password."""
    STAFF_RECOVERY = "staff_recovery"
    """To a member of staff whom another one recovered: it leads to where he sets a new password."""
    API_KEY_CREATED = "api_key_created"
    """To whoever made an API key, and to all administrators."""
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
    email_change_id: UUID | None = None
    """Which of the customer's changes of address it is about. It decides to which address the mail goes."""
    session_id: UUID | None = None
    """Which of his sessions it is about."""
    api_key_id: UUID | None = None

    @property
    def is_staff(self) -> bool:
        return self.staff_id is not None


@dataclass(frozen=True)
class Cause:
    """What a mail follows from."""

    at: datetime
    """When it happened, or was known, whichever the mail's record could tell."""
    request_id: str | None
    """The request that did it. What it noted tells from where."""


@dataclass(frozen=True)
class Mail:
    """A mail as the record has it: not what it says, which holds secrets."""

    id: UUID
    template: MailTemplate
    language: str
    recipient: Recipient
    state: MailState
    attempts: int
    created_at: datetime
    cause: Cause


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
