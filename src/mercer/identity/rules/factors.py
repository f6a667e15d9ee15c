"""Second factors (OWASP ASVS 5.0, 6.5; NIST SP 800-63B-4, 3.1; RFC 6238)."""

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from mercer.identity.errors import ProofUnclear
from mercer.identity.models import Factor, Proof

MOST_FACTORS = 10

PENDING_FOR = timedelta(hours=1)
"""How long a factor may be confirmed that was set up."""

CHALLENGE_LASTS = timedelta(minutes=5)
"""How long somebody who has shown a password may take to show a second factor."""

RECOVERY_CODES = 10
"""How many one is given at a time."""

_GROUPS, _LETTERS = 5, 5
_RECOVERY_CODE = re.compile(rf"[A-Z2-7]{{{_GROUPS * _LETTERS}}}")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015]+")
_LONGEST_TYPED = 100


class Check(Protocol):
    """How one kind of second factor is checked: the seam for further kinds.

    It says the counter of what was shown if that is right and newer than `after`, otherwise None. With TOTP this is the
    time step. A passkey (WebAuthn) fits in as a `FactorKind` of its own: its `secret` is the credential's public key,
    what is shown is the signed assertion over the challenge that signing in answered, and its counter is the
    signature's. Then it needs an entry in `providers/factors.py`, and a field beside `code` in `Proof`.
    """

    def __call__(self, secret: str, shown: str, *, after: int | None, now: datetime) -> int | None: ...


def check_one_shown(proof: Proof) -> None:
    """Raise `ProofUnclear` unless exactly one thing is shown."""
    shown = [proof.password, proof.code, proof.recovery_code]
    if sum(each is not None for each in shown) != 1:
        raise ProofUnclear


def is_pending(factor: Factor, *, now: datetime) -> bool:
    """Whether a factor can be confirmed."""
    return factor.confirmed_at is None and now < factor.created_at + PENDING_FOR


def confirmed(factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """Those of the factors that count."""
    return tuple(each for each in factors if each.confirmed_at is not None)


def read_code(typed: str) -> str:
    """The digits of a code as they were typed: spaces and hyphens between them, and digits of any script, are fine.

    What is no code comes back as one that none is.
    """
    if len(typed) > _LONGEST_TYPED:
        return ""
    letters = _SEPARATORS.sub("", typed)
    digits = [unicodedata.decimal(letter, None) for letter in letters]
    return "" if None in digits else "".join(map(str, digits))


def new_recovery_code() -> str:
    """A code of 125 random bits (OWASP ASVS 5.0, 6.5.2): five groups of five letters and digits."""
    letters = base64.b32encode(secrets.token_bytes(20)).decode()
    return "-".join(letters[start : start + _LETTERS] for start in range(0, _GROUPS * _LETTERS, _LETTERS))


def recovery_code_hash(typed: str) -> bytes | None:
    """What is stored of a recovery code, however it is typed. It is random, so one round of SHA-256 is enough.

    None: it cannot be one.
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    letters = _SEPARATORS.sub("", typed).upper()
    return hashlib.sha256(letters.encode()).digest() if _RECOVERY_CODE.fullmatch(letters) else None
