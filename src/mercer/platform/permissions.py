"""Who may ask for what: each root field of an API names what it needs, and nothing is served that names nothing."""

from collections.abc import Collection
from enum import Enum, StrEnum

import structlog

from mercer.platform.actors import Actor, ActorKind
from mercer.platform.errors import RequestRefused

log = structlog.get_logger("mercer.permissions")


class Access(Enum):
    """What a field needs, if it is no permission."""

    PUBLIC = "public"
    """Nothing: everybody may."""
    ENTRY = "entry"
    """Nothing, and a token that opens nothing any more does not matter: it is how one comes by a new one."""
    SIGNED_IN = "signed_in"
    """That somebody is signed in, and no more: what is his own."""


PUBLIC, ENTRY, SIGNED_IN = Access.PUBLIC, Access.ENTRY, Access.SIGNED_IN

Needs = str | Access
"""A permission, such as `products.manage`, or one of `Access`."""


class Dimension(StrEnum):
    """In what a permission may be limited. Modules say which of theirs can be (`Module.dimensions`)."""

    CHANNEL = "channel"
    WAREHOUSE = "warehouse"
    AMOUNT = "amount"
    OWN = "own"
    """To what somebody made himself."""


class NotSignedIn(RequestRefused):
    """Nobody is signed in, and the request needs somebody."""

    def __init__(self) -> None:
        super().__init__(
            "Sign in to do this.",
            code="UNAUTHENTICATED",
            status=401,
            headers={"WWW-Authenticate": 'Bearer realm="mercer"'},
        )


class TokenRefused(RequestRefused):
    """A token that opens nothing: unknown, expired, revoked, or the other API's.

    The request is not carried out as a guest's: its sender believes that he is signed in. Only what opens a session is
    (`ENTRY`). A cookie is removed by the same answer, so that the browser's next request is a guest's.
    """

    def __init__(self, message: str, *headers: tuple[str, str]) -> None:
        challenge = ("WWW-Authenticate", 'Bearer realm="mercer", error="invalid_token"')
        super().__init__(message, code="UNAUTHENTICATED", status=401, headers=dict([challenge, *headers]))


class PermissionMissing(RequestRefused):
    """Whoever is signed in lacks a permission. The answer names it."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"This needs the permission {permission}.", code="FORBIDDEN", status=403)


class ScopeExceeded(RequestRefused):
    """Whoever is signed in has the permission, but not for this channel or warehouse, or not for so much."""

    def __init__(self, permission: str, dimension: Dimension) -> None:
        super().__init__(
            f"This needs the permission {permission}; yours is limited by {dimension}.", code="FORBIDDEN", status=403
        )


class SecondFactorMissing(RequestRefused):
    """A role of his gives the permission, but only to whoever signed in with a second factor."""

    def __init__(self, permission: str) -> None:
        super().__init__(
            f"The permission {permission} needs a second factor. Set one up, or sign in with it.",
            code="SECOND_FACTOR_REQUIRED",
            status=403,
        )


class FreshFactorMissing(RequestRefused):
    """What is asked for needs somebody who has shown within some minutes who he is (OWASP ASVS 5.0, 7.5.1)."""

    def __init__(self) -> None:
        super().__init__("Confirm who you are first: sessionConfirm.", code="FRESH_FACTOR_REQUIRED", status=403)


class KeyHasNoAccount(RequestRefused):
    """An API key asked for what is somebody's own."""

    def __init__(self) -> None:
        super().__init__("An API key has no account of its own.", code="FORBIDDEN", status=403)


class Lack(StrEnum):
    """What somebody lacked who was refused."""

    ACCOUNT = "account"
    PERMISSION = "permission"
    SECOND_FACTOR = "second_factor"
    FRESH_FACTOR = "fresh_factor"
    SCOPE = "scope"


def check_access(
    actor: Actor, needs: Collection[Needs], *, operation: str | None, is_fresh_needed: bool = False
) -> None:
    """Let an actor through who has all that is needed. Dimensions are checked later, by verbs (`check_scope`).

    Who is signed in and is refused is logged, with what he asked for (OWASP ASVS 5.0, 16.3.2). Raises `NotSignedIn`,
    `PermissionMissing`, `SecondFactorMissing`, `KeyHasNoAccount`, `FreshFactorMissing`.
    """
    for need in sorted(needs, key=str):
        if need in {PUBLIC, ENTRY}:
            continue
        if not actor.is_signed_in:
            raise NotSignedIn
        if need is SIGNED_IN and actor.kind is ActorKind.API_KEY:
            log_denied(actor, None, lacks=Lack.ACCOUNT, operation=operation)
            raise KeyHasNoAccount
        if isinstance(need, str) and not actor.may(need):
            is_withheld = need in actor.withheld
            log_denied(actor, need, lacks=Lack.SECOND_FACTOR if is_withheld else Lack.PERMISSION, operation=operation)
            raise SecondFactorMissing(need) if is_withheld else PermissionMissing(need)
    if is_fresh_needed and not actor.is_fresh:
        named = sorted(need for need in needs if isinstance(need, str))
        log_denied(actor, ", ".join(named) or None, lacks=Lack.FRESH_FACTOR, operation=operation)
        raise FreshFactorMissing


def log_denied(
    actor: Actor, permission: str | None, *, lacks: Lack, operation: str | None, dimension: Dimension | None = None
) -> None:
    """Log that somebody was refused: who, what he asked for, the permission that it needs, and what he lacks."""
    log.warning(
        "denied",
        permission=permission,
        lacks=lacks.value,
        operation=operation,
        actor_kind=actor.kind.value,
        actor_id=str(actor.id),
        **({} if dimension is None else {"dimension": dimension.value}),
    )
