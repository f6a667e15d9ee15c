"""Who may ask for what: each root field of an API names what it needs, and nothing is served that names nothing."""

from collections.abc import Collection
from enum import Enum

import structlog

from mercer.platform.actors import Actor
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


def check_access(actor: Actor, needs: Collection[Needs]) -> None:
    """Raise `NotSignedIn` or `PermissionMissing`, unless the actor has all that is needed."""
    for need in sorted(needs, key=str):
        if need in {PUBLIC, ENTRY}:
            continue
        if not actor.is_signed_in:
            raise NotSignedIn
        if isinstance(need, str) and not actor.may(need):
            log.warning("denied", permission=need, actor_kind=actor.kind.value, actor_id=str(actor.id))
            raise PermissionMissing(need)
