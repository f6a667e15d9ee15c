"""Seeding a real database: what stands there afterwards, and that doing it again writes nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from tests.demo.rows import fetch, stamps

from mercer.catalog import service as catalog
from mercer.catalog.models import Product, ProductType, Variant
from mercer.demo import catalogue, service, shop
from mercer.demo.errors import SeedRejected, ShopInUse
from mercer.platform.context import Context
from mercer.values.stored import Stored


def ignore(_done: int) -> None:
    """Nobody watches."""


async def store(context: Context, product: Product) -> None:
    async with context.database.transaction() as connection:
        within = replace(context, connection=connection)
        await catalog.store_product_types(within, product_types=[ProductType(code="own", name="Own")])
        assert not (await catalog.store_products(within, products=[product])).rejected


async def test_the_demonstration_shop_stands_there_whole(context: Context) -> None:
    assert await service.is_empty(context)
    assert await service.seed_demo(context) == Stored(created=68, updated=0, unchanged=0)
    assert not await service.is_empty(context)
    assert await fetch(
        context, "SELECT code, currency, languages, tax_mode, is_default FROM channels.channel ORDER BY 1"
    ) == [
        ("eu", "EUR", ["de", "en"], "gross", False),
        ("us", "USD", ["en"], "net", True),
    ]
    counts = {
        "catalog.product": 68,
        "catalog.variant": 197,
        "catalog.media": 204,
        "catalog.category": 26,
        "inventory.warehouse": 2,
        "pricing.price": 392,
        "pricing.listed": 392,
    }
    assert {table: (await fetch(context, f"SELECT count(*) FROM {table}"))[0][0] for table in counts} == counts
    pictures = {path for (path,) in await fetch(context, "SELECT path FROM catalog.media")}
    media = context.settings.data_dir / "media"
    assert {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()} == pictures


async def test_seeding_the_shop_again_writes_nothing(context: Context) -> None:
    await service.seed_demo(context)
    before = await stamps(context)
    drawn = {path: path.stat().st_mtime_ns for path in context.settings.data_dir.rglob("*.svg")}
    assert await service.seed_demo(context) == Stored(created=0, updated=0, unchanged=68)
    assert await stamps(context) == before
    assert {path: path.stat().st_mtime_ns for path in context.settings.data_dir.rglob("*.svg")} == drawn


async def test_what_was_changed_of_the_shop_is_put_back(context: Context) -> None:
    await service.seed_demo(context)
    mug = next(item.product for item in shop.items() if item.product.slug == "plover-mug")
    await store(context, replace(mug, name="Bucket"))
    (context.settings.data_dir / "media/demo/plover-mug-front.svg").unlink()
    assert await service.seed_demo(context) == Stored(created=0, updated=1, unchanged=67)
    assert await fetch(context, "SELECT name FROM catalog.product WHERE slug = 'plover-mug'") == [("Plover Mug",)]
    assert (context.settings.data_dir / "media/demo/plover-mug-front.svg").exists()


@pytest.mark.parametrize(
    "seed", [service.seed_demo, lambda context: service.seed_catalogue(context, products=5, report=ignore)]
)
async def test_a_shop_with_products_of_its_own_is_refused_and_left_alone(
    context: Context, seed: Callable[[Context], Awaitable[Stored]]
) -> None:
    await store(context, Product(product_type="own", name="Own", variants=[Variant(sku="OWN-1")]))
    before = await stamps(context)
    with pytest.raises(ShopInUse):
        await seed(context)
    assert await stamps(context) == before
    assert not (context.settings.data_dir / "media").exists()


async def test_what_stands_in_the_way_is_told_and_nothing_is_stored(context: Context) -> None:
    await service.seed_catalogue(context, products=1, report=ignore)
    await store(context, Product(product_type="own", name="Own", slug="plover-mug", variants=[Variant(sku="OWN-1")]))
    before = await stamps(context)
    with pytest.raises(SeedRejected) as refused:
        await service.seed_demo(context)
    assert refused.value.message == (
        "Something in the shop is in the way of the demonstration's. "
        "Another one of its kind has this slug, or had it before. (SlugTaken(slug='plover-mug'))"
    )
    assert await stamps(context) == before


async def test_a_catalogue_grows_to_the_number_asked_for(context: Context) -> None:
    told: list[int] = []
    assert await service.seed_catalogue(context, products=30, report=told.append) == Stored(
        created=30, updated=0, unchanged=0
    )
    before = await stamps(context)
    assert await service.seed_catalogue(context, products=30, report=told.append) == Stored(
        created=0, updated=0, unchanged=30
    )
    assert await stamps(context) == before
    assert await service.seed_catalogue(context, products=50, report=told.append) == Stored(
        created=20, updated=0, unchanged=30
    )
    assert told == [30, 30, 50]
    assert await fetch(context, "SELECT count(*) FROM catalog.variant") == [(123,)]


async def test_an_interrupted_catalogue_goes_on_where_it_stopped(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_done: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(service, "_BATCH", 10)
    with pytest.raises(KeyboardInterrupt):
        await service.seed_catalogue(context, products=25, report=interrupt)
    assert await fetch(context, "SELECT count(*) FROM catalog.product") == [(10,)]
    assert await service.seed_catalogue(context, products=25, report=ignore) == Stored(
        created=15, updated=0, unchanged=10
    )


async def test_shop_and_catalogue_stand_side_by_side(context: Context) -> None:
    await service.seed_catalogue(context, products=10, report=ignore)
    assert await service.seed_demo(context) == Stored(created=68, updated=0, unchanged=0)
    assert await service.seed_catalogue(context, products=10, report=ignore) == Stored(
        created=0, updated=0, unchanged=10
    )
    used = {path for (path,) in await fetch(context, "SELECT path FROM catalog.media")}
    assert all((context.settings.data_dir / "media" / path).is_file() for path in used)
    assert {category.slug for category in catalogue.categories()}.isdisjoint(each.slug for each in shop.categories())
