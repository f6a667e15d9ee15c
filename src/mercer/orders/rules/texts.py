"""What people may write about orders."""

import unicodedata

from mercer.orders.errors import NoteInvalid, ReasonInvalid

LONGEST_REASON = 500
LONGEST_NOTE = 2000


def check_reason(reason: str) -> str:
    """The reason without spaces around it. Raises `ReasonInvalid`."""
    reason = reason.strip()
    if not reason or not reason.isprintable() or len(reason) > LONGEST_REASON:
        raise ReasonInvalid
    return reason


def check_note(text: str) -> str:
    """The note without spaces around it. Raises `NoteInvalid`."""
    text = text.strip()
    unfit = any(unicodedata.category(each) in {"Cc", "Cs"} for each in text if each != "\n")
    if not text or len(text) > LONGEST_NOTE or unfit:
        raise NoteInvalid
    return text
