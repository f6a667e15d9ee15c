"""What a password may be (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2)."""

import re
import unicodedata
from collections.abc import Iterable

from mercer.identity.errors import PasswordGuessable, PasswordTooLong, PasswordTooShort
from mercer.identity.models import DEMO_ACCOUNTS

SHORTEST, LONGEST = 12, 128
"""In characters, after normalisation. No kinds of characters are demanded."""

_FEWEST_DIFFERENT = 5
_FEWEST_LEFT = 6
_SHORTEST_PART = 4
"""Names and runs shorter than this say nothing when they stand in a password."""

_KNOWN = frozenset(account.password for account in DEMO_ACCOUNTS)
_WORDS = (
    "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "pass", "letmein", "welcome", "willkommen", "admin",
    "administrator", "iloveyou", "ichliebedich", "monkey", "dragon", "qwerty", "qwertz", "asdfgh", "yxcvbn", "zxcvbn",
    "qwertyuiop", "qwertzuiop", "asdfghjkl", "football", "fussball", "baseball", "sunshine", "princess", "master",
    "login", "secret", "geheim", "test", "hallo", "hello", "changeme", "mercer", "shop", "demo", "user", "default",
    "summer", "sommer", "winter", "spring", "autumn", "herbst",
)  # fmt: skip
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
    "1q2w3e4r5t6y7u8i9o0p",
)
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))


def normal_form(typed: str) -> str:
    """A password as it is hashed: the same whatever keyboard wrote it (NFKC)."""
    return unicodedata.normalize("NFKC", typed)


def check_password(typed: str, *, personal: Iterable[str] = ()) -> None:
    """Raise `PasswordTooShort`, `PasswordTooLong` or `PasswordGuessable` if nobody should use this password.

    `personal` is what others know of its owner: the address, the name.
    """
    if len(typed) > LONGEST * 4:  # normalising takes time, too
        raise PasswordTooLong
    password = normal_form(typed)
    if len(password) < SHORTEST:
        raise PasswordTooShort
    if len(password) > LONGEST:
        raise PasswordTooLong
    if password in _KNOWN or _is_trivial(password.casefold(), personal):
        raise PasswordGuessable


def is_known_to_all(typed: str) -> bool:
    """Whether this is a password of the demonstration shop."""
    return typed in _KNOWN


def _is_trivial(password: str, personal: Iterable[str]) -> bool:
    """Whether too little is left of it without what anybody would try: known words, runs, repetitions, names."""
    if len(set(password)) < _FEWEST_DIFFERENT or _is_repeated(password):
        return True
    rest = password
    for name in sorted(_named(personal), key=len, reverse=True):
        rest = rest.replace(name, "")
    rest = _WORD.sub("", rest)
    rest = re.sub(r"(.)\1{2,}", "", _without_runs(rest))
    return len(rest) < _FEWEST_LEFT


def _is_repeated(password: str) -> bool:
    """Whether it is one short part over and over."""
    return password in (password + password)[1:-1] and len(set(password)) < SHORTEST


def _named(personal: Iterable[str]) -> set[str]:
    whole = {each.casefold() for each in personal}
    parts = whole | {part for each in whole for part in re.split(r"[^\w]+|_", each)}
    return {part for part in parts if len(part) >= _SHORTEST_PART}


def _without_runs(password: str) -> str:
    """The password without four or more characters that follow each other on a keyboard or in an alphabet."""
    kept, place = "", 0
    while place < len(password):
        length = max((_run_length(password, place, run) for run in (*_RUNS, *(run[::-1] for run in _RUNS))), default=0)
        if length >= _SHORTEST_PART:
            place += length
        else:
            kept += password[place]
            place += 1
    return kept


def _run_length(password: str, place: int, run: str) -> int:
    length = 0
    while place + length < len(password) and password[place : place + length + 1] in run:
        length += 1
    return length
