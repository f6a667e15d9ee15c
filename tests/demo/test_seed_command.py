"""`mercer seed`: what it says and how it ends."""

import pytest
from tests.demo.rows import fetch, stamps
from tests.keys import SECRET_KEY

from mercer.cli.seed import seed_catalogue, seed_demo, seed_demo_if_empty
from mercer.demo import service
from mercer.platform.context import Context
from mercer.platform.settings import Environment, Settings


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCER_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("MERCER_VALKEY_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("MERCER_DATA_DIR", str(settings.data_dir))


async def test_demo_says_what_came_of_it(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert await seed_demo() == 0
    assert capsys.readouterr().err == "Products: 68 new, 0 changed, 0 as they were.\n"
    assert await fetch(context, "SELECT count(*) FROM catalog.product") == [(68,)]


async def test_catalogue_shows_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert await seed_catalogue(products=8) == 0
    said = capsys.readouterr().err
    assert "8/8" in said
    assert "Products: 8 new, 0 changed, 0 as they were.\n" in said


async def test_another_shop_is_refused_with_the_reason(
    context: Context, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await service.seed_demo(context)
    monkeypatch.setattr("mercer.demo.catalogue._SKU_PREFIX", "OTHER")
    monkeypatch.setattr("mercer.demo.content.products", tuple)
    before = await stamps(context)
    assert await seed_demo() == 1
    assert capsys.readouterr().err == (
        "The shop has products of its own, and demonstration products would stand among them. Use an empty database.\n"
    )
    assert await stamps(context) == before


async def test_production_is_refused_without_force(
    context: Context, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERCER_ENVIRONMENT", "production")
    monkeypatch.setenv("MERCER_SECRET_KEYS", SECRET_KEY)
    for command in (seed_demo, seed_catalogue):
        assert await command() == 1
        assert capsys.readouterr().err == (
            "This is production. Products that nobody sells are put into it only with --force.\n"
        )
    assert await service.is_empty(context)
    assert await seed_demo(force=True) == 0
    assert not await service.is_empty(context)


async def test_up_seeds_an_empty_shop_once_and_never_in_production(settings: Settings, context: Context) -> None:
    assert not await seed_demo_if_empty(settings.model_copy(update={"environment": Environment.PRODUCTION}))
    assert await service.is_empty(context)
    assert await seed_demo_if_empty(settings)
    before = await stamps(context)
    assert not await seed_demo_if_empty(settings)
    assert await stamps(context) == before
