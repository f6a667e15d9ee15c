"""The door: idempotency, one transaction, the verb, its traces, the commit. What a mutation is let in by stands before.

Access and rate limits are checked for the whole operation before it is executed (`platform/graphql/admission.py`).
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
from strawberry import UNSET

from mercer.platform import idempotency
from mercer.platform.actors import ActorKind
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.errors import (
    DatabaseUnavailable,
    DomainError,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    InProgress,
    InvalidField,
    InvalidInput,
    InvalidValue,
    OutcomeUnknown,
    TransactionBroken,
)
from mercer.platform.idempotency import Keyed
from mercer.platform.jobs.declaration import Transaction
from mercer.platform.transactions import in_transaction, retried, transaction

from .declaration import Key, Mutation
from .outcomes import Outcome, stored

Verb = Callable[[Context], Awaitable[Any]]


class ScopeUnchecked(Exception):
    """A verb acted for somebody whose permission is limited, and did not ask how far it goes."""


WAIT_S = 10.0
"""How long a repeated request waits for the outcome of the first."""

LONGEST_KEY = 200
GENERAL_ERRORS = (InvalidInput, IdempotencyKeyReused)
"""What every mutation may answer."""

_underway: WeakKeyDictionary[Database, WeakValueDictionary[Keyed, asyncio.Lock]] = WeakKeyDictionary()
"""Requests with a key that this process carries out: their repetitions wait here, and hold no connection."""


async def carry_out(mutation: Mutation, context: Context, verb: Verb, *, field: str, arguments: Any) -> Any:
    """The result of a mutation, an expected error, or the stored outcome (`Outcome`) of the same request before.

    Raises whatever is not expected.
    """
    verb = _scoped(mutation, verb)
    try:
        request = _keyed(mutation, context, field, arguments)
        if request is None:
            return await _in_transaction(mutation, context, verb)
        underway = _underway.setdefault(context.database, WeakValueDictionary())
        async with underway.setdefault(request, asyncio.Lock()):
            if mutation.transaction is Transaction.MANUAL:
                return await _claimed(mutation, context, verb, request)
            return await _once(mutation, context, verb, request)
    except DomainError as error:
        return _expected(mutation, error)


def errors_of(mutation: Mutation) -> tuple[type[DomainError], ...]:
    """All errors that a mutation may answer."""
    missing = (IdempotencyKeyMissing,) if mutation.key is Key.REQUIRED else ()
    manual = (InProgress,) if mutation.transaction is Transaction.MANUAL else ()
    return (*dict.fromkeys((*mutation.errors, *GENERAL_ERRORS, *missing, *manual)),)


def _scoped(mutation: Mutation, verb: Verb) -> Verb:
    """The verb, which has to check how far a limited permission goes: an answer of one that did not is no answer.

    What it did is rolled back by that, but not what a verb with transactions of its own has committed: it has to check
    in its first one, before it moves anything.
    """

    async def checked(context: Context) -> Any:
        result = await verb(context)
        if mutation.needs in context.actor.bounds and mutation.needs not in context.checked:
            raise ScopeUnchecked(f"{mutation.name} has not checked how far {mutation.needs} goes")
        return result

    return checked


def _expected(mutation: Mutation, error: DomainError) -> DomainError:
    """The error as the result shows it. Raises it when it was not declared."""
    if isinstance(error, errors_of(mutation)):
        return error
    if isinstance(error, InvalidValue):
        return InvalidInput(fields=(InvalidField(path=error.path, message=error.message),))
    raise error


async def _in_transaction(mutation: Mutation, context: Context, verb: Verb) -> Any:
    if mutation.transaction is Transaction.MANUAL:
        return await verb(context)

    return await in_transaction(context, verb)


async def _once(mutation: Mutation, context: Context, verb: Verb, request: Keyed) -> Any:
    """Carry out a request with a key: its row is written with its effect, or with its error."""

    async def attempt() -> Any:
        async with transaction(context) as inner:
            standing = await idempotency.begin(inner.db, request, now=context.now)
            if standing is not None:
                return standing.outcome
            result = await verb(inner)
            await idempotency.finish(inner.db, request, stored(result))
            return result

    try:
        return await retried(attempt, TransactionBroken, OutcomeUnknown)
    except IdempotencyKeyReused:
        raise
    except DomainError as error:
        expected = _expected(mutation, error)
        return await retried(lambda: _noted(context, request, stored(expected)), TransactionBroken, OutcomeUnknown)


async def _noted(context: Context, request: Keyed, outcome: Outcome) -> Outcome:
    """Note an error as the outcome, unless the same request has had another one meanwhile: then that one."""
    async with context.database.transaction() as connection:
        standing = await idempotency.begin(connection, request, now=context.now)
        if standing is not None and standing.outcome is not None:
            return standing.outcome
        await idempotency.finish(connection, request, outcome)
        return outcome


async def _claimed(mutation: Mutation, context: Context, verb: Verb, request: Keyed) -> Any:
    """Carry out a request of several transactions: claimed first, so that whoever repeats it waits or takes over."""

    async def claim() -> tuple[idempotency.Standing, bool]:
        async with context.database.transaction() as connection:
            return await idempotency.claim(connection, request, now=context.now)

    standing, is_ours = await retried(claim, TransactionBroken, OutcomeUnknown)
    if standing.outcome is not None:
        return standing.outcome
    if not is_ours:
        return await _awaited(context, request)
    try:
        outcome = stored(await verb(replace(context, claim=standing.claim)))
    except DomainError as error:
        outcome = stored(_expected(mutation, error))
    except Exception:
        # Nobody goes on with it, so whoever repeats it need not wait for the lease to end.
        with suppress(DatabaseUnavailable):
            async with context.database.transaction() as connection:
                await idempotency.release(connection, request, now=context.now)
        raise

    async def finish() -> None:
        async with context.database.transaction() as connection:
            await idempotency.finish(connection, request, outcome)

    await retried(finish, TransactionBroken, OutcomeUnknown)
    return outcome


async def _awaited(context: Context, request: Keyed) -> Outcome:
    """The outcome of a request that somebody else carries out. Holds no connection while it waits."""
    waited, pause = 0.0, 0.05
    while waited < WAIT_S:
        await asyncio.sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 0.5)
        async with context.database.transaction() as connection:
            standing = await idempotency.look_up(connection, request)
        if standing.outcome is not None:
            return standing.outcome
    raise InProgress


def _keyed(mutation: Mutation, context: Context, field: str, arguments: Any) -> Keyed | None:
    key = context.idempotency_key
    if mutation.key is Key.IGNORED:
        return None
    if key is None:
        if mutation.key is Key.REQUIRED:
            raise IdempotencyKeyMissing
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise IdempotencyKeyInvalid
    written = msgspec.json.encode([mutation.name, arguments], enc_hook=_written, order="deterministic")
    return Keyed(actor=_scope(context), key=key, field=field, fingerprint=_digest(written))


def _scope(context: Context) -> str:
    """Whose keys these are: nobody's key opens what another one did."""
    actor, origin = context.actor, context.origin
    if actor.kind is not ActorKind.GUEST:
        return f"{actor.kind.value}:{actor.id}"
    if origin.cart_token is not None:
        return f"cart:{_digest(origin.cart_token.encode())}"
    return f"guest:{origin.ip}"


def _written(value: object) -> object:
    """What JSON has no word for. What was left out is neither null nor an empty text, which are said."""
    return {"left out": True} if value is UNSET else str(value)


def _digest(value: bytes) -> str:
    return hashlib.blake2b(value, digest_size=16).hexdigest()
