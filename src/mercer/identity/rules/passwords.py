"""What a password may be (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.1, 6.2.5, 6.2.9, 6.2.11, 6.2.12)."""

import re
import unicodedata
from collections.abc import Iterable

from zxcvbn_rs_py import zxcvbn

from mercer.identity.errors import PasswordGuessable, PasswordTooLong, PasswordTooShort
from mercer.identity.models import DEMO_ACCOUNTS

SHORTEST, LONGEST = 12, 128
"""In characters, after normalisation. No kinds of characters are demanded."""

_FEWEST_GUESSES = 9
"""As a power of ten, by zxcvbn. Its score 3, "safely unguessable", begins at 8: that is what any three parts have,
`Summer2026!!` too."""

_JUDGED = 32
"""How many of the first characters are judged. Whoever has to guess more has to guess these; and judging takes a time
that grows with the square of what is judged, and worse with signs that could stand for letters."""

_SHORTEST_PART = 4
"""Parts of names shorter than this say nothing when they stand in a password."""

_KNOWN = frozenset(account.password for account in DEMO_ACCOUNTS)
_WORDS = (
    "mercer", "shop", "store", "demo", "staff", "admin", "administrator", "changeme", "passwort", "kennwort", "geheim",
    "willkommen", "ichliebedich", "schatz", "hallo", "fussball", "sommer", "fruehling", "herbst", "januar", "oktober",
    "dezember", "qwertz", "qwertzuiop", "yxcvbn", "yxcvbnm",
)  # fmt: skip
"""What people put into passwords here, besides the English words, names and passwords of breaches that zxcvbn knows."""


def normal_form(typed: str) -> str:
    """A password as it is hashed: the same whatever keyboard wrote it (NFKC)."""
    return unicodedata.normalize("NFKC", typed)


def check_password(typed: str, *, personal: Iterable[str] = ()) -> None:
    """Raise `PasswordTooShort`, `PasswordTooLong` or `PasswordGuessable` if nobody should use this password.

    `personal` is what others know of its owner and of the shop: the address, the name.
    """
    if len(typed) > LONGEST * 4:  # normalising takes time, too
        raise PasswordTooLong
    password = normal_form(typed)
    if len(password) < SHORTEST:
        raise PasswordTooShort
    if len(password) > LONGEST:
        raise PasswordTooLong
    if password in _KNOWN or _guesses(password, personal) < _FEWEST_GUESSES:
        raise PasswordGuessable


def is_known_to_all(typed: str) -> bool:
    """Whether this is a password of the demonstration shop."""
    return normal_form(typed) in _KNOWN


def _guesses(password: str, personal: Iterable[str]) -> float:
    return zxcvbn(password[:_JUDGED], [*_WORDS, *_named(personal)]).guesses_log10


def _named(personal: Iterable[str]) -> list[str]:
    whole = {each.casefold() for each in personal}
    parts = {part for each in whole for part in re.split(r"[^\w]+|_", each)}
    return sorted(whole | {part for part in parts if len(part) >= _SHORTEST_PART})
