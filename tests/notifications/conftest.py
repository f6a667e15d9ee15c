from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.notifications.office import Office
from tests.platform.mail.post import Post, running

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.settings import Settings


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    """A mail server that takes everything."""
    async with running(Post()) as post:
        yield post


@pytest.fixture
def settings(fresh: Settings, post: Post, tmp_path: Path) -> Settings:
    return fresh.model_copy(
        update={
            "smtp_url": post.url,
            "data_dir": tmp_path,
            "mail_sender": "shop@larkmoor.example",
            "shop_name": "Larkmoor",
            "storefront_url": "https://larkmoor.example/",
            "dashboard_url": "https://staff.larkmoor.example",
        }
    )


@pytest.fixture
async def context(settings: Settings) -> AsyncIterator[Context]:
    """The program itself, outside of any transaction."""
    assert settings.database_url is not None
    roomy = settings.model_copy(update={"write_connections": 10})
    database = Database(roomy, url=settings.database_url)
    await database.open()
    yield Context(settings, database, Office.opens)
    await database.close()


@pytest.fixture
def office(context: Context, post: Post) -> Office:
    return Office(context, post)
