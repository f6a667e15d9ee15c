"""Mails as staff see them."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from tests.callers import Caller, admin_caller, calling
from tests.factories.shop import NOW
from tests.notifications.office import CUSTOMER, STAFF, Office

from mercer.identity.events import PasswordResetRequested, StaffRecoveryBegun
from mercer.notifications.models import MailTemplate, Recipient
from mercer.notifications.rules import KINDS
from mercer.platform.settings import Settings

RESEND = """mutation($id: ID!) { mailResend(id: $id) {
    __typename
    ... on Mail { id template state attempts customer { email } }
    ... on MailUnknown { code path }
    ... on MailUnfinished { code path }
    ... on MailSentOnce { code path }
} }"""
IDS = "SELECT id::text FROM notifications.mail ORDER BY id"


@pytest.fixture
async def own_http(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with calling(settings) as client:
        yield client


@pytest.fixture
def staff(own_http: httpx2.AsyncClient) -> Caller:
    return admin_caller(own_http)


async def test_staff_see_which_mails_were_sent(office: Office, staff: Caller) -> None:
    await office.announce(PasswordResetRequested(customer_id=CUSTOMER))
    office.post.to_recipient.append("550 No")
    await office.announce(StaffRecoveryBegun(staff_id=STAFF))
    (reset,), (recovery,) = await office.sql(IDS)
    found = await staff("""{
        mails { totalCount nodes {
            id template language state attempts problem messageId createdAt sentAt customer { email } staff { email }
        } }
        sent: mails(filter: {state: {eq: SENT}, template: {in: [PASSWORD_RESET, STAFF_RECOVERY]}}) { nodes { id } }
        refused: mails(filter: {state: {in: [REFUSED, FAILED]}}) { nodes { id } }
        early: mails(filter: {state: {in: [SENT]}, createdAt: {lte: "2026-11-01T00:00:00Z"}}) { nodes { id } }
        later: mails(filter: {createdAt: {gte: "2026-11-23T00:00:00Z"}}) { nodes { id } }
        none: mail(id: "nonsense") { id }
    }""")
    at = "2026-11-22T12:00:00.000000Z"
    told = {
        "template": "STAFF_RECOVERY",
        "language": "en",
        "state": "REFUSED",
        "attempts": 1,
        "problem": "the server answered 550",
        "messageId": f"<{recovery}@larkmoor.example>",
        "createdAt": at,
        "sentAt": None,
        "customer": None,
        "staff": {"email": "analyst@example.com"},
    }
    assert found["mails"]["totalCount"] == 2
    assert found["mails"]["nodes"][0] == {"id": recovery, **told}
    assert found["mails"]["nodes"][1] == {
        "id": reset,
        **told,
        "template": "PASSWORD_RESET",
        "state": "SENT",
        "problem": None,
        "messageId": f"<{reset}@larkmoor.example>",
        "sentAt": at,
        "customer": {"email": "customer@example.com"},
        "staff": None,
    }
    assert found["sent"] == {"nodes": [{"id": reset}]}
    assert found["refused"] == {"nodes": [{"id": recovery}]}
    assert found["early"] == {"nodes": []}
    assert found["later"] == {"nodes": []}
    assert found["none"] is None


async def test_staff_see_what_a_mail_would_say(office: Office, staff: Caller) -> None:
    templates = (await staff("{ mailTemplates { template languages } }"))["mailTemplates"]
    assert templates == [{"template": each.name, "languages": ["en", "de"]} for each in MailTemplate]
    query = """query($template: MailTemplate!, $language: String!, $id: ID!) {
        mailPreview(template: $template, language: $language, id: $id) { subject text html }
    }"""
    for template, kind in KINDS.items():
        readers = [] if kind.is_about_order or kind.is_about_key else [(kind.path, CUSTOMER), (kind.staff_path, STAFF)]
        for path, id in readers:
            for language in ("en", "de") if path is not None else ():
                asked = {"template": template.name, "language": language, "id": str(id)}
                seen = (await staff(query, asked))["mailPreview"]
                assert "Larkmoor" in seen["subject"]
                assert f"https://{'staff.' if id == STAFF else ''}larkmoor.example/{path}" in seen["text"]
                assert seen["html"].startswith("<!doctype html>")
    asked = {"template": "PASSWORD_RESET", "language": "de-CH", "id": str(CUSTOMER)}
    seen = (await staff(query, asked))["mailPreview"]
    assert seen["text"].startswith("Guten Tag customer,")
    assert f"#token={'x' * 43}" in seen["text"]
    for other in (str(STAFF), "nonsense"):
        assert await staff(query, {**asked, "id": other}) == {"mailPreview": None}
    assert await office.sql("SELECT count(*) FROM identity.token") == [(0,)]
    assert await office.sql(IDS) == []


async def test_staff_see_what_a_mail_about_a_key_would_say(office: Office, staff: Caller) -> None:
    made = """INSERT INTO identity.api_key (name, prefix, key_hash, permissions, created_by, created_at, updated_at)
        VALUES ('Stock feed', 'mercer_key_ab12', :hash, '{}', :maker, :at, :at) RETURNING id::text"""
    ((key,),) = await office.sql(made, hash=b"1", maker=STAFF, at=NOW)
    ((nobodys,),) = await office.sql(made.replace("ab12", "cd34"), hash=b"2", maker=None, at=NOW)
    query = """query($id: ID!) { mailPreview(template: API_KEY_CREATED, language: "en", id: $id) { subject text } }"""
    seen = (await staff(query, {"id": key}))["mailPreview"]
    assert seen["subject"] == "New API key at Larkmoor: Stock feed"
    assert 'You made the API key "Stock feed"' in seen["text"]
    for other in (nobodys, str(STAFF)):
        assert await staff(query, {"id": other}) == {"mailPreview": None}


async def test_a_mail_is_sent_again_as_a_new_one(office: Office, staff: Caller) -> None:
    await office.announce(PasswordResetRequested(customer_id=CUSTOMER))
    ((first,),) = await office.sql(IDS)
    again = (await staff(RESEND, {"id": first}))["mailResend"]
    assert again == {
        "__typename": "Mail",
        "id": again["id"],
        "template": "PASSWORD_RESET",
        "state": "WAITING",
        "attempts": 0,
        "customer": {"email": "customer@example.com"},
    }
    assert (await staff(RESEND, {"id": again["id"]}))["mailResend"] == {
        "__typename": "MailUnfinished",
        "code": "MAIL_UNFINISHED",
        "path": ["id"],
    }
    await office.work_off()
    assert [message["Message-ID"] for message in office.messages] == [
        f"<{first}@larkmoor.example>",
        f"<{again['id']}@larkmoor.example>",
    ]
    audited = await office.sql("SELECT entity, entity_id::text, changes, operation FROM platform.audit")
    assert audited == [("Mail", again["id"], {"resends": [None, first]}, "mailResend")]


async def test_staff_are_recovered_by_no_mail_that_is_sent_again(office: Office, staff: Caller) -> None:
    await office.announce(StaffRecoveryBegun(staff_id=STAFF))
    ((first,),) = await office.sql(IDS)
    answer = (await staff(RESEND, {"id": first}))["mailResend"]
    assert answer == {"__typename": "MailSentOnce", "code": "MAIL_SENT_ONCE", "path": ["id"]}
    assert await office.sql(IDS) == [(first,)]


@pytest.mark.parametrize("id", ["nonsense", "01930000-0000-7000-8000-000000000000"])
async def test_unknown_mails_cannot_be_sent_again(office: Office, staff: Caller, id: str) -> None:
    answer = (await staff(RESEND, {"id": id}))["mailResend"]
    assert answer == {"__typename": "MailUnknown", "code": "MAIL_UNKNOWN", "path": ["id"]}
    assert await office.sql(IDS) == []


@pytest.mark.parametrize(
    "query",
    [
        "{ mails { totalCount } }",
        '{ mail(id: "x") { id } }',
        "{ mailTemplates { template } }",
        '{ mailPreview(template: PASSWORD_RESET, language: "en", id: "x") { text } }',
        'mutation { mailResend(id: "x") { __typename } }',
    ],
)
async def test_guests_see_and_do_nothing(office: Office, own_http: httpx2.AsyncClient, query: str) -> None:
    await office.queue(MailTemplate.PASSWORD_RESET, Recipient(CUSTOMER))
    answer = await Caller(own_http, "/admin/graphql", {}).send(query)
    assert answer.status_code == 401
    assert await office.sql("SELECT count(*) FROM notifications.mail") == [(1,)]


async def test_who_sees_mails_sees_people_only_with_their_permission(
    office: Office, own_http: httpx2.AsyncClient
) -> None:
    await office.announce(PasswordResetRequested(customer_id=CUSTOMER))
    marketer = admin_caller(own_http, role="marketer")
    assert await marketer("{ mails { nodes { template state } } }") == {
        "mails": {"nodes": [{"template": "PASSWORD_RESET", "state": "SENT"}]}
    }
    for person in ("customer", "staff"):
        answer = await marketer.send(f"{{ mails {{ nodes {{ {person} {{ email }} }} }} }}")
        assert answer.status_code == 403
    for template, id in (("PASSWORD_RESET", CUSTOMER), ("STAFF_RECOVERY", STAFF)):
        preview = f'{{ mailPreview(template: {template}, language: "en", id: "{id}") {{ text }} }}'
        refused = (await marketer.send(preview)).json()
        assert refused["data"] == {"mailPreview": None}
        assert [each["extensions"]["code"] for each in refused["errors"]] == ["FORBIDDEN"]
    again = await marketer.send(RESEND, {"id": "x"})
    assert again.status_code == 403
    assert len(await office.sql(IDS)) == 1
