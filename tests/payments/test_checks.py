"""What may be given: tokens, addresses, amounts and words."""

from decimal import Decimal

import pytest

from mercer.payments.errors import (
    AmountInvalid,
    NoteInvalid,
    PaymentTokenInvalid,
    ReferenceInvalid,
    ReturnAddressInvalid,
)
from mercer.payments.rules.checks import check_note, check_reference, check_return_url, check_token, checked_amount


@pytest.mark.parametrize("token", ["", " ", "a b", "a\0b", "ä", "x" * 256])
def test_tokens_that_are_none(token: str) -> None:
    with pytest.raises(PaymentTokenInvalid):
        check_token(token)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/back",
        "javascript:alert(1)",
        "ftp://shop.test",
        "https://",
        "https://user:pass@shop.test/",
        "https://shop.test/a b",
        "https://shop.test/\r\nX: y",
        "https://shop.test\\@evil.test",
        "https://[::1",
        "https://shop.test:99999/",
        "https://shop.test/" + "x" * 2_000,
    ],
)
def test_addresses_that_nobody_comes_back_to(address: str) -> None:
    with pytest.raises(ReturnAddressInvalid):
        check_return_url(address)


@pytest.mark.parametrize("address", ["http://localhost:3000", "https://shop.test/back?order=1#paid", "https://[::1]/"])
def test_addresses(address: str) -> None:
    check_return_url(address)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.50", "USD", 1_250), ("12", "USD", 1_200), ("12", "JPY", 12), ("1.250", "KWD", 1_250), ("0.01", "EUR", 1)],
)
def test_amounts(amount: str, currency: str, minor: int) -> None:
    assert checked_amount(Decimal(amount), currency) == minor


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "-Infinity", "1e15", "1e400", "1e-400"])
def test_amounts_that_are_none(amount: str) -> None:
    with pytest.raises(AmountInvalid):
        checked_amount(Decimal(amount), "USD")


def test_words() -> None:
    check_reference("Transfer 7 of Ä. Ö.")
    check_note("n" * 500)
    for text in ("", "  ", "a\nb", "a\0b", "x" * 501):
        with pytest.raises(ReferenceInvalid):
            check_reference(text)
        with pytest.raises(NoteInvalid):
            check_note(text)
