"""`mercer staff create` and `recover`, and production's refusal of accounts that everybody knows."""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.identity.people import OTHER_PASSWORD, PASSWORD, acting, rows
from tests.people import person_id

from mercer.cli import staff as command
from mercer.identity import service
from mercer.identity.errors import TokenUnusable
from mercer.identity.models import DEMO_CUSTOMER, DEMO_STAFF, Audience, OpenedSession, TokenPurpose
from mercer.platform.embedded import Servers
from mercer.platform.settings import Environment, Settings
from mercer.platform.transactions import transaction


@pytest.fixture
def at_terminal(shop_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The command finds the test's servers, as it finds those of a running `mercer up`."""
    assert shop_settings.database_url is not None
    assert shop_settings.valkey_url is not None
    servers = Servers(shop_settings.database_url, shop_settings.valkey_url)

    @asynccontextmanager
    async def running(*_: Any, **__: Any) -> AsyncIterator[Servers]:
        yield servers

    monkeypatch.setattr(command, "shared_servers", running)
    monkeypatch.setattr(command, "load_settings", lambda: shop_settings)
    return shop_settings


async def _create(monkeypatch: pytest.MonkeyPatch, password: str, **changes: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    given = {"email": "grace@example.com", "name": "Grace", "role": "administrator", **changes}
    return await command.create_staff(**given, password_stdin=True)


async def test_an_account_is_made_that_can_sign_in(
    at_terminal: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _create(monkeypatch, PASSWORD) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith("The account is there.\n")
    assert PASSWORD not in printed.err
    async with acting(at_terminal) as context:
        session = await service.sign_in(context, audience=Audience.ADMIN, email="grace@example.com", password=PASSWORD)
        assert isinstance(session, OpenedSession)
        held = (
            "SELECT r.code FROM identity.staff_role s JOIN identity.role r ON r.id = s.role_id WHERE s.staff_id = :id"
        )
        assert await rows(context, held, id=session.owner_id) == [("administrator",)]
        audited = "SELECT operation, actor_kind FROM platform.audit WHERE entity = 'Staff'"
        assert await rows(context, audited) == [("mercer staff create", "system")]


@pytest.mark.usefixtures("at_terminal")
@pytest.mark.parametrize(
    ("password", "changes", "said"),
    [
        ("short", {}, "A password has at least 12 characters."),
        ("password1234", {}, "This password is too easily guessed. A few unrelated words make a good one."),
        (PASSWORD, {"email": "grace"}, "This is no e-mail address."),
        (PASSWORD, {"name": ""}, "A name has 1 to 200 characters, and no control characters."),
        (
            PASSWORD,
            {"role": "emperor"},
            "There is no role 'emperor'. mercer staff create --help names those that are ready.",
        ),
        (PASSWORD, {"email": "Analyst@Example.com"}, "Another account has this e-mail address."),
    ],
)
async def test_what_cannot_be_made_is_said(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    password: str,
    changes: dict[str, str],
    said: str,
) -> None:
    assert await _create(monkeypatch, password, **changes) == 1
    assert capsys.readouterr().err.splitlines()[-1] == said


@pytest.mark.usefixtures("at_terminal")
@pytest.mark.parametrize(("answers", "status"), [((PASSWORD, PASSWORD), 0), ((PASSWORD, "another"), 1)])
async def test_the_password_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[str, str], status: int
) -> None:
    given = list(answers)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _: given.pop(0))
    assert await command.create_staff(email="grace@example.com", name="Grace", role="analyst") == status


@pytest.mark.usefixtures("at_terminal")
async def test_without_a_terminal_the_password_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert await command.create_staff(email="grace@example.com", name="Grace", role="analyst") == 1
    assert "--password-stdin" in capsys.readouterr().err


async def test_the_only_administrator_is_let_in_again(
    at_terminal: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _create(monkeypatch, PASSWORD) == 0
    capsys.readouterr()
    assert await command.recover_staff("Grace@Example.com") == 0
    token = capsys.readouterr().out.strip()
    async with acting(at_terminal) as context:
        assert await service.set_staff_password(context, token=token, password=OTHER_PASSWORD) == 0
        opened = await service.sign_in(
            context, audience=Audience.ADMIN, email="grace@example.com", password=OTHER_PASSWORD
        )
        assert isinstance(opened, OpenedSession)
        audited = "SELECT changes, operation, actor_kind FROM platform.audit WHERE changes ? 'recovery'"
        assert await rows(context, audited) == [({"recovery": [None, "begun"]}, "mercer staff recover", "system")]
        told = "SELECT name, payload ->> 'staff_id' FROM platform.outbox WHERE name ~ :names"
        assert await rows(context, told, names="StaffRecoveryBegun|PasswordChanged") == [
            ("identity.PasswordChanged", str(opened.owner_id))
        ]


async def test_the_printed_token_is_the_only_one(at_terminal: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """What was mailed before ends, and nothing is mailed: the mailbox may be what was lost."""
    async with acting(at_terminal) as context:
        async with transaction(context) as inner:
            before = await service.issue_token(inner, staff_id=person_id("analyst"), purpose=TokenPurpose.RECOVER_STAFF)
        assert await command.recover_staff("analyst@example.com") == 0
        assert await rows(context, "SELECT count(*) FROM platform.outbox WHERE name ~ '^identity'") == [(0,)]
        with pytest.raises(TokenUnusable):
            await service.set_staff_password(context, token=before, password=OTHER_PASSWORD)
        token = capsys.readouterr().out.strip()
        assert await service.set_staff_password(context, token=token, password=OTHER_PASSWORD) == 1


async def test_with_a_dashboard_the_link_is_printed(
    at_terminal: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        command, "load_settings", lambda: at_terminal.model_copy(update={"dashboard_url": "https://staff.example/"})
    )
    assert await command.recover_staff("analyst@example.com") == 0
    assert re.fullmatch(r"https://staff\.example/recovery#token=[\w-]{43}\n", capsys.readouterr().out)


async def test_who_cannot_be_recovered(at_terminal: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    async with acting(at_terminal) as context, transaction(context) as inner:
        await service.set_staff_active(inner, staff_id=person_id("analyst"), is_active=False)
    for email, said in (
        ("nobody@example.com", "No staff account has this e-mail address."),
        ("not an address", "No staff account has this e-mail address."),
        ("analyst@example.com", "This account is not active: activate it first."),
    ):
        assert await command.recover_staff(email) == 1
        printed = capsys.readouterr()
        assert (printed.out, printed.err.splitlines()[-1]) == ("", said)


async def test_production_does_not_start_with_passwords_that_everybody_knows(shop_settings: Settings) -> None:
    production = shop_settings.model_copy(update={"environment": Environment.PRODUCTION})
    await command.refuse_demo_passwords(production)
    async with acting(shop_settings) as context:
        for account in (DEMO_STAFF, DEMO_CUSTOMER):
            await service.store_demo_account(context, account=account)
        await command.refuse_demo_passwords(shop_settings)
        with pytest.raises(command.DemoPasswordsOpen, match=r"staff@larkmoor\.example and shopper@larkmoor\.example"):
            await command.refuse_demo_passwords(production)
        [(id,)] = await rows(context, "SELECT id FROM identity.customer WHERE email_key = 'shopper@larkmoor.example'")
        async with transaction(context) as inner:
            await service.block_customer(inner, customer_id=id)
        [(id,)] = await rows(context, "SELECT id FROM identity.staff WHERE email_key = 'staff@larkmoor.example'")
        async with transaction(context) as inner:
            token = await service.issue_token(inner, staff_id=id, purpose=TokenPurpose.RECOVER_STAFF)
        await service.set_staff_password(context, token=token, password=PASSWORD)
    await command.refuse_demo_passwords(production)
    await command.refuse_demo_passwords(
        production.model_copy(update={"database_url": "postgresql://nowhere.invalid/x"})
    )
