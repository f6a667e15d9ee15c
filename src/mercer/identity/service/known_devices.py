"""Devices from which somebody has signed in (OWASP's device cookies).

What others fail on an account does not hold its owner up there. It goes by what only he has been given, not by
addresses: who shares one with him would learn, from being let through, that the account exists.
"""

from mercer.identity.models import Audience
from mercer.identity.queries import throttling as queries
from mercer.identity.rules.people import email_digest
from mercer.identity.rules.sessions import token_hash
from mercer.identity.rules.throttling import KNOWN_FOR, MOST_DEVICES, new_device_token
from mercer.platform.context import Context


async def remember_device(context: Context, *, audience: Audience, account: str, shown: str | None = None) -> str:
    """What to show at the next sign-in to this account, within 30 days. `account` is its address's key.

    It opens nothing. Each sign-in brings another one, in place of what was shown; the ten newest of an account count.
    Lock the account before.
    """
    token, named = new_device_token(), {"audience": audience.value, "account": email_digest(account)}
    if shown is not None:
        await queries.drop_device(context.db, **named, token_hash=token_hash(shown))
    await queries.insert_device(
        context.db,
        **named,
        token_hash=token_hash(token),
        created_at=context.now,
        expires_at=context.now + KNOWN_FOR,
    )
    await queries.drop_devices(context.db, **named, but_newest=MOST_DEVICES)
    return token


async def forget_devices(context: Context, *, audience: Audience, account: str) -> None:
    """Let no device of this account be known any more: whoever had its password may have signed in from one."""
    await queries.drop_devices(context.db, audience=audience.value, account=email_digest(account), but_newest=0)


async def is_known_device(context: Context, *, audience: Audience, account: str, token: str) -> bool:
    """Whether somebody with this token signed in to this account before, which need not exist."""
    return await queries.has_device(
        context.db,
        audience=audience.value,
        account=email_digest(account),
        token_hash=token_hash(token),
        now=context.now,
    )
