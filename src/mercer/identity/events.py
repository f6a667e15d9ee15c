"""What identity announces."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class CustomerRegistered(Event):
    """Somebody registered; the address is not verified yet. Told again when he registers again before it is."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class RegistrationRepeated(Event):
    """Somebody tried to register with the address of this verified customer, who should know."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerVerified(Event):
    """A customer showed that the address is his."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerUpdated(Event):
    """A customer's profile changed."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerSignedIn(Event):
    """A customer opened a session."""

    customer_id: UUID
    session_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerBlocked(Event):
    """A customer may not sign in any more."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerUnblocked(Event):
    """A customer may sign in again."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested(Event):
    """Somebody asks to set a new password.

    None when no customer has the address: it is told all the same, so that the work does not tell whether one has.
    """

    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """A customer's or a staff member's password changed: its owner should know."""

    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class SessionsRevoked(Event):
    """Sessions of a customer or of staff ended before their time."""

    reason: str
    session_ids: tuple[UUID, ...]
    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class StaffCreated(Event):
    """There is a new staff account."""

    staff_id: UUID


@dataclass(frozen=True, kw_only=True)
class StaffUpdated(Event):
    """A staff account changed: its name or address, its roles, or whether it is active."""

    staff_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Event):
    """A role was made or changed, or is gone."""

    role_id: UUID


@dataclass(frozen=True, kw_only=True)
class SessionReplayed(Event):
    """A refresh token of this session was used again, long after: somebody else had it. The session has ended."""

    session_id: UUID
    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class FactorAdded(Event):
    """Somebody has set up a second factor."""

    factor_id: UUID
    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class FactorRemoved(Event):
    """Somebody has one second factor less."""

    factor_id: UUID
    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(Event):
    """Somebody has new recovery codes: those of before are void."""

    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """Somebody has shown a recovery code instead of a second factor: its owner should know."""

    left: int
    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class VerificationRequested(Event):
    """Somebody asks for another mail to verify an address. None when no unverified customer has it."""

    customer_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(Event):
    """A customer wants another address, which he has yet to show to be his."""

    customer_id: UUID
    email_change_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailChangeTaken(Event):
    """A customer wanted an address that this other customer has, who should know. The asker is told nothing."""

    customer_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerEmailChanged(Event):
    """A customer has another address: the old one is told how to undo it."""

    customer_id: UUID
    email_change_id: UUID


@dataclass(frozen=True, kw_only=True)
class CustomerEmailRestored(Event):
    """A change of address was undone from the old one. The password holds no more."""

    customer_id: UUID
    email_change_id: UUID


@dataclass(frozen=True, kw_only=True)
class AccountHeldUp(Event):
    """So many guessed at an account that it is held up: its owner can go on by mail. None: there is no such account."""

    surface: str
    customer_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class StaffInvited(Event):
    """A member of staff who has not set a password since he was made is asked once more to do so, by mail."""

    staff_id: UUID


@dataclass(frozen=True, kw_only=True)
class StaffRecoveryBegun(Event):
    """Another member of staff lets this one, who lost his password or his second factor, in again by mail."""

    staff_id: UUID


@dataclass(frozen=True, kw_only=True)
class ApiKeyCreated(Event):
    """There is a new API key: administrators should know."""

    api_key_id: UUID


@dataclass(frozen=True, kw_only=True)
class ApiKeyChanged(Event):
    """An API key has another name, other permissions or another end."""

    api_key_id: UUID


@dataclass(frozen=True, kw_only=True)
class ApiKeyRevoked(Event):
    """An API key opens nothing any more."""

    api_key_id: UUID
