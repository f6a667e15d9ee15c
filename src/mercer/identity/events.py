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
