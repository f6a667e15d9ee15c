"""The client of Valkey. Whatever asks it must be able to go on without an answer."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

TIMEOUT_S = 0.5
"""How long it may take to connect, and to answer."""


class Valkey:
    """Connections to one Valkey, made when they are needed."""

    def __init__(self, url: str) -> None:
        self.client: Redis = Redis.from_url(
            url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )

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
