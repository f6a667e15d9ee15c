"""Where a request comes from."""

from starlette.requests import HTTPConnection

from mercer.platform.actors import Origin
from mercer.platform.observability.requests import current_request
from mercer.platform.settings import Settings

LONGEST_USER_AGENT = 400


def origin_of(request: HTTPConnection, settings: Settings, *, api: str) -> Origin:
    """What the audit says of a request. The address is the client's, as far as proxies of our own tell it."""
    record = current_request.get()
    user_agent = request.headers.get("user-agent")
    return Origin(
        ip=_address(request, proxies=settings.proxies),
        user_agent=user_agent and user_agent[:LONGEST_USER_AGENT],
        request_id=record.id if record else None,
        api=api,
        traceparent=record.traceparent if record else None,
        cart_token=request.headers.get("x-mercer-cart"),
    )


def _address(request: HTTPConnection, *, proxies: int) -> str | None:
    """The address before the outermost proxy of ours. What a client claims beyond that is not believed."""
    forwarded = [each.strip() for each in request.headers.get("x-forwarded-for", "").split(",") if each.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return request.client.host if request.client else None
