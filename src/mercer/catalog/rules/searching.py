"""From what a shopper types to what PostgreSQL searches."""

import unicodedata

from mercer.values.names import sort_key

MOST_WORDS = 10
LONGEST_WORD = 200
"""In characters. PostgreSQL takes 2,046 bytes, and what was typed may grow: one `㌖` is searched as `キロメートル`."""


def search_words(typed: str) -> str:
    """The words as a `tsquery`: all must be found, the last may be unfinished. Empty when nothing can be searched."""
    # Folding takes time that grows with the square of what accents follow each other.
    words = plain_words(typed[: MOST_WORDS * LONGEST_WORD])[:MOST_WORDS]
    if not words:
        return ""
    return " & ".join(f"'{word}'" for word in words) + ":*"


def plain_words(text: str) -> list[str]:
    """The words of a text as they are searched: folded, without what has a meaning in a query."""
    return [word for word in (_plain(word) for word in sort_key(text).split()) if word]


def _plain(word: str) -> str:
    """The word without what would mean something to the query; nothing if it has no letter or digit."""
    kept = "".join(letter for letter in word if letter not in "'\\" and unicodedata.category(letter)[0] != "C")
    return kept[:LONGEST_WORD] if any(letter.isalnum() for letter in kept) else ""
