"""Which of the shop's answers are kept, what drops them, and how they go out."""

from collections.abc import AsyncIterator

import pytest
from tests.factories.shop import a_shop
from tests.fixtures import writing
from tests.identity.people import a_customer, acting
from tests.platform.cache.shops import Shops, running_shops

from mercer.catalog import service as catalog
from mercer.catalog.models import Product, Publication, PublicationStatus, Variant
from mercer.inventory import service as inventory
from mercer.inventory.models import StockLevel
from mercer.platform.settings import Settings

LISTING = "{ products(first: 50) { nodes { name variants { sku available } } totalCount } }"
MUG = '{ product(slug: "steel-mug") { name variants { sku available price { amount } } breadcrumbs { name } } }'
BAG = '{ product(slug: "rucksack") { name category { name } } }'
AVAILABLE = "{ products(filter: {isAvailable: {eq: true}}) { nodes { name } } }"
CATEGORIES = "{ categories { nodes { name } } channel { code } }"


@pytest.fixture
async def shops(fresh: Settings) -> AsyncIterator[Shops]:
    async with writing(fresh) as context:
        await a_shop(context)
    async with running_shops(fresh, ["one", "verified"]) as shops:
        yield shops


async def kept(shops: Shops, *queries: str) -> list[bool]:
    """Which of these the first application answers from its cache. Afterwards it keeps them all."""
    return [await shops["one"].is_kept(query) for query in queries]


async def test_an_answer_is_kept_for_the_same_request_only(shops: Shops) -> None:
    one = shops["one"]
    assert not await one.is_kept(LISTING)
    assert await one.is_kept(LISTING)
    assert not await one.is_kept(f" {LISTING}")
    assert not await one.is_kept(LISTING, {"unused": 1})
    assert not await one.is_kept(LISTING, x_mercer_channel="eu")
    assert not await one.is_kept(LISTING, x_mercer_channel="eu", accept_language="en")
    assert await one.is_kept(LISTING, accept_language="de"), "the default channel speaks English only"
    assert (await one.ask(LISTING)).json() == (await shops["verified"].ask(LISTING)).json()


async def test_what_of_a_product_changed_drops_what_shows_it(shops: Shops) -> None:
    queries = (LISTING, MUG, BAG, AVAILABLE, CATEGORIES)
    await kept(shops, *queries)
    assert await kept(shops, *queries) == [True] * 5
    async with shops.writing() as context:
        renamed = Product(product_type="drinkware", name="Iron Mug", variants=[Variant(sku="MUG-1-R")])
        assert (await catalog.store_products(context, products=[renamed])).updated == 1
    assert await kept(shops, *queries) == [False, False, True, False, True]


async def test_stock_drops_what_shows_the_product_and_what_is_chosen_by_it(shops: Shops) -> None:
    shown = '{ products(filter: {category: {slug: "outdoor"}}) { nodes { name } } }'
    queries = (LISTING, MUG, BAG, AVAILABLE, CATEGORIES, shown)
    await kept(shops, *queries)
    async with shops.writing() as context:
        levels = [StockLevel(sku="MUG-1-R", warehouse="us-east", on_hand=1)]
        assert (await inventory.store_levels(context, levels=levels)).updated == 1
    assert await kept(shops, *queries) == [False, False, True, False, True, True]


async def test_what_all_share_drops_everything(shops: Shops) -> None:
    queries = (LISTING, MUG, BAG, AVAILABLE, CATEGORIES)
    await kept(shops, *queries)
    async with shops.writing() as context:
        context.outdate("catalog")
    assert await kept(shops, *queries) == [False] * 5


async def test_a_product_that_is_not_there_is_kept_until_any_product_changes(shops: Shops) -> None:
    missing = '{ product(slug: "oak-chair") { name } }'
    await kept(shops, missing)
    assert await kept(shops, missing) == [True]
    async with shops.writing() as context:
        made = Product(
            product_type="bags",
            name="Oak chair",
            variants=[Variant(sku="OAK-1")],
            publications={"us": Publication(publish_at=shops.clock.now)},
        )
        assert (await catalog.store_products(context, products=[made])).created == 1
    assert (await shops["one"].ask(missing)).json() == {"data": {"product": {"name": "Oak chair"}}}


async def test_time_drops_what_was_scheduled_to_the_microsecond(shops: Shops) -> None:
    async with shops.writing() as context:
        soon = context.now.replace(microsecond=250_000)
        scheduled = Product(
            product_type="drinkware",
            name="Steel Mug",
            variants=[Variant(sku="MUG-1-R")],
            publications={
                "us": Publication(status=PublicationStatus.PUBLISHED, publish_at=context.now, unpublish_at=soon)
            },
        )
        assert (await catalog.store_products(context, products=[scheduled])).updated == 1
    assert await kept(shops, MUG, MUG, CATEGORIES) == [False, True, False]
    shops.clock.pass_(microseconds=249_999)
    assert await kept(shops, MUG) == [True]
    shops.clock.pass_(microseconds=1)
    assert (await shops["one"].ask(MUG)).json() == {"data": {"product": None}}
    assert await kept(shops, CATEGORIES) == [True], "it shows nothing that changes with time"


async def test_nothing_is_kept_for_longer_than_five_minutes(shops: Shops) -> None:
    await kept(shops, CATEGORIES)
    shops.clock.pass_(seconds=299.999)
    assert await kept(shops, CATEGORIES) == [True]
    shops.clock.pass_(seconds=0.001)
    one = shops["one"]
    before = one.answers.find(next(iter(one.answers.shelf._kept)), now=shops.clock.now)
    assert before is None


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } } }",
        "{ channel { code } __schema { queryType { name } } }",
        "{ product { name } }",
        "{ channel { code } product { name } }",
        "{ nothing }",
    ],
    ids=["introspection", "with introspection", "a fault", "with a fault", "invalid"],
)
async def test_what_is_not_the_catalogue_is_not_kept(shops: Shops, query: str) -> None:
    answer = await shops["one"].ask(query)
    assert len(shops["one"].answers.shelf) == 0
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_get_has_an_entity_tag_that_saves_the_body(shops: Shops) -> None:
    http = shops["one"].http
    asked = {"query": CATEGORIES}
    first = await http.get("/shop/graphql", params=asked, headers={"accept": "application/json"})
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["vary"] == "Accept, Accept-Language, X-Mercer-Channel, Origin"
    etag = first.headers["etag"]
    for named in (etag, f'"other", W/{etag}', "*"):
        headers = {"accept": "application/json", "if-none-match": named}
        again = await http.get("/shop/graphql", params=asked, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert "content-type" not in again.headers
        assert again.headers["cache-control"] == "no-cache"
        assert (await http.head("/shop/graphql", params=asked, headers=headers)).status_code == 304
    graphql = await http.get("/shop/graphql", params=asked, headers={"if-none-match": etag})
    assert (graphql.status_code, graphql.json()) == (200, first.json())
    assert graphql.headers["etag"] != etag, "another media type is another representation"
    async with shops.writing() as context:
        context.outdate("catalog")
    made_anew = await http.get(
        "/shop/graphql", params=asked, headers={"accept": "application/json", "if-none-match": etag}
    )
    assert made_anew.status_code == 304, "what is made anew may be the same"


async def test_post_has_an_entity_tag_but_nobody_may_store_it(shops: Shops) -> None:
    first = await shops["one"].ask(CATEGORIES)
    assert first.headers["cache-control"] == "no-store"
    again = await shops["one"].ask(CATEGORIES, if_none_match=first.headers["etag"])
    assert (again.status_code, again.json()) == (200, first.json())


async def test_a_head_and_a_get_share_an_answer(shops: Shops) -> None:
    http = shops["one"].http
    head = await http.head("/shop/graphql", params={"query": CATEGORIES})
    assert head.content == b""
    found = await http.get("/shop/graphql", params={"query": CATEGORIES})
    assert len(shops["one"].answers.shelf) == 1
    assert head.headers["content-length"] == str(len(found.content))


async def test_a_batch_is_not_kept(shops: Shops) -> None:
    answer = await shops["one"].http.post("/shop/graphql", json=[{"query": CATEGORIES}])
    assert answer.status_code == 200
    assert len(shops["one"].answers.shelf) == 0


async def test_without_a_cache_answers_are_the_same(shops: Shops, fresh: Settings) -> None:
    async with running_shops(fresh, ["plain"]) as others:
        for query in (LISTING, MUG, AVAILABLE, CATEGORIES):
            ours, theirs = await shops["one"].ask(query), await others["plain"].ask(query)
            assert ours.content == theirs.content
            assert ours.headers["etag"] == theirs.headers["etag"]
        assert len(others["plain"].answers.shelf) == 0


async def test_whoever_is_signed_in_gets_the_same_and_nobody_with_a_wrong_token(shops: Shops) -> None:
    async with acting(shops.writer.settings) as context:
        customer = await a_customer(context)
    one = shops["one"]
    answer = await one.ask(CATEGORIES)
    token = f"Bearer {customer.token}"
    assert await one.is_kept(CATEGORIES, authorization=token)
    assert (await one.ask(CATEGORIES, authorization=token)).content == answer.content
    assert (await one.ask(CATEGORIES, authorization="Bearer mercer_shop_nonsense")).status_code == 401


async def test_what_is_somebodys_own_is_not_kept(shops: Shops) -> None:
    async with acting(shops.writer.settings) as context:
        customers = [await a_customer(context, name=name) for name in ("Ada", "Ben")]
    own = "{ me { email } channel { code } }"
    seen = []
    for customer in (*customers, *customers):
        answer = await shops["one"].ask(own, authorization=f"Bearer {customer.token}")
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        seen.append(answer.json()["data"]["me"]["email"])
    assert seen == [customers[0].email, customers[1].email] * 2
    assert len(shops["one"].answers.shelf) == 0
