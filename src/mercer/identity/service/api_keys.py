"""API keys: made, changed, revoked, and asked for by each request of a program.

They belong to the shop, not to whoever made them. They are remembered and forgotten as sessions are
(`service/sessions.py`): whatever changes what one opens raises its version. Whoever changes a key, or makes
it anew, must have all that it may do: a new secret of it would be the way to that. Whoever may govern keys at all ends
any of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from mercer.identity.errors import ApiKeyOver, ApiKeyUnknown
from mercer.identity.events import ApiKeyChanged, ApiKeyCreated, ApiKeyRevoked
from mercer.identity.models import ApiKey, AskedBound, Bound, IssuedKey, LiveSession
from mercer.identity.queries import api_keys as queries
from mercer.identity.rules.api_keys import check_end, check_expiry, check_for_keys, new_api_key, prefix_of
from mercer.identity.rules.bounds import HeldRole, stored_bounds
from mercer.identity.rules.granting import check_granted, lacking_of
from mercer.identity.rules.people import read_label
from mercer.identity.rules.roles import check_permissions
from mercer.identity.rules.sessions import SEEN_AGAIN, token_hash
from mercer.identity.service.bounds import check_bounds
from mercer.identity.service.granting import Giver, lock_giver
from mercer.identity.service.sessions import forget_sessions
from mercer.platform.actors import ActorKind
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.transactions import transaction

MANAGE = "api_keys.manage"


async def create_api_key(
    context: Context,
    *,
    name: str,
    permissions: Sequence[str],
    bounds: Sequence[AskedBound] = (),
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Make a key. It is told this once.

    Raises `PermissionsNotForKeys`, `PermissionUnknown`, `PermissionsLacking`, `BoundInvalid`, `ExpiryPast`,
    `ApiKeyEndsTooLate`, `FactorNameInvalid`.
    """
    known_as = read_label(name)
    giver = await lock_giver(context, needs=MANAGE)
    given = await _given(context, giver, permissions, asked=bounds, held={})
    check_expiry(expires_at, now=context.now)
    _check_end(context, giver, given, expires_at)
    key = new_api_key()
    id = await queries.insert_key(
        context.db,
        name=known_as,
        prefix=prefix_of(key),
        key_hash=token_hash(key),
        permissions=list(given.permissions),
        bounds=stored_bounds(given.bounds),
        created_by=_staff(context),
        created_at=context.now,
        updated_at=context.now,
        expires_at=expires_at,
    )
    context.record("ApiKey", id, {field: (None, value) for field, value in _told(known_as, given, expires_at).items()})
    context.announce(ApiKeyCreated(api_key_id=id))
    return IssuedKey(id=id, key=key)


async def update_api_key(
    context: Context,
    *,
    api_key_id: UUID,
    name: str | None = None,
    permissions: Sequence[str] | None = None,
    bounds: Sequence[AskedBound] | None = None,
    expires_at: datetime | None = None,
    is_endless: bool = False,
    version: int | None = None,
) -> None:
    """Change a key; None leaves a value as it is. It may do the new things, and only those, at once.

    Other permissions without bounds keep the bounds of those that stay. Raises `ApiKeyUnknown`, `ApiKeyOver`,
    `VersionConflict`, `PermissionsNotForKeys`, `PermissionUnknown`, `PermissionsLacking`, `BoundInvalid`, `ExpiryPast`,
    `ApiKeyEndsTooLate`, `FactorNameInvalid`.
    """
    key, hash, giver = await _lock_governed(context, api_key_id)
    _check_not_over(key, now=context.now)
    if version is not None and version != key.version:
        raise VersionConflict(current=key.version)
    known_as = key.name if name is None else read_label(name)
    given = HeldRole(permissions=key.permissions, bounds=key.bounds)
    if permissions is not None or bounds is not None:
        wanted = key.permissions if permissions is None else permissions
        given = await _given(context, giver, wanted, asked=bounds, held=key.bounds)
    check_expiry(expires_at, now=context.now)
    ends_at = None if is_endless else expires_at or key.expires_at
    before = _told(key.name, HeldRole(permissions=key.permissions, bounds=key.bounds), key.expires_at)
    after = _told(known_as, given, ends_at)
    if before == after:
        return
    if before != {**after, "name": key.name}:
        _check_end(context, giver, given, ends_at)
    await queries.update_key(
        context.db,
        key.id,
        now=context.now,
        name=known_as,
        permissions=list(given.permissions),
        bounds=stored_bounds(given.bounds),
        expires_at=ends_at,
    )
    context.record("ApiKey", key.id, {field: (before[field], after[field]) for field in before})
    context.announce(ApiKeyChanged(api_key_id=key.id))
    forget_sessions(context, hashes=[hash])


async def rotate_api_key(context: Context, *, api_key_id: UUID) -> IssuedKey:
    """Make a key anew, with all that it may do: the one before ends at once.

    Raises `ApiKeyUnknown`, `ApiKeyOver`, `PermissionsLacking`, `ApiKeyEndsTooLate`.
    """
    key, hash, giver = await _lock_governed(context, api_key_id)
    _check_not_over(key, now=context.now)
    _check_end(context, giver, HeldRole(permissions=key.permissions, bounds=key.bounds), key.expires_at)
    made = new_api_key()
    await queries.update_key(context.db, key.id, now=context.now, prefix=prefix_of(made), key_hash=token_hash(made))
    context.record("ApiKey", key.id, {"prefix": (key.prefix, prefix_of(made))})
    context.announce(ApiKeyChanged(api_key_id=key.id))
    forget_sessions(context, hashes=[hash])
    return IssuedKey(id=key.id, key=made)


async def revoke_api_key(context: Context, *, api_key_id: UUID) -> None:
    """Let a key open nothing any more. Done again, it changes nothing. Raises `ApiKeyUnknown`.

    It gives nobody anything, and a leaked key must end whoever is there: he need not have what it may do.
    """
    key, hash, _ = await _lock(context, api_key_id)
    if key.revoked_at is not None:
        return
    await queries.update_key(context.db, key.id, now=context.now, revoked_at=context.now, revoked_by=_staff(context))
    context.record("ApiKey", key.id, {"revokedAt": (None, context.now)})
    context.announce(ApiKeyRevoked(api_key_id=key.id))
    forget_sessions(context, hashes=[hash])


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


async def _given(
    context: Context,
    giver: Giver,
    permissions: Sequence[str],
    *,
    asked: Sequence[AskedBound] | None,
    held: Mapping[str, Bound],
) -> HeldRole:
    """What a key is to have, as far as it may be given at all, and by the caller. `held` are its bounds if none are."""
    check_for_keys(permissions)
    named = check_permissions(permissions, catalogue=context.catalogue)
    bounds: Mapping[str, Bound] = {name: bound for name, bound in held.items() if name in named}
    if asked is not None:
        bounds = await check_bounds(context, asked=asked, permissions=named)
    given = HeldRole(permissions=named, bounds=bounds)
    check_granted(giver.held, [given], catalogue=context.catalogue)
    return given


async def _lock(context: Context, api_key_id: UUID) -> tuple[ApiKey, bytes, Giver]:
    giver = await lock_giver(context, needs=MANAGE)
    locked = await queries.lock_key(context.db, api_key_id)
    if locked is None:
        raise ApiKeyUnknown
    return *locked, giver


async def _lock_governed(context: Context, api_key_id: UUID) -> tuple[ApiKey, bytes, Giver]:
    key, hash, giver = await _lock(context, api_key_id)
    held = HeldRole(permissions=key.permissions, bounds=key.bounds)
    check_granted(giver.held, [held], catalogue=context.catalogue)
    return key, hash, giver


def _check_end(context: Context, giver: Giver, given: HeldRole, expires_at: datetime | None) -> None:
    guarded = lacking_of(giver.without_factor, given, catalogue=context.catalogue)
    check_end(expires_at, guarded=guarded, now=context.now)


def _check_not_over(key: ApiKey, *, now: datetime) -> None:
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise ApiKeyOver


def _told(name: str, given: HeldRole, expires_at: datetime | None) -> dict[str, Any]:
    """A key's values, as the audit tells of them."""
    return {
        "name": name,
        "permissions": given.permissions,
        "bounds": stored_bounds(given.bounds),
        "expiresAt": expires_at,
    }


def _staff(context: Context) -> UUID | None:
    return context.actor.id if context.actor.kind is ActorKind.STAFF else None
