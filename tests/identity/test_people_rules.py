"""Addresses, names, languages."""

from collections.abc import Callable

import pytest

from mercer.identity.errors import EmailInvalid, FactorNameInvalid, LanguageUnreadable, PersonNameInvalid
from mercer.identity.rules.people import email_digest, email_key, read_email, read_label, read_language, read_name
from mercer.values import names


@pytest.mark.parametrize(
    ("typed", "address", "key"),
    [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        ("  Ada.B+shop@EXAMPLE.com ", "Ada.B+shop@example.com", "ada.b+shop@example.com"),
        ("ADA@MÜLLER.de", "ADA@müller.de", "ada@müller.de"),
        ("Straße@example.com", "Straße@example.com", "strasse@example.com"),
    ],
)
def test_addresses_have_a_normal_form_and_a_key(typed: str, address: str, key: str) -> None:
    assert (read_email(typed), email_key(typed)) == (address, key)


NO_ADDRESSES = [
    "",
    "ada",
    "ada@",
    "@example.com",
    "ada@localhost",
    "a b@example.com",
    "ada@exa mple.com",
    "ada@example.com\n.de",
    "ada@127.0.0.1",
    "ada@[127.0.0.1]",
    f"a@{'b' * 250}.com",
    "x" * 100_000,
]


@pytest.mark.parametrize("typed", NO_ADDRESSES, ids=range(len(NO_ADDRESSES)))
def test_what_is_no_address_is_refused_but_has_a_key(typed: str) -> None:
    with pytest.raises(EmailInvalid):
        read_email(typed)
    assert len(email_key(typed)) <= 254


def test_the_log_of_attempts_holds_no_address() -> None:
    assert email_digest("ada@example.com") == email_digest(email_key("ADA@Example.com"))
    assert "ada" not in email_digest("ada@example.com")
    assert len(email_digest("half of a pair: \ud83d")) == 64


@pytest.mark.parametrize(("typed", "name"), [(" Ada ", "Ada"), ("e\u0301", "é"), ("李", "李"), ("x" * 200, "x" * 200)])
def test_names(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize("typed", ["", "   ", "x" * 201, "Ada\nLovelace", "\x1b[31mAda", "Ada\ud83d"])
def test_faulty_names_are_refused(typed: str) -> None:
    with pytest.raises(PersonNameInvalid):
        read_name(typed)


@pytest.mark.parametrize("typed", ["", "english", "EN", "de_AT", "de-at", "en\n", "x" * 1000])
def test_faulty_languages_are_refused(typed: str) -> None:
    assert read_language("de-AT") == "de-AT"
    with pytest.raises(LanguageUnreadable):
        read_language(typed)


@pytest.mark.parametrize("read", [read_name, read_label])
def test_what_is_far_too_long_is_not_composed(read: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Composing takes time that grows with the square of the accents that follow each other."""
    monkeypatch.setattr(names, "unicodedata", None)
    with pytest.raises((PersonNameInvalid, FactorNameInvalid)):
        read("a" + "\u0301\u0327" * 1_000)
