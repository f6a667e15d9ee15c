"""What may be given."""

import re
from decimal import Decimal
from urllib.parse import urlsplit

from mercer.payments.errors import (
    AmountInvalid,
    NoteInvalid,
    PaymentTokenInvalid,
    PositionInvalid,
    ReferenceInvalid,
    ReturnAddressInvalid,
)
from mercer.values.currency import to_minor

LONGEST_TOKEN = 255
LONGEST_ADDRESS = 2_000
LONGEST_REFERENCE = 100
LONGEST_NOTE = 500
HIGHEST_POSITION = 1_000
MOST = 10**15
"""No amount has more minor units."""


def check_token(token: str) -> None:
    """Raise `PaymentTokenInvalid`."""
    if not (0 < len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable() and " " not in token):
        raise PaymentTokenInvalid


def check_return_url(address: str) -> None:
    """Raise `ReturnAddressInvalid`."""
    if len(address) > LONGEST_ADDRESS or not re.fullmatch(r"https?://[!-~]+", address):
        raise ReturnAddressInvalid
    try:
        parts = urlsplit(address)
        is_sound = bool(parts.hostname) and parts.username is None and parts.password is None and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound or "\\" in address:
        raise ReturnAddressInvalid


def checked_amount(amount: Decimal, currency: str) -> int:
    """An amount that moves, in minor units. Raises `AmountInvalid`."""
    minor = to_minor(amount, currency) if amount.is_finite() and abs(amount) < MOST else None
    if minor is None or not 0 < minor <= MOST:
        raise AmountInvalid
    return minor


def check_reference(reference: str) -> None:
    """Raise `ReferenceInvalid`."""
    if not (reference.strip() and len(reference) <= LONGEST_REFERENCE and reference.isprintable()):
        raise ReferenceInvalid


def check_note(note: str) -> None:
    """Raise `NoteInvalid`."""
    if not (note.strip() and len(note) <= LONGEST_NOTE and note.isprintable()):
        raise NoteInvalid


def check_position(position: int) -> None:
    """Raise `PositionInvalid`."""
    if not 0 <= position <= HIGHEST_POSITION:
        raise PositionInvalid
