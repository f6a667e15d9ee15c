"""What is forgotten after a while."""

from datetime import timedelta

from mercer.identity.queries import email_changes, factors, sessions, throttling
from mercer.platform.context import Context

COUNTED_FOR = timedelta(days=2)
LOGGED_FOR = timedelta(days=180)
ENDED_FOR = timedelta(days=30)


async def forget_old(context: Context) -> None:
    """Delete what ended a month ago, attempts and changes of address of half a year ago, and counts that are over."""
    await sessions.forget_old(context.db, now=context.now, ended_before=context.now - ENDED_FOR)
    await factors.forget_old(context.db, ended_before=context.now - ENDED_FOR)
    await email_changes.forget_old(context.db, requested_before=context.now - LOGGED_FOR)
    await throttling.forget_old(
        context.db,
        now=context.now,
        counted_before=context.now - COUNTED_FOR,
        logged_before=context.now - LOGGED_FOR,
    )
