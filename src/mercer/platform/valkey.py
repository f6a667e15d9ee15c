"""The client of Valkey. Whatever asks it must be able to go on without an answer."""

from contextlib import suppress

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

TIMEOUT_S = 0.5
"""How long it may take to connect, and to answer."""


class Valkey:
    """Connections to one Valkey, made when they are needed."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("valkey", "redis", 1) if url.startswith("valkey") else url
        self.client: Redis = Redis.from_url(
            self._url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
        self.forgotten = 0
        """How often this process had something forgotten, whether Valkey answered or not."""

    @property
    def db(self) -> int:
        """The number of the database within Valkey."""
        return int(self.client.connection_pool.connection_kwargs.get("db", 0))

    def subscriber(self) -> AbstractConnection:
        """A connection for one subscription: it waits without end for messages, and never reconnects by itself."""
        pool = ConnectionPool.from_url(
            self._url,
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
        connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
        return connection

    async def fetch(self, key: str) -> bytes | None:
        """What is remembered under a key: one round trip. None, too, while Valkey is away."""
        try:
            found = await self.client.get(key)
        except (RedisError, OSError):
            return None
        return found if isinstance(found, bytes) else None

    async def remember(self, key: str, value: bytes, *, seconds: int) -> None:
        """Remember a value for so long, if Valkey answers."""
        with suppress(RedisError, OSError):
            await self.client.set(key, value, ex=seconds)

    async def forget(self, *keys: str) -> None:
        """Remember nothing under these keys any more, if Valkey answers."""
        self.forgotten += 1
        with suppress(RedisError, OSError):
            await self.client.delete(*keys)

    async def ping(self) -> bool:
        """Say whether Valkey answers."""
        try:
            await self.client.ping()
        except (RedisError, OSError):
            return False
        return True

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()
