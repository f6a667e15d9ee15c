"""Names as keys: what they sort by, and how they stand in an address."""

import unicodedata

from slugify import slugify

_GERMAN = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss"))
LONGEST_SLUG = 100


def composed(typed: str, *, longest: int) -> str:
    """The text with its accents as single letters (NFC), without spaces around it.

    What is far longer than it may be is left as it is, to be refused by its length: composing it would take time that
    grows with the square of it (Unicode Standard Annex 15, 13).
    """
    return unicodedata.normalize("NFC", typed).strip() if len(typed) <= 4 * longest else typed


def sort_key(name: str) -> str:
    """The name case-folded and without accents, so that `Äpfel` stands beside `apfel`."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def slug_of(name: str) -> str:
    """The name as it may stand in an address; `item` when nothing of it can."""
    return slugify(name, max_length=LONGEST_SLUG, word_boundary=True, replacements=_GERMAN) or "item"
