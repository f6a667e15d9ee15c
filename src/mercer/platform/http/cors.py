"""Which web pages may call the APIs: those of the origins that the shop names, which may change while it runs."""

from collections.abc import Awaitable, Callable, Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

REQUEST_HEADERS = (
    "Authorization",
    "Idempotency-Key",
    "If-None-Match",
    "Traceparent",
    "Tracestate",
    "X-Mercer-Cart",
    "X-Mercer-Channel",
    "X-Request-Id",
)


class Cors(CORSMiddleware):
    """ASGI middleware that asks `allowed_origins` anew for each request from a web page."""

    def __init__(self, app: ASGIApp, *, allowed_origins: Callable[[], Awaitable[Collection[str]]]) -> None:
        super().__init__(
            app,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=REQUEST_HEADERS,
            allow_credentials=True,
            expose_headers=("ETag", "Retry-After", "X-Request-Id"),
        )
        self._allowed_origins = allowed_origins
        self._allowed: Collection[str] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and any(name == b"origin" for name, _ in scope["headers"]):
            self._allowed = await self._allowed_origins()
        await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        return origin in self._allowed
