"""How often somebody may do something. Counted in Valkey; without it nobody is held up."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from mercer.platform.actors import Actor, Origin
from mercer.platform.errors import RequestRefused
from mercer.platform.valkey import Valkey

log = structlog.get_logger("mercer.rate_limits")


@dataclass(frozen=True)
class Limit:
    """So many in any minute, for each signed-in actor, and for each address of those who are not."""

    per_minute: int


class TooManyRequests(RequestRefused):
    """Somebody does something more often than he may."""

    def __init__(self, *, wait_s: int = 60) -> None:
        super().__init__(
            f"Too many requests. Wait {wait_s} seconds.",
            code="TOO_MANY_REQUESTS",
            status=429,
            headers={"Retry-After": str(wait_s)},
        )


async def check_rate(valkey: Valkey, limit: Limit, *, what: str, actor: Actor, origin: Origin, count: int = 1) -> None:
    """Count `count` doings of `what`. Raises `TooManyRequests`."""
    who = f"{actor.kind.value}:{actor.id}" if actor.is_signed_in else f"ip:{origin.ip}"
    try:
        is_within = await _limiter(valkey).hit(RateLimitItemPerMinute(limit.per_minute), what, who, cost=count)
    except (RedisError, OSError) as fault:
        log.warning("rate_not_counted", what=what, fault=type(fault).__name__)
        return
    if not is_within:
        raise TooManyRequests


_limiters: WeakKeyDictionary[Valkey, SlidingWindowCounterRateLimiter] = WeakKeyDictionary()


def _limiter(valkey: Valkey) -> SlidingWindowCounterRateLimiter:
    limiter = _limiters.get(valkey)
    if limiter is None:
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix="rate",
            connection_pool=valkey.client.connection_pool,  # type: ignore[arg-type]
        )
        limiter = _limiters[valkey] = SlidingWindowCounterRateLimiter(storage)
    return limiter
