"""Languages, currencies and names: words that all modules share."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.values.currency import CurrencyUnknown, digits, exceptions, to_minor
from mercer.values.language import negotiate, parent
from mercer.values.names import LONGEST_SLUG, slug_of, sort_key


@pytest.mark.parametrize(
    ("header", "spoken", "expected"),
    [
        (None, ("en", "de"), "en"),
        ("", ("en", "de"), "en"),
        ("de", ("en", "de"), "de"),
        ("DE", ("en", "de"), "de"),
        ("de-AT", ("en", "de"), "de"),
        ("de-AT", ("en", "de", "de-AT"), "de-AT"),
        ("de", ("en", "de-AT"), "de-AT"),
        ("de-CH", ("en", "de-AT"), "de-AT"),
        ("zh-Hant-TW", ("en", "zh"), "zh"),
        ("fr, de;q=0.5", ("en", "de"), "de"),
        ("en;q=0.1, de;q=0.2", ("en", "de"), "de"),
        ("en; q=0.5 , de", ("en", "de"), "de"),
        ("de;q=0", ("en", "de"), "en"),
        ("de;q=0.000", ("en", "de"), "en"),
        ("*", ("en", "de"), "en"),
        ("*;q=0.1, de;q=0.01", ("en", "de"), "en"),
        ("fr, *;q=0.1", ("en", "de"), "en"),
        ("de;q=2, en", ("en", "de"), "en"),
        ("de;level=1, en", ("en", "de"), "en"),
        ("<script>", ("en", "de"), "en"),
    ],
)
def test_languages_are_negotiated(header: str | None, spoken: tuple[str, ...], expected: str) -> None:
    assert negotiate(header, spoken) == expected


@given(st.text() | st.text(alphabet="adefnq=;,.-*0159 "))
def test_any_header_finds_a_language_that_is_spoken(header: str) -> None:
    assert negotiate(header, ("en", "de-AT")) in ("en", "de-AT")


@pytest.mark.parametrize(("language", "expected"), [("de", "de"), ("de-AT", "de"), ("zh-Hant-TW", "zh")])
def test_a_language_without_its_region(language: str, expected: str) -> None:
    assert parent(language) == expected


@pytest.mark.parametrize(
    ("currency", "expected"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)]
)
def test_currencies_have_their_own_digits(currency: str, expected: int) -> None:
    assert digits(currency) == expected
    assert [count for count, codes in exceptions().items() if currency in codes] == [expected] * (expected != 2)


@pytest.mark.parametrize("currency", ["", "eur", "XYZ", "EURO"])
def test_unknown_currencies_are_refused(currency: str) -> None:
    with pytest.raises(CurrencyUnknown):
        digits(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("12.50", "EUR", 1250),
        ("12.501", "EUR", None),
        ("-12.51", "EUR", -1251),
        ("1250", "JPY", 1250),
        ("0.5", "JPY", None),
        ("1.234", "KWD", 1234),
        ("1.2345", "KWD", None),
    ],
)
def test_amounts_in_minor_units(amount: str, currency: str, expected: int | None) -> None:
    assert to_minor(Decimal(amount), currency) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Äpfel", "apfel"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("ﬁne", "fine"), ("Ōsaka", "osaka"), ("", "")],
)
def test_names_sort_without_case_and_accents(name: str, expected: str) -> None:
    assert sort_key(name) == expected


@given(st.text())
def test_a_sort_key_is_its_own(name: str) -> None:
    assert sort_key(sort_key(name)) == sort_key(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Äpfel & Birnen", "aepfel-birnen"),
        ("Größe Ü", "groesse-ue"),
        ("日本", "ri-ben"),
        ("!!!", "item"),
        ("", "item"),
        ("C++ / C#", "c-c"),
        ("a" * 300, "a" * LONGEST_SLUG),
        ("word " * 40, "-".join(["word"] * 20)),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug_of(name) == expected
