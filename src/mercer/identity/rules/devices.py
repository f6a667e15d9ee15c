"""What a session's device is called, so that its owner knows it again."""

import re
from collections.abc import Mapping

from ua_parser import parse

LONGEST = 80
_NAMED_SO: Mapping[str, str] = {
    "Mac OS X": "macOS",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "App",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "App",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
}
_APPLE = {"iPhone", "iPad", "iPod"}
_UNSAFE = re.compile(r"[^A-Za-z0-9 _+-]+")
_PROGRAM = re.compile(r"([A-Za-z][A-Za-z0-9_+-]{1,39})(?:/|\s|$)")


def device_of(user_agent: str) -> str | None:
    """`Firefox on Windows`, `Safari on iPhone`, or what a program calls itself: `curl`. None if it tells nothing.

    Anybody may claim to be anything, and the label stands in mails: it is made of letters, digits and spaces.
    """
    user_agent = user_agent.encode("ascii", "replace").decode()
    parsed = parse(user_agent)
    browser = _name(None if parsed.user_agent is None else parsed.user_agent.family)
    device = None if parsed.device is None else parsed.device.family
    system = _name(device if device in _APPLE else None if parsed.os is None else parsed.os.family)
    if browser is None and system is None:
        program = _PROGRAM.match(user_agent)
        return program[1] if program is not None and program[1].lower() != "mozilla" else None
    named = dict.fromkeys(each for each in (browser, system) if each is not None)
    return " on ".join(named)[:LONGEST]


def _name(family: str | None) -> str | None:
    """What people call it, in harmless letters."""
    if family is None or family == "Other":
        return None
    return _UNSAFE.sub("", _NAMED_SO.get(family, family)).strip() or None
