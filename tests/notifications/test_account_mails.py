"""Mails about accounts: to whom, under what subject, where their links lead, and when they are not sent."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest
from tests.factories.shop import NOW
from tests.notifications.office import CHANGE, CUSTOMER, KEY, STAFF, Office, token_in, words
from tests.people import person_id

from mercer.identity.events import (
    AccountHeldUp,
    ApiKeyCreated,
    CustomerEmailChanged,
    CustomerEmailRestored,
    CustomerRegistered,
    EmailChangeRequested,
    EmailChangeTaken,
    FactorAdded,
    FactorRemoved,
    PasswordChanged,
    PasswordResetRequested,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    RegistrationRepeated,
    SessionReplayed,
    StaffCreated,
    StaffInvited,
    StaffRecoveryBegun,
    VerificationRequested,
)
from mercer.notifications import jobs, service
from mercer.platform.actors import Origin
from mercer.platform.events import Event
from mercer.platform.transactions import transaction

SESSION = UUID(int=3)
ADMINISTRATOR = person_id("administrator")
MINUTE = timedelta(minutes=1)
SHOP, DASHBOARD = "https://larkmoor.example", "https://staff.larkmoor.example"
STATES = "SELECT template, state FROM notifications.mail ORDER BY id"
USER_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
FROM_HOME = Origin(ip="192.0.2.7", user_agent=USER_AGENT, request_id="request-1")

TO_CUSTOMER: Sequence[tuple[Event, str, str, str, str]] = [
    (
        RegistrationRepeated(customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "You already have an account at Larkmoor",
        "Sie haben schon ein Konto bei Larkmoor",
    ),
    (
        PasswordResetRequested(customer_id=CUSTOMER),
        "customer@example.com",
        "account/password#token=T",
        "Set a new password for Larkmoor",
        "Setzen Sie ein neues Passwort für Larkmoor",
    ),
    (
        PasswordChanged(customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "Your password at Larkmoor was changed",
        "Ihr Passwort bei Larkmoor wurde geändert",
    ),
    (
        EmailChangeRequested(customer_id=CUSTOMER, email_change_id=CHANGE),
        "new@example.org",
        "account/address#token=T",
        "Confirm your new address for Larkmoor",
        "Bestätigen Sie Ihre neue Adresse für Larkmoor",
    ),
    (
        CustomerEmailChanged(customer_id=CUSTOMER, email_change_id=CHANGE),
        "old@example.org",
        "account/address/undo#token=T",
        "The address of your account at Larkmoor was changed",
        "Die Adresse Ihres Kontos bei Larkmoor wurde geändert",
    ),
    (
        CustomerEmailRestored(customer_id=CUSTOMER, email_change_id=CHANGE),
        "customer@example.com",
        "account",
        "Your account at Larkmoor has its address back",
        "Ihr Konto bei Larkmoor hat seine Adresse zurück",
    ),
    (
        EmailChangeTaken(customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "Somebody wanted to use your address at Larkmoor",
        "Jemand wollte Ihre Adresse bei Larkmoor verwenden",
    ),
    (
        FactorAdded(factor_id=UUID(int=9), customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "A second factor was added to your account at Larkmoor",
        "Ihr Konto bei Larkmoor hat einen weiteren zweiten Faktor",
    ),
    (
        FactorRemoved(factor_id=UUID(int=9), customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "A second factor was removed from your account at Larkmoor",
        "Ein zweiter Faktor Ihres Kontos bei Larkmoor wurde entfernt",
    ),
    (
        RecoveryCodesMade(customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "New recovery codes for your account at Larkmoor",
        "Neue Wiederherstellungscodes für Ihr Konto bei Larkmoor",
    ),
    (
        RecoveryCodeUsed(left=9, customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "A recovery code of your account at Larkmoor was used",
        "Ein Wiederherstellungscode Ihres Kontos bei Larkmoor wurde verwendet",
    ),
    (
        SessionReplayed(session_id=SESSION, customer_id=CUSTOMER),
        "customer@example.com",
        "account",
        "A session of your account at Larkmoor was ended",
        "Eine Sitzung Ihres Kontos bei Larkmoor wurde beendet",
    ),
    (
        AccountHeldUp(surface="shop_sign_in", customer_id=CUSTOMER),
        "customer@example.com",
        "sign-in/unlock#token=T",
        "Sign in again at Larkmoor",
        "Melden Sie sich wieder bei Larkmoor an",
    ),
]
TO_STAFF: Sequence[tuple[Event, str, str]] = [
    (PasswordChanged(staff_id=STAFF), "", "The password of your staff account at Larkmoor was changed"),
    (
        FactorAdded(factor_id=UUID(int=9), staff_id=STAFF),
        "",
        "A second factor was added to your staff account at Larkmoor",
    ),
    (
        FactorRemoved(factor_id=UUID(int=9), staff_id=STAFF),
        "",
        "A second factor was removed from your staff account at Larkmoor",
    ),
    (RecoveryCodesMade(staff_id=STAFF), "", "New recovery codes for your staff account at Larkmoor"),
    (RecoveryCodeUsed(left=9, staff_id=STAFF), "", "A recovery code of your staff account at Larkmoor was used"),
    (
        SessionReplayed(session_id=SESSION, staff_id=STAFF),
        "",
        "A session of your staff account at Larkmoor was ended",
    ),
    (
        AccountHeldUp(surface="admin_sign_in", staff_id=STAFF),
        "sign-in/unlock#token=T",
        "Sign in again at Larkmoor",
    ),
    (StaffCreated(staff_id=STAFF), "invitation#token=T", "Your staff account at Larkmoor"),
    (StaffInvited(staff_id=STAFF), "invitation#token=T", "Your staff account at Larkmoor"),
    (
        StaffRecoveryBegun(staff_id=STAFF),
        "recovery#token=T",
        "Set a new password for your staff account at Larkmoor",
    ),
]


def seen(message: EmailMessage) -> tuple[str, str, str]:
    """To whom a mail is, its subject, and where it leads, which its HTML says too."""
    text, html = words(message)
    (link,) = set(re.findall(r"https://\S+", text))
    assert link in html
    return message["To"].addresses[0].addr_spec, message["Subject"], re.sub(r"(?<=#token=)[\w-]{43}$", "T", link)


@pytest.mark.parametrize("language", ["en", "de-AT"])
async def test_customers_are_told_in_their_language(bureau: Office, language: str) -> None:
    await bureau.sql("UPDATE identity.customer SET language = :language WHERE id = :id", language=language, id=CUSTOMER)
    await bureau.announce(*(event for event, *_ in TO_CUSTOMER))
    expected = [
        (to, german if language == "de-AT" else english, f"{SHOP}/{path}")
        for _, to, path, english, german in TO_CUSTOMER
    ]
    assert sorted(map(seen, bureau.messages)) == sorted(expected)
    for message in bureau.messages:
        # Nobody has yet shown that the new address is his: it is not told whose the account is.
        is_known = message["To"].addresses[0].addr_spec != "new@example.org"
        hello = "Guten Tag" if language == "de-AT" else "Hello"
        assert words(message)[0].startswith(f"{hello} Jörg," if is_known else f"{hello},")
    await bureau.work_off()
    assert len(bureau.messages) == len(expected)
    assert set(await bureau.sql("SELECT state, attempts FROM notifications.mail")) == {("sent", 1)}


async def test_staff_are_led_to_the_dashboard(bureau: Office) -> None:
    await bureau.announce(*(event for event, *_ in TO_STAFF))
    expected = [("analyst@example.com", subject, f"{DASHBOARD}/{path}") for _, path, subject in TO_STAFF]
    assert sorted(map(seen, bureau.messages)) == sorted(expected)


@pytest.mark.parametrize("event", [CustomerRegistered, VerificationRequested])
async def test_who_is_not_verified_is_asked_to_be(
    office: Office, event: Callable[..., CustomerRegistered | VerificationRequested]
) -> None:
    await office.sql("UPDATE identity.customer SET email_verified_at = NULL WHERE id = :id", id=CUSTOMER)
    await office.announce(event(customer_id=CUSTOMER))
    told = ("customer@example.com", "Confirm your address for Larkmoor", f"{SHOP}/account/verify#token=T")
    assert [seen(each) for each in office.messages] == [told]


async def test_who_made_a_key_and_administrators_are_told_of_it(bureau: Office) -> None:
    await bureau.announce(ApiKeyCreated(api_key_id=KEY))
    subject, link = "New API key at Larkmoor: Stock feed", f"{DASHBOARD}/"
    assert sorted(map(seen, bureau.messages)) == [
        ("administrator@example.com", subject, link),
        ("analyst@example.com", subject, link),
    ]
    said = {message["To"].addresses[0].username: words(message)[0] for message in bureau.messages}
    assert 'analyst made the API key "Stock feed", which begins with mercer_key_ab12' in said["administrator"]
    assert 'You made the API key "Stock feed", which begins with mercer_key_ab12' in said["analyst"]


async def test_who_is_an_administrator_is_told_once_of_his_own_key(bureau: Office) -> None:
    await bureau.sql("UPDATE identity.api_key SET created_by = :id", id=ADMINISTRATOR)
    await bureau.announce(ApiKeyCreated(api_key_id=KEY))
    assert [each["To"].addresses[0].username for each in bureau.messages] == ["administrator"]
    await bureau.announce(ApiKeyCreated(api_key_id=uuid4()))
    assert len(bureau.messages) == 1


async def test_a_mail_tells_when_it_happened_and_from_where(bureau: Office) -> None:
    async with transaction(replace(bureau.context, origin=FROM_HOME)) as within:
        within.record("Customer", CUSTOMER, {"password": (None, "changed")})
        within.announce(PasswordChanged(customer_id=CUSTOMER))
    await bureau.work_off()
    text, html = words(bureau.messages[0])
    placed = ["When: November 22, 2026, 12:00 UTC", "Device: Firefox on Windows", "IP address: 192.0.2.7"]
    assert "\n".join(placed) in text.replace("\r", "")
    assert [each for each in placed if each not in html] == []


async def test_what_was_done_by_another_request_or_to_others_is_not_told(bureau: Office) -> None:
    for owner, origin in ((uuid4(), FROM_HOME), (CUSTOMER, replace(FROM_HOME, request_id="request-2"))):
        async with transaction(replace(bureau.context, origin=origin)) as within:
            within.record("Customer", owner, {"password": (None, "changed")})
    await bureau.announce(PasswordChanged(customer_id=CUSTOMER), origin=FROM_HOME)
    text, _ = words(bureau.messages[0])
    assert "When: November 22, 2026, 12:00 UTC" in text
    assert "Firefox" not in text
    assert "192.0.2.7" not in text


async def test_attempts_tell_from_where_too(bureau: Office) -> None:
    await bureau.sql(
        "INSERT INTO identity.attempt (at, surface, outcome, account, account_id, ip, user_agent, request_id) "
        "VALUES (:at, 'shop_sign_in', 'wrong', 'x', :account_id, '192.0.2.9', 'curl/8.0', 'request-1')",
        at=NOW - MINUTE,
        account_id=CUSTOMER,
    )
    await bureau.announce(AccountHeldUp(surface="shop_sign_in", customer_id=CUSTOMER), origin=FROM_HOME)
    text, _ = words(bureau.messages[0])
    placed = "When: November 22, 2026, 11:59 UTC\nDevice: curl\nIP address: 192.0.2.9"
    assert placed in text.replace("\r", "")


async def test_a_replay_names_the_session_that_it_ended(bureau: Office) -> None:
    ((session_id,),) = await bureau.sql(
        "UPDATE identity.session SET created_at = :at, device = 'Safari on iPhone', ip = '192.0.2.8' "
        "WHERE customer_id = :id RETURNING id",
        at=NOW - timedelta(days=3),
        id=CUSTOMER,
    )
    await bureau.announce(SessionReplayed(session_id=session_id, customer_id=CUSTOMER))
    assert "(opened November 19, 2026, 12:00 UTC, Safari on iPhone, 192.0.2.8)" in words(bureau.messages[0])[0]


async def test_a_recovery_code_mail_counts_what_is_left(bureau: Office) -> None:
    await bureau.sql(
        "INSERT INTO identity.recovery_code (customer_id, code_hash, created_at, used_at) VALUES "
        "(:id, 'a', :at, :at), (:id, 'b', :at, NULL), (:id, 'c', :at, NULL)",
        id=CUSTOMER,
        at=NOW,
    )
    await bureau.announce(RecoveryCodeUsed(left=2, customer_id=CUSTOMER))
    assert "There are 2 left: make new ones" in words(bureau.messages[0])[0]


async def test_the_old_address_is_told_the_new_one_by_a_hint(bureau: Office) -> None:
    await bureau.announce(CustomerEmailChanged(customer_id=CUSTOMER, email_change_id=CHANGE))
    text, html = words(bureau.messages[0])
    for said in (text, html):
        assert "n***@example.org" in said
        assert "new@example.org" not in said


async def test_tokens_stand_nowhere_but_in_the_mails(bureau: Office) -> None:
    await bureau.announce(*(event for event, *_ in TO_CUSTOMER), *(event for event, *_ in TO_STAFF))
    said = [words(message)[0] for message in bureau.messages]
    tokens = [token_in(each) for each in said if "#token=" in each]
    assert len(set(tokens)) == len(tokens) == 8
    for table in (
        "platform.outbox",
        "platform.audit",
        "notifications.mail",
        "procrastinate.procrastinate_jobs",
        "identity.token",
        "identity.email_change",
    ):
        kept = await bureau.sql(
            f"SELECT count(*) FROM {table} t WHERE t::text LIKE ANY(:tokens)", tokens=[f"%{each}%" for each in tokens]
        )
        assert kept == [(0,)]


async def test_a_mail_that_is_sent_again_tells_the_same_occasion(bureau: Office) -> None:
    async with transaction(replace(bureau.context, origin=FROM_HOME)) as within:
        within.record("Staff", STAFF, {"password": (None, "changed")})
        within.announce(PasswordChanged(staff_id=STAFF))
    await bureau.work_off()
    ((mail_id,),) = await bureau.sql("SELECT id FROM notifications.mail")
    async with transaction(bureau.at(timedelta(days=2))) as within:
        new_id = await service.resend_mail(within, mail_id=mail_id, send=jobs.send_mail)
    await bureau.deliver(new_id, after=timedelta(days=2))
    first, again = (words(message)[0] for message in bureau.messages)
    assert first == again
    assert "When: November 22, 2026, 12:00 UTC" in first


async def test_changes_of_address_that_are_gone_are_not_told_of(office: Office) -> None:
    await office.announce(CustomerEmailChanged(customer_id=CUSTOMER, email_change_id=CHANGE))
    assert (office.messages, await office.sql(STATES)) == ([], [])
