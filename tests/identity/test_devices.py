"""What devices are called: as people know them, and harmless in a mail whatever somebody claims to be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.identity.rules.devices import LONGEST, device_of

_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36 Edg/124.0.0.0", "Edge on Windows"),
        (f"{_MAC} {_WEBKIT} Version/17.4 Safari/605.1.15", "Safari on macOS"),
        (f"{_MAC} {_CHROME} Safari/537.36", "Chrome on macOS"),
        (f"{_IPHONE} {_WEBKIT} Version/17.4 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{_IPHONE} {_WEBKIT} CriOS/124.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{_IPHONE} {_WEBKIT} Mobile/15E148", "App on iPhone"),
        (
            f"Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) {_WEBKIT} Version/17.4 Mobile/15E148 Safari/604.1",
            "Safari on iPad",
        ),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {_CHROME} Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", "Firefox on Ubuntu"),
        ("Dalvik/2.1.0 (Linux; U; Android 13; SM-A)", "Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.27", "python-httpx"),
        ("LarkmoorApp/3.1 (build 7)", "LarkmoorApp"),
        ("Mozilla/5.0 (Windows NT", "Windows"),
        ("Mozilla/5.0", None),
        ("", None),
        (" ", None),
        ("evil.example/1.0", None),
        ("<script>alert(1)</script>", None),
        ("\ud800x/1", None),
        ("a" * 500, None),
        ("(" * 500, None),
    ],
)
def test_what_a_device_is_called(user_agent: str, device: str | None) -> None:
    assert device_of(user_agent) == device


_CLAIMS = st.lists(
    st.sampled_from(
        [
            "Mozilla/5.0 (",
            "Windows NT 10.0; ",
            "evil.example",
            "Bot/1.0 ",
            "Firefox/",
            "http://",
            "<b>",
            "\n",
            "é",
            "; ",
        ]
    )
    | st.text(max_size=20),
    max_size=12,
).map("".join)


@given(_CLAIMS)
def test_whatever_somebody_claims_stands_harmless_in_a_mail(user_agent: str) -> None:
    """No link, no markup, no line of its own, and not without end."""
    device = device_of(user_agent)
    assert device is None or re.fullmatch(rf"[A-Za-z0-9 _+-]{{1,{LONGEST}}}", device)
