"""E-mail addresses, names and languages."""

import hashlib
import unicodedata

from email_validator import EmailNotValidError, validate_email

from mercer.identity.errors import EmailInvalid, LanguageUnreadable, PersonNameInvalid
from mercer.values.language import TAG

LONGEST_NAME = 200
LONGEST_EMAIL = 254
"""RFC 5321, 4.5.3.1.3, less the brackets."""


def read_email(typed: str) -> str:
    """The address in its normal form: the domain in small letters, the rest as it was typed. Raises `EmailInvalid`.

    Whether the domain exists is not asked: that takes the network, and the mail will tell.
    """
    if len(typed) > LONGEST_EMAIL:
        raise EmailInvalid
    try:
        return validate_email(typed.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise EmailInvalid from None


def email_key(typed: str) -> str:
    """What tells addresses apart: the normal form, case-folded. What is no address has a key that no account has."""
    try:
        return read_email(typed).casefold()
    except EmailInvalid:
        return typed[:LONGEST_EMAIL].strip().casefold()


def email_digest(key: str) -> str:
    """An address's key as the log of attempts holds it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def read_name(typed: str) -> str:
    """A person's name without spaces around it. Raises `PersonNameInvalid`."""
    name = unicodedata.normalize("NFC", typed).strip()
    if not 1 <= len(name) <= LONGEST_NAME or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in name):
        raise PersonNameInvalid
    return name


def read_language(typed: str) -> str:
    """A language tag. Raises `LanguageUnreadable`."""
    if not TAG.fullmatch(typed):
        raise LanguageUnreadable
    return typed
