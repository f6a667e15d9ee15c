"""E-mail addresses, names and languages."""

import hashlib
import unicodedata

from email_validator import EmailNotValidError, validate_email

from mercer.identity.errors import EmailInvalid, FactorNameInvalid, LanguageUnreadable, PersonNameInvalid
from mercer.values.language import TAG
from mercer.values.names import composed

LONGEST_NAME = 200
LONGEST_LABEL = 100
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
    name = composed(typed, longest=LONGEST_NAME)
    if not _is_line(name, longest=LONGEST_NAME):
        raise PersonNameInvalid
    return name


def read_label(typed: str) -> str:
    """What somebody calls a factor or a key, without spaces around it. Raises `FactorNameInvalid`."""
    label = composed(typed, longest=LONGEST_LABEL)
    if not _is_line(label, longest=LONGEST_LABEL):
        raise FactorNameInvalid
    return label


def read_language(typed: str) -> str:
    """A language tag. Raises `LanguageUnreadable`."""
    if not TAG.fullmatch(typed):
        raise LanguageUnreadable
    return typed


def _is_line(text: str, *, longest: int) -> bool:
    return 1 <= len(text) <= longest and all(unicodedata.category(letter) not in {"Cc", "Cs"} for letter in text)
