"""Expected failures of identity."""

from dataclasses import dataclass
from datetime import datetime

from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class EmailInvalid(InvalidValue):
    """This is no e-mail address."""


@dataclass(eq=False)
class PersonNameInvalid(InvalidValue):
    """A name has 1 to 200 characters, and no control characters."""


@dataclass(eq=False)
class LanguageUnreadable(InvalidValue):
    """A language is a tag such as `de` or `de-AT`."""


@dataclass(eq=False)
class PasswordTooShort(InvalidValue):
    """A password has at least 12 characters."""


@dataclass(eq=False)
class PasswordTooLong(InvalidValue):
    """A password has at most 128 characters."""


@dataclass(eq=False)
class PasswordGuessable(InvalidValue):
    """This password is too easily guessed. A few unrelated words make a good one."""


@dataclass(eq=False)
class PasswordBreached(InvalidValue):
    """This password is known to those who guess: it was stolen somewhere before. Choose another one."""


@dataclass(eq=False)
class RoleCodeInvalid(InvalidValue):
    """A role's code has 1 to 50 small letters, digits and single underscores, and begins with a letter."""


@dataclass(eq=False)
class FactorNameInvalid(InvalidValue):
    """The name of a factor or a key has 1 to 100 characters, and no control characters."""


@dataclass(eq=False)
class ProofUnclear(InvalidValue):
    """Show exactly one thing of who you are."""


@dataclass(eq=False)
class BoundInvalid(InvalidValue):
    """This permission is not there, cannot be limited so, or the limit names nothing that there is."""


@dataclass(eq=False)
class ExpiryPast(InvalidValue):
    """A key ends in the future."""


@dataclass(eq=False)
class PermissionUnknown(InvalidValue):
    """There is no such permission."""


@dataclass(eq=False)
class EmailTaken(DomainError):
    """Another account has this e-mail address."""


@dataclass(eq=False)
class CredentialsWrong(DomainError):
    """No account that may sign in has this e-mail address and password."""


@dataclass(eq=False)
class PasswordWrong(DomainError):
    """This is not the present password."""


@dataclass(eq=False)
class TooManyAttempts(DomainError):
    """There were too many attempts. Wait until the given time."""

    retry_at: datetime


@dataclass(eq=False)
class TokenUnusable(DomainError):
    """This token is unknown, was used or has expired. Ask for a new one."""


@dataclass(eq=False)
class SessionUnknown(DomainError):
    """No open session has this id, or it is not yours to end."""


@dataclass(eq=False)
class FactorWrong(DomainError):
    """This is not the present code, or it was used already."""


@dataclass(eq=False)
class FactorUnreadable(DomainError):
    """Codes cannot be checked: the key is missing that they are encrypted with. A recovery code works."""


@dataclass(eq=False)
class PasswordNotEnough(DomainError):
    """This account has a second factor: show that."""


@dataclass(eq=False)
class FactorMissing(DomainError):
    """Set up a second factor first: recovery codes stand in for one."""


@dataclass(eq=False)
class FactorUnknown(DomainError):
    """No second factor of yours has this id."""


@dataclass(eq=False)
class FactorNeeded(DomainError):
    """A role of yours needs a second factor: set up another one first."""


@dataclass(eq=False)
class TooManyFactors(DomainError):
    """Nobody has more than ten second factors."""


@dataclass(eq=False)
class OwnAccount(DomainError):
    """Nobody does this to his own account: another member of staff does."""


@dataclass(eq=False)
class AddressChangedByYou(DomainError):
    """You changed the address of this account within seven days: another member of staff recovers it."""


@dataclass(eq=False)
class StaffInactive(DomainError):
    """This account is not active: activate it first."""


@dataclass(eq=False)
class InvitationAccepted(DomainError):
    """This member of staff has set a password already. If he lost it, have him recovered."""


@dataclass(eq=False)
class EmailUnchanged(DomainError):
    """This is the address that the account has."""


@dataclass(eq=False)
class ApiKeyUnknown(DomainError):
    """No API key has this id."""


@dataclass(eq=False)
class ApiKeyOver(DomainError):
    """This key was revoked, or has ended."""


@dataclass(eq=False)
class ApiKeyEndsTooLate(DomainError):
    """What you have only with a second factor, a key has for 90 days at most: let it end by the given time."""

    permissions: tuple[str, ...]
    latest_end_at: datetime


@dataclass(eq=False)
class PermissionsNotForKeys(DomainError):
    """What governs people and keys is for people."""

    permissions: tuple[str, ...]


@dataclass(eq=False)
class CustomerUnknown(DomainError):
    """No customer has this id."""


@dataclass(eq=False)
class StaffUnknown(DomainError):
    """No staff account has this id."""


@dataclass(eq=False)
class RoleUnknown(DomainError):
    """No role has this id or code."""

    role: str


@dataclass(eq=False)
class RoleCodeTaken(DomainError):
    """Another role has this code."""


@dataclass(eq=False)
class RoleBuiltin(DomainError):
    """This role comes with the program. Make one of your own with the permissions that you want."""


@dataclass(eq=False)
class RoleInUse(DomainError):
    """Staff have this role. Take it from them first."""

    staff_count: int


@dataclass(eq=False)
class PermissionsLacking(DomainError):
    """Nobody gives, takes or governs permissions that he lacks himself."""

    permissions: tuple[str, ...]


@dataclass(eq=False)
class LastAdministrator(DomainError):
    """This is the last active administrator. Make another one first."""
