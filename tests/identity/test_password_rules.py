"""Which passwords nobody may use, and how the others are hashed."""

import asyncio

import pytest
from tests import callers
from zxcvbn_rs_py import zxcvbn

from mercer.identity.errors import PasswordGuessable, PasswordTooLong, PasswordTooShort
from mercer.identity.models import DEMO_ACCOUNTS
from mercer.identity.providers import passwords
from mercer.identity.rules import passwords as rules
from mercer.identity.rules.passwords import check_password

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
