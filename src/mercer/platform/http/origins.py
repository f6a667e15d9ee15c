"""Where a request comes from."""

from ipaddress import ip_address

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
    """The address before the outermost proxy of ours. What a client claims beyond that is not believed.

    Each line of the header counts: a proxy may add one of its own. What is no address is the peer's.
    """
    lines = request.headers.getlist("x-forwarded-for")
    forwarded = [each.strip() for line in lines for each in line.split(",") if each.strip()]
    if proxies and len(forwarded) >= proxies:
        claimed = _read_address(forwarded[-proxies])
        if claimed is not None:
            return claimed
    return request.client.host if request.client else None


def _read_address(text: str) -> str | None:
    """An address as proxies write it, with a port and in brackets or without."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
