"""The demonstration shop's accounts, whose passwords everybody knows."""

from mercer.identity.models import DEMO_ACCOUNTS, Audience, DemoAccount
from mercer.identity.providers import passwords
from mercer.identity.queries import accounts
from mercer.identity.queries import roles as queries
from mercer.identity.rules.roles import ADMINISTRATOR
from mercer.platform.context import Context
from mercer.platform.transactions import transaction


async def store_demo_account(context: Context, *, account: DemoAccount) -> bool:
    """Make an account of the demonstration shop, unless there is one. It opens its own transaction.

    Returns whether it was made. Never in production.
    """
    assert not context.settings.is_production, "everybody knows these passwords"
    values = {
        "email": account.email,
        "email_key": account.email.casefold(),
        "name": account.name,
        "password_hash": await passwords.hash_password(context.settings, account.password),
        "created_at": context.now,
        "updated_at": context.now,
    }
    async with transaction(context) as inner:
        if account.audience is Audience.SHOP:
            id = await accounts.insert_customer(inner.db, **values, language="en", email_verified_at=context.now)
            return id is not None
        id = await accounts.insert_staff(inner.db, **values)
        if id is not None:
            [role] = await queries.lock_roles(inner.db, queries.by_codes([ADMINISTRATOR]))
            await queries.set_roles(inner.db, id, [role.id])
        return id is not None


async def find_open_demo_accounts(context: Context) -> list[DemoAccount]:
    """Those of the demonstration shop's accounts that its passwords still open."""
    found = []
    for account in DEMO_ACCOUNTS:
        async with transaction(context) as inner:
            stored = await accounts.find_account(inner.db, account.audience, email_key=account.email.casefold())
        if stored is None or not stored.may_enter or stored.password_hash is None:
            continue
        if await passwords.verify_password(context.settings, account.password, stored.password_hash):
            found.append(account)
    return found
