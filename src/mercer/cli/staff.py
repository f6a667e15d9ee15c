"""`mercer staff`: accounts for those who work for the shop, and what becomes of accounts that everybody knows."""

import asyncio
import getpass
import sys
from dataclasses import replace
from typing import Annotated

from cyclopts import App, Parameter

from mercer.cli.bulk import connected
from mercer.cli.terminal import say
from mercer.identity import service as identity
from mercer.identity.errors import RoleUnknown, StaffUnknown
from mercer.identity.models import DemoAccount
from mercer.platform import migrations
from mercer.platform.actors import Origin
from mercer.platform.embedded import shared_servers
from mercer.platform.errors import DatabaseUnavailable, DomainError, RequestRefused
from mercer.platform.settings import Settings, SettingsInvalid, load_settings
from mercer.platform.transactions import transaction

staff = App(name="staff", help="Accounts for those who work for the shop.")


class DemoPasswordsOpen(SettingsInvalid):
    """Production, with accounts whose passwords everybody knows."""


@staff.command(name="create")
async def create_staff(
    *, email: str, name: str, role: str, password_stdin: Annotated[bool, Parameter(negative=())] = False
) -> int:
    """Make an account that can sign in to the admin API.

    It asks for the password at the terminal. It migrates the database first, and uses the servers of a running
    `mercer up` or runs them for as long as it takes. Ends with 0 when the account is there, with 1 when it could not be
    made.

    Parameters
    ----------
    email
        The address that its owner signs in with.
    name
        What its owner is called.
    role
        What he may do: `administrator`, `customer_support`, `merchandiser`, `marketer`, `fulfilment`, `finance`,
        `analyst`, or the code of a role of your own.
    password_stdin
        Read the password from the standard input, up to the end of the line.
    """
    if not password_stdin and not sys.stdin.isatty():
        say("There is no terminal to ask for the password at. Send it with --password-stdin.")
        return 1
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask_password()
    if password is None:
        say("The two passwords differ. Nothing was made.")
        return 1
    settings = load_settings()
    async with shared_servers(settings, command="mercer staff create", say=say) as servers:
        await asyncio.to_thread(migrations.upgrade, servers.database_url, say=say)
        async with connected(servers.within(settings)) as connected_context:
            context = replace(connected_context, origin=Origin(operation="mercer staff create"))
            try:
                await identity.create_staff(context, email=email, name=name, password=password, roles=[role])
            except RoleUnknown:
                say(f"There is no role {role!r}. mercer staff create --help names those that are ready.")
                return 1
            except (DomainError, RequestRefused) as error:
                say(error.message)
                return 1
    say("The account is there.")
    return 0


@staff.command(name="recover")
async def recover_staff(email: str, /) -> int:
    """Let somebody in again who lost his password or his second factor, when nobody else can do so in the admin API.

    It prints a token, or the link that holds it, which works once within a day: with it he sets a new password, and his
    second factors are gone. Whoever reads it is let in: tell it to nobody else. It uses the servers of a running
    `mercer up` or runs them for as long as it takes. Ends with 1 when nobody has the address.

    Parameters
    ----------
    email
        The address that he signs in with.
    """
    settings = load_settings()
    async with shared_servers(settings, command="mercer staff recover", say=say) as servers:
        await asyncio.to_thread(migrations.upgrade, servers.database_url, say=say)
        async with connected(servers.within(settings)) as connected_context:
            context = replace(connected_context, origin=Origin(operation="mercer staff recover"))
            try:
                async with transaction(context) as inner:
                    token = await identity.recover_staff_here(inner, email=email)
            except StaffUnknown:
                say("No staff account has this e-mail address.")
                return 1
            except (DomainError, RequestRefused) as error:
                say(error.message)
                return 1
    dashboard = settings.dashboard_url
    print(token if dashboard is None else f"{dashboard.rstrip('/')}/recovery#token={token}")  # noqa: T201 — the answer
    return 0


async def find_open_demo_accounts(settings: Settings) -> list[DemoAccount]:
    """The demonstration shop's accounts that can be signed in to. `settings.database_url` names the database."""
    async with connected(settings) as context:
        return await identity.find_open_demo_accounts(context)


async def refuse_demo_passwords(settings: Settings) -> None:
    """Raise `DemoPasswordsOpen` in production, if the demonstration shop's passwords open an account.

    Without a database that answers nothing is refused: signing in refuses those passwords in production anyway.
    """
    if not settings.is_production:
        return
    try:
        accounts = await find_open_demo_accounts(settings)
    except DatabaseUnavailable:
        return
    if accounts:
        emails = " and ".join(account.email for account in accounts)
        raise DemoPasswordsOpen(
            f"Everybody knows the password of {emails}. Mercer does not run in production with such accounts: "
            "deactivate or block them, or give them other passwords, before."
        )


def _ask_password() -> str | None:
    password = getpass.getpass("Password: ")
    return password if getpass.getpass("Once more: ") == password else None
