"""The fixtures: a database of one's own on the shared servers."""

import psycopg
import redis


def test_the_database_is_there(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT current_setting('fsync'), current_setting('jit')").fetchone() == (
            "off",
            "off",
        )


def test_valkey_is_there(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.ping()
