"""A database of its own for each test that seeds."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from tests import servers

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Environment, Settings, load_settings


@pytest.fixture
async def settings(database_url: str, tmp_path: Path) -> AsyncIterator[Settings]:
    name = f"demo_{uuid4().hex}"
    own = servers.copy_database(database_url, name)
    yield load_settings(environment=Environment.TEST, database_url=own, data_dir=tmp_path)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')


@pytest.fixture
async def context(settings: Settings) -> AsyncIterator[Context]:
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    yield Context(settings, database, datetime.now(UTC))
    await database.close()
