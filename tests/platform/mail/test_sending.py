import stat
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.factories.shop import NOW
from tests.keys import SECRET_KEY
from tests.platform.mail.post import Post, authenticating, running

from mercer.platform.mail import Address, MailDelayed, MailRefused, Written, compose, send
from mercer.platform.settings import Environment, Settings, SettingsInvalid, load_settings


def message(to: str = "ada@example.org") -> EmailMessage:
    written = Written(subject="Grüße", text="Hallo\n", html="<p>Hallo</p>")
    return compose(written, sender=Address("shop@example.com"), to=Address(to), message_id="<1@example.com>", at=NOW)


def by(url: str) -> Settings:
    return load_settings(environment=Environment.TEST, smtp_url=url)


async def test_a_mail_is_handed_over() -> None:
    async with running(Post()) as post:
        await send(by(post.url), message(), name="greeting")
    (envelope,) = post.received
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.com", ["ada@example.org"])
    assert post.messages[0]["Subject"] == "Grüße"


async def test_an_address_in_other_letters_is_written_to() -> None:
    async with running(Post()) as post:
        await send(by(post.url), message("größe@bücher.example"), name="greeting")
    assert post.received[0].rcpt_tos == ["größe@xn--bcher-kva.example"]


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "553 Not allowed"])
async def test_a_refused_recipient_is_refused_for_good(answer: str) -> None:
    async with running(Post(to_recipient=[answer])) as post:
        with pytest.raises(MailRefused) as refused:
            await send(by(post.url), message(), name="greeting")
    assert str(refused.value) == f"the server answered {answer[:3]}"
    assert post.received == []


async def test_refused_words_are_refused_for_good() -> None:
    async with running(Post(to_data=["554 5.7.1 Spam"])) as post:
        with pytest.raises(MailRefused, match=r"^the server answered 554$"):
            await send(by(post.url), message(), name="greeting")


@pytest.mark.parametrize(
    "post", [Post(to_recipient=["451 Greylisted"]), Post(to_data=["452 Full"])], ids=["recipient", "data"]
)
async def test_what_passes_is_a_delay(post: Post) -> None:
    async with running(post):
        with pytest.raises(MailDelayed, match=r"^the server answered 45[12]$"):
            await send(by(post.url), message(), name="greeting")
        await send(by(post.url), message(), name="greeting")
    assert len(post.received) == 1


async def test_a_server_that_is_away_is_a_delay() -> None:
    async with running(Post()) as post:
        gone = post.url
    with pytest.raises(MailDelayed, match=r"^SMTPConnectError$"):
        await send(by(gone), message(), name="greeting")


async def test_a_password_never_travels_in_clear() -> None:
    options = {"authenticator": authenticating("p@ss"), "auth_required": False, "auth_require_tls": False}
    async with running(Post(), **options) as post:
        url = post.url.replace("smtp://", "smtp://shop:p%40ss@")
        with pytest.raises(MailDelayed):
            await send(by(url), message(), name="greeting")
    assert post.received == []


async def test_without_a_server_mails_land_in_a_folder(tmp_path: Path) -> None:
    settings = load_settings(environment=Environment.DEVELOPMENT, data_dir=tmp_path)
    for _ in range(2):
        await send(settings, message(), name="20261122-greeting-1")
    folder = tmp_path / "mails"
    written = sorted(path.name for path in _inside(folder))
    assert written == ["20261122-greeting-1.eml", "20261122-greeting-1.html"]
    assert (folder / "20261122-greeting-1.html").read_text() == "<p>Hallo</p>\n"
    read = message_from_bytes((folder / "20261122-greeting-1.eml").read_bytes(), policy=policy.default)
    assert (read["To"], read["Subject"]) == ("ada@example.org", "Grüße")
    assert {stat.S_IMODE(path.stat().st_mode) for path in _inside(folder)} == {0o600}


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_production_writes_no_mail_into_a_folder(tmp_path: Path) -> None:
    settings = load_settings(environment=Environment.PRODUCTION, secret_keys=SECRET_KEY, data_dir=tmp_path)
    with pytest.raises(MailDelayed, match="MERCER_SMTP_URL is not set"):
        await send(settings, message(), name="greeting")
    assert _inside(tmp_path) == []


@pytest.mark.parametrize(
    "url", ["", "localhost", "smtp://", "http://host", "smtp://user@host", "smtp://a:b@c:d@host", "smtp://host:port"]
)
def test_nonsense_stops_the_start_and_is_not_shown(url: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"MERCER_SMTP_URL: must be .*\(its value is not shown\)"):
        load_settings(smtp_url=url)


@pytest.mark.parametrize("address", ["", "shop", "Shop <shop@example.com>", "a@b\nBcc: c@d", "a b@example.com", "@b"])
def test_the_sender_is_an_address(address: str) -> None:
    with pytest.raises(SettingsInvalid, match="MERCER_MAIL_SENDER"):
        load_settings(mail_sender=address)


@pytest.mark.parametrize("change", [{"shop_name": "A\nB"}, {"shop_name": " "}, {"shop_color": "red;}"}])
def test_what_mails_show_is_sane(change: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid, match="MERCER_SHOP_"):
        load_settings(**change)
