"""API keys: made, changed, revoked, and asked for by each request of a program.

They belong to the shop, not to whoever made them. They are remembered and forgotten as sessions are
(`service/sessions.py`): whatever changes what one opens raises its version.
"""

from mercer.identity.models import LiveSession
from mercer.identity.queries import api_keys as queries
from mercer.identity.rules.sessions import SEEN_AGAIN, token_hash
from mercer.platform.context import Context
from mercer.platform.transactions import transaction


async def find_api_key(context: Context, *, key: str) -> LiveSession | None:
    """What a key opens, read from its row: None if it is unknown, revoked or over.

    Both its own id and its owner's are the key's: it acts by itself. One statement. Raises `DatabaseUnavailable`.
    """
    found = await queries.find_live(context.database, key_hash=token_hash(key))
    return None if found is None or found.until <= context.now else found


async def note_api_key_used(context: Context, *, session: LiveSession) -> None:
    """Note that a key was used, and from where, once a minute at most: in a transaction of its own, if need be."""
    before = context.now - SEEN_AGAIN
    if session.last_seen_at > before:
        return
    async with transaction(context) as inner:
        await queries.touch_key(inner.db, id=session.id, now=context.now, before=before, ip=context.origin.ip)
