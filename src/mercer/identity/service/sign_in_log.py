"""The log of who tried to come in, and what came of it. Staff read all of it, everybody his own."""

from uuid import UUID

from mercer.identity.models import Outcome, Surface
from mercer.identity.queries import throttling as queries
from mercer.identity.rules.devices import device_of
from mercer.identity.rules.people import email_digest
from mercer.platform.context import Context

LONGEST_USER_AGENT = 500


async def log_outcome(
    context: Context, *, surface: Surface, outcome: Outcome, account_id: UUID | None, account: str | None = None
) -> None:
    """Write what happened, of whichever account. `account` is the key of the address, if one was typed."""
    user_agent = (context.origin.user_agent or "")[:LONGEST_USER_AGENT] or None
    await queries.insert_attempt(
        context.db,
        at=context.now,
        surface=surface.value,
        outcome=outcome.value,
        account=None if account is None else email_digest(account),
        account_id=account_id,
        ip=context.origin.ip,
        user_agent=user_agent,
        device=None if user_agent is None else device_of(user_agent),
        request_id=context.origin.request_id,
    )
