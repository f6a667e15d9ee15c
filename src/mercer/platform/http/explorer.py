"""The explorer: a page of our own to try an API in a browser, in development. It loads nothing from elsewhere."""

import base64
import hashlib
import re
from importlib.resources import files

from starlette.types import Send

PAGE = files("mercer.platform.http").joinpath("explorer.html").read_bytes()


def _source_hash(element: bytes) -> str:
    """How a content security policy names the one inline script, or style, that may be used."""
    found = re.search(rb"<%b>(.*?)</%b>" % (element, element), PAGE, re.DOTALL)
    if found is None:
        raise AssertionError(f"explorer.html has no <{element.decode()}>")
    return f"'sha256-{base64.b64encode(hashlib.sha256(found[1]).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; script-src {_source_hash(b'script')}; style-src {_source_hash(b'style')}; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def send_explorer(send: Send) -> None:
    """Answer with the page."""
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"content-length", b"%d" % len(PAGE)),
                (b"content-security-policy", POLICY.encode()),
                (b"cache-control", b"no-cache"),
                (b"vary", b"Accept"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": PAGE})
