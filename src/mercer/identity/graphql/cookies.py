"""Session cookies, for web pages that keep their token where scripts cannot read it.

A browser sends a cookie whoever made it send the request. So a request with one that could change something must come
from a page of ours: `Sec-Fetch-Site` or `Origin` say where from, and no page can forge them (OWASP ASVS 5.0, 3.5.1).
Requests with a bearer token need no such check: no browser adds that by itself.
"""

from datetime import datetime

from starlette.requests import HTTPConnection

from mercer.channels.graphql.binds import allowed_origins
from mercer.identity.models import Audience
from mercer.platform.context import Context
from mercer.platform.errors import RequestRefused
from mercer.platform.settings import Settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class ForeignPage(RequestRefused):
    """A request with a session cookie that does not say, or says wrongly, which page it comes from."""

    def __init__(self) -> None:
        super().__init__(
            "With a session cookie, requests must come from a page of the shop: the header Origin says which.",
            code="FOREIGN_ORIGIN",
            status=403,
        )


def cookie_name(settings: Settings, audience: Audience) -> str:
    """Browsers take a name with this prefix only over TLS."""
    return f"{'__Secure-' if _is_secure(settings) else ''}mercer_{audience}"


def cookie(settings: Settings, audience: Audience, *, token: str, now: datetime, expires_at: datetime) -> str:
    """The header that has a browser keep a session's token."""
    return _cookie(settings, audience, token=token, seconds=int((expires_at - now).total_seconds()))


def no_cookie(settings: Settings, audience: Audience) -> str:
    """The header that has a browser forget it."""
    return _cookie(settings, audience, token='""', seconds=0)  # noqa: S106 — none


async def refuse_foreign_page(context: Context, request: HTTPConnection, audience: Audience) -> None:
    """Raise `ForeignPage` unless a request with a cookie changes nothing, or comes from a page of ours.

    For the admin API those are pages of its own address; for the shop, those of the channels' origins too. Their
    pages may read what either API answers, so whoever names an origin must be one of ours to ask a query, too.
    """
    origin = request.headers.get("origin")
    is_safe = request.scope.get("method") in SAFE_METHODS and origin is None
    if is_safe or request.headers.get("sec-fetch-site") == "same-origin":
        return
    own = {context.settings.address, f"{request.url.scheme}://{request.url.netloc}"}
    if origin in own:
        return
    if origin is None or audience is Audience.ADMIN or origin not in await allowed_origins(context):
        raise ForeignPage


def _cookie(settings: Settings, audience: Audience, *, token: str, seconds: int) -> str:
    parts = [f"{cookie_name(settings, audience)}={token}", "HttpOnly", f"Max-Age={seconds}", f"Path=/{audience}"]
    parts += ["SameSite=Lax", *(["Secure"] if _is_secure(settings) else [])]
    return "; ".join(parts)


def _is_secure(settings: Settings) -> bool:
    """Whether clients come over TLS. Only development may do without."""
    return settings.is_production or settings.address.startswith("https://")
