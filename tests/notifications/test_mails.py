"""From an event to a mail, through the outbox and the queue."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tests.factories.shop import NOW
from tests.notifications.office import CUSTOMER, Office, token_in, words

from mercer.identity.events import (
    AccountHeldUp,
    CustomerRegistered,
    PasswordChanged,
    PasswordResetRequested,
    StaffCreated,
    VerificationRequested,
)
from mercer.identity.service import reset_password, verify_customer
from mercer.notifications import service
from mercer.notifications.errors import MailUnsent
from mercer.notifications.models import MailTemplate, Recipient
from mercer.notifications.rules import ATTEMPTS, LEASE
from mercer.notifications.service import delivery
from mercer.platform.events import Event
from mercer.platform.mail import send
from mercer.platform.settings import Environment
from mercer.platform.transactions import transaction

UNVERIFIED = "UPDATE identity.customer SET email_verified_at = NULL, name = 'Win at evil.example' WHERE id = :id"
STATES = "SELECT template, state, attempts, problem FROM notifications.mail ORDER BY id"
RESET = MailTemplate.PASSWORD_RESET
TO_CUSTOMER = Recipient(CUSTOMER)
MINUTE = timedelta(minutes=1)


async def test_a_mail_is_noted_and_sent_once(office: Office) -> None:
    await office.announce(PasswordChanged(customer_id=CUSTOMER))
    (message,) = office.messages
    assert message["From"] == "Larkmoor <shop@larkmoor.example>"
    ((mail_id, *noted),) = await office.sql(
        "SELECT id, template, language, state, attempts, sent_at, message_id, problem FROM notifications.mail"
    )
    known_by = f"<{mail_id}@larkmoor.example>"
    assert noted == ["password_changed", "en", "sent", 1, NOW, known_by, None]
    assert message["Message-ID"] == known_by
    await office.work_off()
    assert len(office.messages) == 1


async def test_a_new_customer_verifies_his_address_by_the_mail(office: Office) -> None:
    await office.sql(UNVERIFIED, id=CUSTOMER)
    await office.announce(CustomerRegistered(customer_id=CUSTOMER))
    (message,) = office.messages
    text, html = words(message)
    # Anybody may have given that name, to have it mailed to somebody else.
    assert "evil.example" not in text + html + str(message["To"])
    async with transaction(office.context) as within:
        assert await verify_customer(within, token=token_in(text)) == CUSTOMER
    assert token_in(text) in html


async def test_a_password_is_reset_by_the_mail(office: Office) -> None:
    await office.announce(PasswordResetRequested(customer_id=CUSTOMER))
    token = token_in(words(office.messages[0])[0])
    await reset_password(office.context, token=token, password="four quiet lamps in fog")
    await office.work_off()
    assert [message["Subject"] for message in office.messages] == [
        "Set a new password for Larkmoor",
        "Your password at Larkmoor was changed",
    ]


async def test_tokens_stand_in_no_table(office: Office) -> None:
    await office.announce(PasswordResetRequested(customer_id=CUSTOMER))
    token = token_in(words(office.messages[0])[0])
    for table in (
        "platform.outbox",
        "platform.audit",
        "notifications.mail",
        "procrastinate.procrastinate_jobs",
        "identity.token",
    ):
        kept = await office.sql(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :token", token=f"%{token}%")
        assert kept == [(0,)]


async def test_mails_are_in_the_customers_language(office: Office) -> None:
    await office.sql("UPDATE identity.customer SET language = 'de-AT', name = 'Jörg' WHERE id = :id", id=CUSTOMER)
    await office.announce(PasswordChanged(customer_id=CUSTOMER))
    (message,) = office.messages
    assert message["Subject"] == "Ihr Passwort bei Larkmoor wurde geändert"
    assert words(message)[0].startswith("Guten Tag Jörg,")
    assert message["To"] == "Jörg <customer@example.com>"


@pytest.mark.parametrize(
    "event",
    [
        PasswordResetRequested(customer_id=None),
        VerificationRequested(customer_id=None),
        AccountHeldUp(surface="shop_sign_in"),
        PasswordResetRequested(customer_id=uuid4()),
        CustomerRegistered(customer_id=uuid4()),
        StaffCreated(staff_id=uuid4()),
    ],
)
async def test_nobody_gets_no_mail(office: Office, event: Event) -> None:
    await office.announce(event)
    assert office.messages == []
    assert await office.sql(STATES) == []


@pytest.mark.parametrize(
    ("change", "template"),
    [
        ("UPDATE identity.customer SET blocked_at = now()", RESET),
        ("UPDATE identity.customer SET email_verified_at = now()", MailTemplate.VERIFY_ADDRESS),
    ],
    ids=["blocked", "verified"],
)
async def test_a_mail_without_a_reason_is_not_sent(office: Office, change: str, template: MailTemplate) -> None:
    mail_id = await office.queue(template, TO_CUSTOMER)
    await office.sql(change)
    await office.deliver(mail_id)
    assert office.messages == []
    assert await office.sql(STATES) == [(template, "skipped", 0, None)]


async def test_a_mail_to_somebody_who_was_deleted_is_gone_with_him(office: Office) -> None:
    mail_id = await office.queue(RESET, TO_CUSTOMER)
    await office.sql("DELETE FROM identity.customer WHERE id = :id", id=CUSTOMER)
    await office.deliver(mail_id)
    assert (office.messages, await office.sql(STATES)) == ([], [])
    await office.deliver(UUID(int=0))


async def test_a_delay_is_tried_again_as_the_same_mail(office: Office) -> None:
    office.post.to_recipient.append("451 Greylisted")
    mail_id = await office.queue(RESET, TO_CUSTOMER)
    with pytest.raises(MailUnsent):
        await office.deliver(mail_id)
    assert await office.sql(STATES) == [(RESET, "waiting", 1, "the server answered 451")]
    await office.deliver(mail_id, after=MINUTE)
    await office.deliver(mail_id, after=2 * MINUTE)
    assert await office.sql(STATES) == [(RESET, "sent", 2, None)]
    (message,) = office.messages
    assert message["Message-ID"] == f"<{mail_id}@larkmoor.example>"


async def test_the_queue_tries_again(office: Office) -> None:
    office.post.to_recipient.append("451 Greylisted")
    await office.announce(PasswordResetRequested(customer_id=CUSTOMER))
    assert office.messages == []
    jobs = "SELECT status, attempts, scheduled_at > now() FROM procrastinate.procrastinate_jobs WHERE status = 'todo'"
    assert await office.sql(jobs) == [("todo", 1, True)]
    await office.sql("UPDATE procrastinate.procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    await office.work_off()
    assert len(office.messages) == 1
    assert await office.sql(STATES) == [(RESET, "sent", 2, None)]


async def test_a_refused_recipient_is_not_tried_again(office: Office) -> None:
    office.post.to_recipient.append("550 5.1.1 No such user customer@example.com")
    await office.announce(PasswordResetRequested(customer_id=CUSTOMER))
    await office.work_off()
    assert office.messages == []
    assert await office.sql(STATES) == [(RESET, "refused", 1, "the server answered 550")]
    jobs = "SELECT status FROM procrastinate.procrastinate_jobs WHERE task_name = 'notifications.send_mail'"
    assert await office.sql(jobs) == [("succeeded",)]


async def test_it_gives_up_at_last(office: Office) -> None:
    office.post.to_recipient += ["451 Greylisted"] * ATTEMPTS
    mail_id = await office.queue(RESET, TO_CUSTOMER)
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(MailUnsent):
            await office.deliver(mail_id)
    await office.deliver(mail_id)
    await office.deliver(mail_id)
    assert await office.sql(STATES) == [(RESET, "failed", ATTEMPTS, "the server answered 451")]
    assert office.messages == []


async def test_of_several_at_once_one_sends(office: Office) -> None:
    mail_id = await office.queue(RESET, TO_CUSTOMER)
    outcomes = await asyncio.gather(*[office.deliver(mail_id) for _ in range(6)], return_exceptions=True)
    assert {type(each) for each in outcomes} <= {type(None), MailUnsent}
    assert len(office.messages) == 1
    assert await office.sql(STATES) == [(RESET, "sent", 1, None)]


async def test_killed_between_sending_and_noting_it_comes_again_as_the_same_mail(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds: no mail is lost; one may come twice, with the same Message-ID, never while the claim lasts."""

    class Killed(BaseException):
        """The process is gone."""

    async def kill(*_arguments: object, **_options: object) -> None:
        raise Killed

    mail_id = await office.queue(RESET, TO_CUSTOMER)
    monkeypatch.setattr(delivery, "_note", kill)
    with pytest.raises(Killed):
        await office.deliver(mail_id)
    monkeypatch.undo()
    assert await office.sql(STATES) == [(RESET, "sending", 1, None)]
    with pytest.raises(MailUnsent):
        await office.deliver(mail_id, after=LEASE - MINUTE)
    assert len(office.messages) == 1
    await office.deliver(mail_id, after=LEASE)
    assert await office.sql(STATES) == [(RESET, "sent", 2, None)]
    assert len(office.messages) == 2
    assert len({message["Message-ID"] for message in office.messages}) == 1


async def test_killed_before_sending_it_is_sent_later(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The process is gone."""

    async def kill(*_arguments: object, **_options: object) -> None:
        raise Killed

    mail_id = await office.queue(RESET, TO_CUSTOMER)
    monkeypatch.setattr(delivery, "send", kill)
    with pytest.raises(Killed):
        await office.deliver(mail_id)
    monkeypatch.undo()
    await office.deliver(mail_id, after=LEASE)
    assert len(office.messages) == 1


async def test_an_attempt_that_was_overtaken_notes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    mail_id = await office.queue(RESET, TO_CUSTOMER)

    async def slow(*arguments: object, **options: object) -> None:
        monkeypatch.undo()
        await office.deliver(mail_id, after=LEASE)
        await send(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "send", slow)
    await office.deliver(mail_id)
    assert await office.sql("SELECT state, attempts, sent_at FROM notifications.mail") == [("sent", 2, NOW + LEASE)]


async def test_in_development_mails_land_in_a_folder(office: Office, tmp_path: Path) -> None:
    settings = office.context.settings.model_copy(update={"smtp_url": None, "environment": Environment.DEVELOPMENT})
    mail_id = await office.queue(RESET, TO_CUSTOMER)
    await service.deliver_mail(replace(office.context, settings=settings), mail_id=mail_id)
    name = f"20261122-120000-password_reset-{mail_id}"
    assert "account/password#token=" in (tmp_path / "mails" / f"{name}.html").read_text()
    assert (tmp_path / "mails" / f"{name}.eml").exists()
    assert await office.sql(STATES) == [(RESET, "sent", 1, None)]


async def test_old_mails_are_forgotten(office: Office) -> None:
    await office.queue(RESET, TO_CUSTOMER)
    async with transaction(office.at(timedelta(days=180))) as within:
        await service.forget_old_mails(within)
    assert len(await office.sql(STATES)) == 1
    async with transaction(office.at(timedelta(days=181))) as within:
        await service.forget_old_mails(within)
    assert await office.sql(STATES) == []
