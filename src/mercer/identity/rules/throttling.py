"""How often somebody may guess, and how long he waits when he guessed too often (OWASP ASVS 5.0, 6.3.1)."""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mercer.identity.models import Surface


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


PAIR, ACCOUNT, ADDRESS = "pair", "account", "address"

_GUESSING = {
    PAIR: Allowance(failures=5),
    ACCOUNT: Allowance(failures=20),
    ADDRESS: Allowance(failures=100, forgotten_after=timedelta(hours=1)),
}
_MAILING = {
    ACCOUNT: Allowance(failures=5, first_delay=timedelta(minutes=5), forgotten_after=timedelta(hours=1)),
    ADDRESS: Allowance(failures=50, forgotten_after=timedelta(hours=1)),
}
ALLOWANCES: Mapping[Surface, Mapping[str, Allowance]] = {
    Surface.SHOP_SIGN_IN: _GUESSING,
    Surface.ADMIN_SIGN_IN: _GUESSING,
    Surface.REGISTRATION: _MAILING,
    Surface.PASSWORD_RESET: _MAILING,
}


def throttle_keys(surface: Surface, *, account: str, ip: str | None) -> dict[str, Allowance]:
    """What an attempt is counted under, with the allowance of each. `account` is an address's key."""
    network = _digest(network_of(ip))
    named = {PAIR: f"{_digest(account)}:{network}", ACCOUNT: _digest(account), ADDRESS: network}
    return {f"{surface}:{kind}:{named[kind]}": allowance for kind, allowance in ALLOWANCES[surface].items()}


def account_keys(surface: Surface, *, account: str) -> tuple[str, str]:
    """What an account is counted under from everywhere, and what the keys of it with an address begin with."""
    return f"{surface}:{ACCOUNT}:{_digest(account)}", f"{surface}:{PAIR}:{_digest(account)}:"


def is_pair(key: str) -> bool:
    """Whether this counts an account and an address together."""
    return key.split(":")[1] == PAIR


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


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]
