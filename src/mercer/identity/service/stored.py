"""The verb by which imports and seeds store customers."""

from collections.abc import Sequence
from uuid import UUID

from mercer.identity.models import NewCustomer
from mercer.identity.queries import stored as queries
from mercer.identity.rules.people import read_email, read_language, read_name
from mercer.platform.context import Context


async def store_customers(context: Context, *, customers: Sequence[NewCustomer]) -> dict[str, UUID]:
    """Add customers whom another shop knows, some thousands at a time. Who is there is left as he is.

    They have no password and their addresses are not verified: a reset opens the account to whoever reads its mail.
    Nothing is announced, so that nobody gets one. Returns their ids by the address as it was given. One that is faulty
    refuses all. Raises `EmailInvalid`, `PersonNameInvalid`, `LanguageUnreadable`.
    """
    rows = {}
    keys = {}
    for each in customers:
        email = read_email(each.email)
        keys[each.email] = key = email.casefold()
        rows[key] = (email, key, read_name(each.name), read_language(each.language), each.since or context.now)
    if not rows:
        return {}
    ids = await queries.store_customers(context.db, rows.values(), now=context.now)
    return {given: ids[key] for given, key in keys.items()}
