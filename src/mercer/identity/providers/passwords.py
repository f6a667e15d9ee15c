"""Password hashes: Argon2id, in a few threads, because each takes much memory and time."""

import asyncio
import base64
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import NamedTuple, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from mercer.identity.rules.passwords import normal_form
from mercer.platform.errors import RequestRefused
from mercer.platform.settings import Settings

Answer = TypeVar("Answer")

MOST_WAITING = 100
"""How many may wait for a thread. Whoever comes then would wait too long."""

_SALT, _DIGEST = RFC_9106_LOW_MEMORY.salt_len, RFC_9106_LOW_MEMORY.hash_len


class PasswordsBusy(RequestRefused):
    """More passwords are to be checked than can be soon."""

    def __init__(self) -> None:
        super().__init__(
            "Too many people are signing in. Please try again.",
            code="UNAVAILABLE",
            status=503,
            headers={"Retry-After": "5"},
        )


class _Cost(NamedTuple):
    time: int
    memory_kib: int
    lanes: int
    threads: int


async def hash_password(settings: Settings, password: str) -> str:
    """The hash of a password, with its parameters and a salt of its own. Raises `PasswordsBusy`."""
    cost = _cost(settings)
    return await _in_thread(cost, partial(_hasher(cost).hash, normal_form(password)))


async def verify_password(settings: Settings, password: str, stored: str | None) -> bool:
    """Whether a password has this hash. With None it is compared with a hash that none has, which costs the same.

    Raises `PasswordsBusy`.
    """
    cost = _cost(settings)
    compared = stored if stored is not None else _nobodys_hash(cost)
    return await _in_thread(cost, partial(_is_right, _hasher(cost), compared, normal_form(password)))


def is_outdated(settings: Settings, stored: str) -> bool:
    """Whether a hash was made with other parameters than are set now."""
    return _hasher(_cost(settings)).check_needs_rehash(stored)


def _cost(settings: Settings) -> _Cost:
    return _Cost(
        settings.password_time_cost,
        settings.password_memory_kib,
        settings.password_lanes,
        settings.password_threads,
    )


@cache
def _hasher(cost: _Cost) -> PasswordHasher:
    return PasswordHasher(
        time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=cost.lanes, hash_len=_DIGEST, salt_len=_SALT
    )


@cache
def _nobodys_hash(cost: _Cost) -> str:
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_SALT, _DIGEST))
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.time},p={cost.lanes}${salt}${digest}"


def _is_right(hasher: PasswordHasher, stored: str, password: str) -> bool:
    try:
        return hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="password")


_waiting: Counter[int] = Counter()


async def _in_thread(cost: _Cost, work: "partial[Answer]") -> Answer:
    if _waiting[cost.threads] >= MOST_WAITING:
        raise PasswordsBusy
    _waiting[cost.threads] += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads(cost.threads), work)
    finally:
        _waiting[cost.threads] -= 1
