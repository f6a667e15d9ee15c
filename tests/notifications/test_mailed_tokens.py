"""Tokens of mails: issued when a mail is written, and only while there is a reason for it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from tests.factories.shop import NOW
from tests.notifications.office import CHANGE, CUSTOMER, STAFF, Office, token_in, words

from mercer.identity.events import CustomerEmailChanged, EmailChangeRequested
from mercer.identity.models import TokenPurpose
from mercer.notifications import jobs, service
from mercer.notifications.errors import MailSentOnce
from mercer.notifications.models import MailTemplate, Recipient
from mercer.notifications.service import delivery
from mercer.platform.transactions import transaction

MINUTE = timedelta(minutes=1)
STATES = "SELECT template, state FROM notifications.mail ORDER BY id"
CONFIRMED = "UPDATE identity.email_change SET confirmed_at = requested_at"


async def test_a_change_of_address_has_tokens_of_its_own(bureau: Office) -> None:
    await bureau.announce(
        EmailChangeRequested(customer_id=CUSTOMER, email_change_id=CHANGE),
        CustomerEmailChanged(customer_id=CUSTOMER, email_change_id=CHANGE),
    )
    issued = await bureau.sql("SELECT purpose, customer_id, email_change_id FROM identity.token ORDER BY purpose")
    assert issued == [
        (TokenPurpose.CHANGE_EMAIL, CUSTOMER, CHANGE),
        (TokenPurpose.UNDO_EMAIL_CHANGE, CUSTOMER, CHANGE),
    ]


async def test_killed_before_sending_it_brings_another_token(bureau: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The process is gone."""

    async def kill(*_arguments: object, **_options: object) -> None:
        raise Killed

    mail_id = await bureau.queue(MailTemplate.UNLOCK, Recipient(CUSTOMER))
    monkeypatch.setattr(delivery, "send", kill)
    with pytest.raises(Killed):
        await bureau.deliver(mail_id)
    monkeypatch.undo()
    before = await bureau.sql("SELECT id FROM identity.token")
    await bureau.deliver(mail_id, after=10 * MINUTE)
    assert len(before) == 1
    assert len(await bureau.sql("SELECT id FROM identity.token")) == 2
    ((hash,),) = await bureau.sql(
        "SELECT token_hash FROM identity.token WHERE token_hash = sha256(convert_to(:token, 'UTF8'))",
        token=token_in(words(bureau.messages[0])[0]),
    )
    assert len(hash) == 32


async def used(office: Office, purpose: TokenPurpose, *, staff: bool = False) -> None:
    """Somebody used a token of this purpose up, a minute after his mail was queued."""
    await office.sql(
        "INSERT INTO identity.token (customer_id, staff_id, purpose, token_hash, created_at, expires_at, used_at) "
        "VALUES (:customer, :staff, :purpose, 'x', :at, :at, :used)",
        customer=None if staff else CUSTOMER,
        staff=STAFF if staff else None,
        purpose=purpose.value,
        at=NOW,
        used=NOW + MINUTE,
    )


def statement(sql: str) -> Callable[[Office], Awaitable[object]]:
    return lambda office: office.sql(sql)


def spending(purpose: TokenPurpose, *, staff: bool = False) -> Callable[[Office], Awaitable[object]]:
    return lambda office: used(office, purpose, staff=staff)


@pytest.mark.parametrize(
    ("template", "change"),
    [
        ("password_reset", spending(TokenPurpose.RESET_PASSWORD)),
        ("password_reset", spending(TokenPurpose.UNDO_EMAIL_CHANGE)),
        ("unlock", spending(TokenPurpose.UNLOCK)),
        ("unlock", spending(TokenPurpose.RESET_PASSWORD)),
        ("unlock", statement("UPDATE identity.customer SET email_verified_at = NULL")),
        ("unlock", statement("UPDATE identity.customer SET blocked_at = now()")),
        ("address_change", spending(TokenPurpose.RESET_PASSWORD)),
        ("address_change", statement(CONFIRMED)),
        ("address_change", statement("UPDATE identity.email_change SET ended_at = requested_at")),
        ("address_changed", statement(f"{CONFIRMED}, undone_at = requested_at")),
        ("staff_invitation", statement("UPDATE identity.staff SET password_hash = 'x'")),
        ("staff_invitation", statement("UPDATE identity.staff SET is_active = false")),
        ("staff_recovery", spending(TokenPurpose.RECOVER_STAFF, staff=True)),
    ],
)
async def test_nobody_gets_a_token_for_what_is_over(
    bureau: Office, template: str, change: Callable[[Office], Awaitable[object]]
) -> None:
    is_staff, is_about_change = template.startswith("staff"), template.startswith("address")
    to_customer = Recipient(CUSTOMER, email_change_id=CHANGE if is_about_change else None)
    mail_id = await bureau.queue(MailTemplate(template), Recipient(staff_id=STAFF) if is_staff else to_customer)
    await change(bureau)
    tokens = await bureau.sql("SELECT id FROM identity.token")
    await bureau.deliver(mail_id, after=2 * MINUTE)
    assert bureau.messages == []
    assert await bureau.sql(STATES) == [(template, "skipped")]
    assert await bureau.sql("SELECT id FROM identity.token") == tokens


@pytest.mark.parametrize(
    ("template", "change"),
    [
        ("password_reset", spending(TokenPurpose.UNLOCK)),
        ("unlock", spending(TokenPurpose.UNLOCK, staff=True)),
        ("address_changed", statement(CONFIRMED)),
        ("address_changed", spending(TokenPurpose.RESET_PASSWORD)),
    ],
)
async def test_what_is_not_over_is_sent(
    bureau: Office, template: str, change: Callable[[Office], Awaitable[object]]
) -> None:
    about = CHANGE if template.startswith("address") else None
    mail_id = await bureau.queue(MailTemplate(template), Recipient(CUSTOMER, email_change_id=about))
    await change(bureau)
    await bureau.deliver(mail_id, after=2 * MINUTE)
    assert await bureau.sql(STATES) == [(template, "sent")]


async def resend(office: Office, mail_id: UUID, *, after: timedelta) -> UUID:
    async with transaction(office.at(after)) as within:
        return await service.resend_mail(within, mail_id=mail_id, send=jobs.send_mail)


@pytest.mark.parametrize("template", ["staff_invitation", "staff_recovery", "address_change", "address_changed"])
async def test_what_gives_an_account_to_its_reader_is_sent_once(bureau: Office, template: str) -> None:
    """Else who may send mails again would recover staff, and revive changes of address that are over."""
    if template == "address_changed":
        await bureau.sql(CONFIRMED)
    about_change = Recipient(CUSTOMER, email_change_id=CHANGE)
    recipient = about_change if template.startswith("address") else Recipient(staff_id=STAFF)
    mail_id = await bureau.queue(MailTemplate(template), recipient)
    await bureau.deliver(mail_id)
    assert len(bureau.messages) == 1
    with pytest.raises(MailSentOnce):
        await resend(bureau, mail_id, after=MINUTE)
    await bureau.work_off()
    assert await bureau.sql(STATES) == [(template, "sent")]
    assert len(bureau.messages) == 1
    assert await bureau.sql("SELECT count(*) FROM identity.token") == [(1,)]


@pytest.mark.parametrize("purpose", [TokenPurpose.RESET_PASSWORD, TokenPurpose.CHANGE_EMAIL])
async def test_sent_again_it_brings_no_token_for_what_was_done_since(bureau: Office, purpose: TokenPurpose) -> None:
    """The reason is what was asked for with the first mail, however often it is sent again."""
    first = await bureau.queue(MailTemplate.PASSWORD_RESET, Recipient(CUSTOMER))
    await bureau.deliver(first)
    await used(bureau, purpose)
    second = await resend(bureau, first, after=2 * MINUTE)
    await bureau.deliver(second, after=2 * MINUTE)
    third = await resend(bureau, second, after=3 * MINUTE)
    await bureau.deliver(third, after=3 * MINUTE)
    assert await bureau.sql(STATES) == [("password_reset", state) for state in ("sent", "skipped", "skipped")]
    assert len(bureau.messages) == 1
