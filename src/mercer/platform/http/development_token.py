"""Who may use the admin API until staff can sign in: whoever knows the development token."""

import hmac
from collections.abc import Callable, Mapping

from mercer.platform.errors import RequestRefused
from mercer.platform.settings import Settings


def require_development_token(settings: Settings) -> Callable[[Mapping[bytes, bytes]], None]:
    """A check of a request's headers that raises `RequestRefused` with 401. Without a token set, it always does."""
    expected = settings.development_token.encode() if settings.development_token else None

    def admit(headers: Mapping[bytes, bytes]) -> None:
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        if expected is None or scheme.lower() != b"bearer" or not hmac.compare_digest(given.strip(), expected):
            raise RequestRefused(
                "Sign in to use this API.",
                code="UNAUTHENTICATED",
                status=401,
                headers={"WWW-Authenticate": 'Bearer realm="mercer"'},
            )

    return admit
