"""From which address a request comes, whatever its sender and our proxies write."""

import pytest
from starlette.requests import HTTPConnection

from mercer.platform.http.origins import origin_of
from mercer.platform.settings import Environment, Settings

PEER = "10.0.0.1"


def address(*lines: str, proxies: int = 1) -> str | None:
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in lines]
    request = HTTPConnection({"type": "http", "headers": headers, "client": (PEER, 4711)})
    return origin_of(request, Settings(environment=Environment.TEST, proxies=proxies), api="shop").ip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("", PEER),
        ("unknown", PEER),
        ("_hidden:1", PEER),
        ("192.0.2.999", PEER),
        ("[", PEER),
        ("x" * 10_000, PEER),
        (":" * 10_000, PEER),
        ("\xe9", PEER),
    ],
)
def test_what_proxies_write(written: str, read: str) -> None:
    assert address(written) == read


@pytest.mark.parametrize(
    ("lines", "proxies", "read"),
    [
        (["203.0.113.1", "192.0.2.7"], 1, "192.0.2.7"),
        (["203.0.113.1, 192.0.2.7", "198.51.100.1"], 2, "192.0.2.7"),
        (["203.0.113.1", "192.0.2.7, 198.51.100.1"], 2, "192.0.2.7"),
        (["203.0.113.1, 192.0.2.7"], 1, "192.0.2.7"),
        (["203.0.113.1"], 2, PEER),
        (["203.0.113.1"], 0, PEER),
        ([], 1, PEER),
    ],
)
def test_nobody_chooses_his_address(lines: list[str], proxies: int, read: str) -> None:
    """What he claims stands before what our proxies add, on a line of theirs or on his."""
    assert address(*lines, proxies=proxies) == read
