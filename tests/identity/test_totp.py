"""Codes of authenticator apps, against the vectors of RFC 6238; and what people type."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.shop import NOW

from mercer.identity.providers import totp
from mercer.identity.rules.factors import new_recovery_code, read_code, recovery_code_hash

SECRET = base64.b32encode(b"12345678901234567890").decode()
STEP = timedelta(seconds=30)

VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
"""RFC 6238, appendix B, SHA-1: its codes have eight digits, of which ours are the last six."""


def code_at(moment: datetime, secret: str = SECRET) -> str:
    """What an app shows at this moment."""
    return pyotp.TOTP(secret).at(moment)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.check(SECRET, code[2:], after=None, now=now) == seconds // 30
    assert totp.check(SECRET, code, after=None, now=now) is None
    assert totp.check(SECRET, code[:6], after=None, now=now) is None


@pytest.mark.parametrize(
    ("steps", "is_right"), [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_one_step_ahead_or_behind(steps: int, *, is_right: bool) -> None:
    step = int(NOW.timestamp()) // 30 + steps
    assert totp.check(SECRET, code_at(NOW + steps * STEP), after=None, now=NOW) == (step if is_right else None)


def test_no_step_counts_twice_nor_one_before_it() -> None:
    present = int(NOW.timestamp()) // 30
    for after, found in ((present - 2, present - 1), (present - 1, None), (present, None), (present + 1, None)):
        assert totp.check(SECRET, code_at(NOW - STEP), after=after, now=NOW) == found
    assert totp.check(SECRET, code_at(NOW + STEP), after=present, now=NOW) == present + 1


def test_at_the_beginning_of_time() -> None:
    first = datetime.fromtimestamp(1, UTC)
    assert totp.check(SECRET, code_at(first), after=None, now=first) == 0


CODE = code_at(NOW)
ARABIC = {ord("0") + digit: 0x660 + digit for digit in range(10)}
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
TYPED = [
    CODE,
    f" {CODE[:3]} {CODE[3:]} ",
    f"{CODE[:3]}-{CODE[3:]}",
    f"{CODE[:3]}\u00a0{CODE[3:]}\n",
    CODE.translate(ARABIC),
    CODE.translate(FULL_WIDTH),
]
NO_CODES = [
    "",
    " ",
    CODE[:5],
    f"{CODE}0",
    f"0{CODE}",
    f"{CODE[:5]}x",
    f"+{CODE[:5]}",
    f"{CODE[:5]}²",
    f"{CODE[:5]}½",
    f"{CODE[:5]}\x00",
    f"{CODE[:5]}\ud800",
    CODE * 1_000,
    " " * 100_000 + CODE,
]


@pytest.mark.parametrize("typed", TYPED, ids=range(len(TYPED)))
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert totp.check(SECRET, read_code(typed), after=None, now=NOW) is not None


@pytest.mark.parametrize("typed", NO_CODES, ids=range(len(NO_CODES)))
def test_what_is_no_code_is_wrong(typed: str) -> None:
    assert totp.check(SECRET, read_code(typed), after=None, now=NOW) is None


@given(st.text(max_size=120))
def test_whatever_is_typed_is_digits_or_nothing(typed: str) -> None:
    assert read_code(typed) == "" or (read_code(typed).isascii() and read_code(typed).isdigit())


def test_secrets_are_long_and_differ() -> None:
    made = {totp.new_secret() for _ in range(50)}
    assert {len(base64.b32decode(each)) for each in made} == {20}
    assert len(made) == 50


def test_apps_are_told_by_a_link() -> None:
    link = urlsplit(totp.uri(SECRET, account="ada+tag@example.org", issuer="Larkmoor: Coffee & Tea"))
    assert (link.scheme, link.netloc) == ("otpauth", "totp")
    assert link.path == "/Larkmoor%20%20Coffee%20%26%20Tea:ada%2Btag%40example.org"
    assert parse_qs(link.query) == {"secret": [SECRET], "issuer": ["Larkmoor  Coffee & Tea"]}


def test_recovery_codes_are_read_as_people_type_them() -> None:
    code = new_recovery_code()
    assert [len(group) for group in code.split("-")] == [5] * 5
    typed = [
        code,
        code.lower(),
        code.replace("-", ""),
        code.replace("-", " "),
        f" {code}\n",
        code.replace("-", "\u2013"),
    ]
    assert {recovery_code_hash(each) for each in typed} == {recovery_code_hash(code)}
    assert len({new_recovery_code() for _ in range(100)}) == 100


NO_RECOVERY_CODES = ["", "-", "ABCDE-FGHIJ", "1" * 25, "\u00e4" * 25, "A" * 26, "A" * 100_000, "A" * 24 + "\ud800"]


@pytest.mark.parametrize("typed", NO_RECOVERY_CODES, ids=range(len(NO_RECOVERY_CODES)))
def test_what_is_no_recovery_code_has_no_hash(typed: str) -> None:
    assert recovery_code_hash(typed) is None
