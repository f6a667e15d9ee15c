"""How often somebody may guess, and how long he waits when he guessed too often (OWASP ASVS 5.0, 6.1.1 and 6.3.1).

A surface that comes later, such as coupon codes or the numbers of gift cards, is one more `Surface` with a line in
`ALLOWANCES`; its module counts a wrong one by `service/throttling.py: count_wrong`.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mercer.identity.models import Audience, Surface


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """How many failures in a row are free of delay. Each further one doubles the delay, up to the longest."""

    failures: int
    first_delay: timedelta = timedelta(seconds=30)
    longest_delay: timedelta = timedelta(minutes=15)
    forgotten_after: timedelta = timedelta(hours=24)
    """Failures are forgotten when there was none for so long."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is counted for one key."""

    failures: int
    last_at: datetime
    held_until: datetime | None


PAIR, ACCOUNT, ADDRESS, DEVICE = "pair", "account", "address", "device"

_DEVICE = Allowance(failures=5)
"""Whoever signed in from a device before is counted by it, and not held up by what others fail on his account."""

_HOUR = timedelta(hours=1)

_GUESSING = {
    PAIR: Allowance(failures=5),
    ACCOUNT: Allowance(failures=20),
    ADDRESS: Allowance(failures=100, forgotten_after=_HOUR),
}
_FACTORS = {
    PAIR: Allowance(failures=5),
    ACCOUNT: Allowance(failures=10, longest_delay=_HOUR),
    ADDRESS: Allowance(failures=100, forgotten_after=_HOUR),
}
"""Only who has the password comes so far, so no stranger holds anybody up; and six digits are soon guessed."""

_MAILING = {
    ACCOUNT: Allowance(failures=5, first_delay=timedelta(minutes=5), forgotten_after=_HOUR),
    ADDRESS: Allowance(failures=50, forgotten_after=_HOUR),
}
_TOKENS = {ADDRESS: Allowance(failures=30, forgotten_after=_HOUR)}
ALLOWANCES: Mapping[Surface, Mapping[str, Allowance]] = {
    Surface.SHOP_SIGN_IN: _GUESSING,
    Surface.ADMIN_SIGN_IN: _GUESSING,
    Surface.SHOP_FACTOR: _FACTORS,
    Surface.ADMIN_FACTOR: _FACTORS,
    Surface.REGISTRATION: _MAILING,
    Surface.PASSWORD_RESET: _MAILING,
    Surface.VERIFICATION: _MAILING,
    Surface.EMAIL_CHANGE: _MAILING,
    Surface.MAILED_TOKEN: _TOKENS,
    Surface.ORDER_LOOK_UP: _TOKENS,
    Surface.SESSION_REFRESH: {},
}

GUESSED: Mapping[Audience, tuple[Surface, ...]] = {
    Audience.SHOP: (Surface.SHOP_SIGN_IN, Surface.SHOP_FACTOR),
    Audience.ADMIN: (Surface.ADMIN_SIGN_IN, Surface.ADMIN_FACTOR),
}
"""Where an account's own secrets are guessed at: its owner is told when it is held up, and may unlock it by mail."""

FACTOR_SURFACES = frozenset({Surface.SHOP_FACTOR, Surface.ADMIN_FACTOR})
"""Where nobody comes who does not know the password."""

TOLD_AGAIN = timedelta(days=1)
"""How seldom an account's owner is told that it is held up."""

KNOWN_FOR = timedelta(days=30)
"""How long a device is known after somebody signed in from it."""

MOST_DEVICES = 10
"""How many devices of an account are known: each may guess by itself."""


def audience_of(surface: Surface) -> Audience:
    """Whose accounts are tried there."""
    return Audience.ADMIN if surface in GUESSED[Audience.ADMIN] else Audience.SHOP


def throttle_keys(
    surface: Surface, *, account: str | None, ip: str | None, device: str | None = None
) -> dict[str, Allowance]:
    """What an attempt is counted under, with the allowance of each. `account` is an address's key.

    Without an account it is the address only. With a device that is known it is the device instead of the account.
    """
    network = _digest(network_of(ip))
    named = {ADDRESS: network}
    allowances = dict(ALLOWANCES[surface])
    if device is not None:
        named[DEVICE] = _digest(device)
        allowances[DEVICE] = _DEVICE
    elif account is not None:
        named |= {PAIR: f"{_digest(account)}:{network}", ACCOUNT: _digest(account)}
    return {f"{surface}:{kind}:{named[kind]}": allowances[kind] for kind in sorted(named) if kind in allowances}


def account_keys(surface: Surface, *, account: str) -> tuple[str, str]:
    """What an account is counted under from everywhere, and what the keys of it with an address begin with."""
    return f"{surface}:{ACCOUNT}:{_digest(account)}", f"{surface}:{PAIR}:{_digest(account)}:"


def is_of_one(key: str) -> bool:
    """Whether this counts one person: an account and an address together, or a device."""
    return key.split(":")[1] in {PAIR, DEVICE}


def retry_at(standing: Standing, *, now: datetime) -> datetime | None:
    """When the next attempt is let through; None: now."""
    held = standing.held_until
    return held if held is not None and held > now else None


def after_attempt(standing: Standing, allowance: Allowance, *, now: datetime) -> Standing:
    """What is counted once an attempt is let through: it counts as a failure until it has succeeded."""
    is_forgotten = standing.last_at <= now - allowance.forgotten_after
    failures = 1 if is_forgotten else standing.failures + 1
    excess = failures - allowance.failures
    if excess < 0:
        return Standing(failures=failures, last_at=now, held_until=None)
    delay = min(allowance.first_delay * 2 ** min(excess, 20), allowance.longest_delay)
    return Standing(failures=failures, last_at=now, held_until=now + delay)


def network_of(ip: str | None) -> str:
    """What an address is counted as: IPv6 by its /64, which is what one customer of a provider has."""
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def new_device_token() -> str:
    """A token of 32 random bytes that shows, at the next sign-in, that its bearer signed in before."""
    return f"mercer_device_{secrets.token_urlsafe(32)}"


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]
