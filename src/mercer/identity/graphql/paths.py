"""Where in a mutation's arguments the value stands that a verb refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mercer.identity import errors
from mercer.platform.errors import DomainError, VersionConflict

_ARGUMENTS: Mapping[type[DomainError], str] = {
    errors.EmailInvalid: "email",
    errors.EmailTaken: "email",
    errors.EmailUnchanged: "email",
    errors.PersonNameInvalid: "name",
    errors.FactorNameInvalid: "name",
    errors.LanguageUnreadable: "language",
    errors.PasswordTooShort: "password",
    errors.PasswordTooLong: "password",
    errors.PasswordGuessable: "password",
    errors.PasswordBreached: "password",
    errors.PasswordWrong: "current",
    errors.RoleCodeInvalid: "code",
    errors.RoleCodeTaken: "code",
    errors.PermissionUnknown: "permissions",
    errors.PermissionsNotForKeys: "permissions",
    errors.ExpiryPast: "expiresAt",
    errors.ApiKeyEndsTooLate: "expiresAt",
    errors.TokenUnusable: "token",
    VersionConflict: "version",
}


@contextmanager
def placed(*within: str) -> Iterator[None]:
    """Say of an error in the body which argument it is about; `within` is the input object that holds it, if any."""
    try:
        yield
    except DomainError as error:
        argument = _ARGUMENTS.get(type(error))
        if argument is not None and not error.path:
            error.at(*within, argument)
        raise
