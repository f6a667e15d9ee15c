"""What machines ask."""

import httpx2
from tests.platform.gate import Gate
from tests.platform.http.serving import NO_VALKEY, application, client, settings_for_tests

from mercer.platform.database import Database
from mercer.platform.valkey import Valkey


async def asked(path: str, *, database_url: str, valkey_url: str) -> tuple[int, object]:
    settings = settings_for_tests()
    database, valkey = Database(settings, url=database_url), Valkey(valkey_url)
    app = application(settings, database=database, valkey=valkey)
    transport = httpx2.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://x") as http:
        answer = await http.get(path)
    return answer.status_code, answer.json()


async def test_it_is_live_without_any_server() -> None:
    async with client() as http:
        answer = await http.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


async def test_it_is_ready_when_its_servers_are(database_url: str, valkey_url: str) -> None:
    assert await asked("/readyz", database_url=database_url, valkey_url=valkey_url) == (
        200,
        {"status": "ready", "database": "ready", "valkey": "ready"},
    )


async def test_it_is_ready_without_valkey(database_url: str) -> None:
    assert await asked("/readyz", database_url=database_url, valkey_url=NO_VALKEY) == (
        200,
        {"status": "ready", "database": "ready", "valkey": "unavailable"},
    )


async def test_it_is_not_ready_without_its_database(database_url: str, valkey_url: str) -> None:
    async with Gate(database_url) as gate:
        await gate.shut()
        assert await asked("/readyz", database_url=gate.url, valkey_url=valkey_url) == (
            503,
            {"status": "not ready", "database": "unavailable", "valkey": "ready"},
        )
