"""Who may use the admin API until staff can sign in: whoever knows the development token."""

import hmac
from uuid import UUID

from starlette.requests import HTTPConnection

from mercer.platform.actors import GUEST, Actor, ActorKind
from mercer.platform.settings import Settings


def development_actor(settings: Settings, request: HTTPConnection, permissions: frozenset[str]) -> Actor:
    """Staff with all permissions, if the token is right; a guest otherwise."""
    expected = settings.development_token
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if expected is None or scheme.lower() != "bearer" or not hmac.compare_digest(given.strip(), expected):
        return GUEST
    return Actor(kind=ActorKind.STAFF, id=UUID(int=1), permissions=permissions)
