from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.factories.shop import NOW

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings


@pytest.fixture
def settings(fresh: Settings, tmp_path: Path) -> Settings:
    return fresh.model_copy(update={"data_dir": tmp_path, "upload_pixels": 1_000_000, "upload_bytes": 500_000})


@pytest.fixture
async def context(settings: Settings) -> AsyncIterator[Context]:
    """A context outside any transaction."""
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    yield Context(settings, database, NOW)
    await database.close()


@pytest.fixture
def folder(settings: Settings) -> Path:
    """Where objects lie."""
    return settings.data_dir / "media"
