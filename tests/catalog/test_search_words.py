"""From what a shopper types to what PostgreSQL searches."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.catalog.rules.searching import LONGEST_WORD, MOST_WORDS, plain_words, search_words


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Steel mug", "'steel' & 'mug':*"),
        ("  ÄPFEL\t", "'apfel':*"),
        ("it's", "'its':*"),
        ("a\\b", "'ab':*"),
        ("a & b | !c :*", "'a' & 'b' & '!c':*"),
        ("\0mug\x1f \u200bx", "'mug' & 'x':*"),
        ("", ""),
        (" ", ""),
        ("& 🍵 ''", ""),
        ("x " * 50, " & ".join(["'x'"] * MOST_WORDS) + ":*"),
        ("x" * 300, f"'{'x' * LONGEST_WORD}':*"),
        ("㌖", "'キロメートル':*"),
        ("a" + "\u0301\u0327" * 10_000 + " mug", "'a':*"),
    ],
)
def test_words(typed: str, expected: str) -> None:
    assert search_words(typed) == expected


@given(st.text())
def test_whatever_is_typed_makes_a_query(typed: str) -> None:
    words = search_words(typed)
    assert words == "" or re.fullmatch(r"'[^'\\]{1,200}'( & '[^'\\]{1,200}')*:\*", words)


@pytest.mark.parametrize(
    ("sku", "expected"),
    [("MUG-1-R", ["mug-1-r"]), ("AB 12", ["ab", "12"]), ("O'1", ["o1"]), ("ÄB-1", ["ab-1"]), ("--", [])],
)
def test_a_sku_is_found_by_the_words_that_are_searched(sku: str, expected: list[str]) -> None:
    assert plain_words(sku) == expected
