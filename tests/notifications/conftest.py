from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.factories.shop import NOW
from tests.notifications.office import CHANGE, CUSTOMER, KEY, STAFF, Office
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


@pytest.fixture
async def bureau(office: Office) -> Office:
    """An office in whose shop a customer changed his address, and staff made a key."""
    await office.sql(
        "INSERT INTO identity.email_change (id, customer_id, old_email, new_email, requested_at) "
        "VALUES (:id, :customer, 'old@example.org', 'new@example.org', :at)",
        id=CHANGE,
        customer=CUSTOMER,
        at=NOW,
    )
    await office.sql(
        "INSERT INTO identity.api_key (id, name, prefix, key_hash, permissions, created_by, created_at, updated_at) "
        "VALUES (:id, 'Stock feed', 'mercer_key_ab12', 'x', '{}', :maker, :at, :at)",
        id=KEY,
        maker=STAFF,
        at=NOW,
    )
    await office.sql("UPDATE identity.customer SET name = 'Jörg' WHERE id = :id", id=CUSTOMER)
    await office.sql("UPDATE identity.staff SET password_hash = NULL WHERE id = :id", id=STAFF)
    return office
