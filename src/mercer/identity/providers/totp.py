"""Codes of authenticator apps: six digits of HMAC-SHA-1 every thirty seconds, which is what all apps can (RFC 6238)."""

import hmac
from datetime import datetime

import pyotp

STEP_S = 30
DIGITS = 6
DRIFT = 1
"""How many steps a clock may be ahead or behind: one, for what the network takes (RFC 6238, 5.2)."""


def new_secret() -> str:
    """A secret of 160 random bits, in base32 (RFC 4226, 4)."""
    return pyotp.random_base32(32)


def uri(secret: str, *, account: str, issuer: str) -> str:
    """The link that an app reads as a QR code."""
    # Apps split the label at a colon.
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer.replace(":", " "))


def check(secret: str, shown: str, *, after: int | None, now: datetime) -> int | None:
    """The time step of a code, if it is of now, one step earlier or later, and later than `after`.

    So each code works once, and none that is older than one that did (RFC 6238, 5.2; OWASP ASVS 5.0, 6.5.1).
    """
    totp, present = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S), int(now.timestamp()) // STEP_S
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        is_right = step >= 0 and hmac.compare_digest(totp.generate_otp(step).encode(), shown.encode())
        if is_right and (after is None or step > after):
            found = step
    return found
