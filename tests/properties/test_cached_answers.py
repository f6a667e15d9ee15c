"""Whatever is written and asked in whatever order, cached answers are those that a shop without a cache gives.

`EXAMPLES=5000 pytest tests/properties/test_cached_answers.py` goes on for longer, from other seeds.
"""

import os
from collections import deque
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

import pytest
from tests.callers import Caller
from tests.factories.shop import a_shop
from tests.fixtures import writing
from tests.platform.cache.shops import Running, Shops, running_shops
from tests.properties.asking import Questions
from tests.properties.changing import SKUS, Changes

from mercer.app import SHOP
from mercer.platform.errors import DomainError
from mercer.platform.settings import Settings

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
SEEDS = range(2) if "EXAMPLES" not in os.environ else [Random().randrange(10**9) for _ in range(EXAMPLES // 100)]
STEPS = 250
FIXED = (
    "{ products(first: 50) { nodes { name variants { sku price { amount } available } } totalCount } }",
    "{ products(first: 2, sort: {field: PRICE}) { edges { cursor node { slug priceRange { start { amount } } } } } }",
    "{ products(filter: {isAvailable: {eq: true}}) { nodes { name } facets { code values { value count } } } }",
    '{ product(slug: "steel-mug") { name thumbnail { url } breadcrumbs { name } variants { sku isAvailable } } }',
    '{ product(slug: "future-mug") { name } category(slug: "mugs") { name products { totalCount } } }',
    '{ productVariant(sku: "BAG-1") { available product { name category { name products { nodes { name } } } } } }',
    "{ categories { nodes { name children { name products { nodes { name } } } } } channel { name } }",
)
EU = ("X-Mercer-Channel", "eu")
HEADERS = ((), (EU,), (EU, ("Accept-Language", "en")))


@pytest.mark.timeout(120 + 3 * EXAMPLES)
@pytest.mark.parametrize("seed", SEEDS)
async def test_cached_answers_are_fresh(seed: int, fresh: Settings) -> None:
    async with writing(fresh) as context:
        await a_shop(context)
    async with running_shops(fresh, ["one", "verified", "plain"]) as shops:
        history = History(shops, Random(seed), await _keys(shops))
        for _ in range(STEPS):
            await history.go_on()
        assert history.hits > STEPS / 10, "hardly anything was answered from a cache"


class History:
    """What happens to the shops, and what they answered."""

    def __init__(self, shops: Shops, random: Random, keys: dict[tuple[str, str], list[str]]) -> None:
        self.shops = shops
        self.random = random
        self.changes = Changes(random)
        questions = Questions(SHOP.schema, random, keys)
        self.questions = [*FIXED, *(questions.draw() for _ in range(25))]
        self.asked: deque[Asked] = deque(maxlen=12)
        self.expected: dict[Asked, Any] = {}
        """What the shop without a cache answers, as long as nothing happens."""
        self.happened: list[str] = []
        self.hits = 0

    async def go_on(self) -> None:
        """One more thing: mostly someone asks what was asked already, else something is changed, or time passes."""
        match self.random.choices(("ask again", "ask", "change", "wait"), (12, 5, 2, 1))[0]:
            case "ask again" if self.asked:
                await self._ask(self.random.choice(self.asked))
            case "change":
                await self._change()
            case "wait":
                self._wait()
                self.expected.clear()
            case _:
                choose = self.random.choice
                asked = Asked(choose(self.questions), choose(HEADERS), choose(("GET", "POST", "POST")))
                self.asked.append(asked)
                await self._ask(asked)

    async def _change(self) -> None:
        try:
            async with self.shops.writing() as context:
                self.happened.append(await self.changes.draw(context))
        except DomainError as refused:
            self.happened.append(f"refused: {refused!r}")
        self.expected.clear()

    def _wait(self) -> None:
        """Let a little time pass, or go to a moment at which something was to happen, or to just before it."""
        clock = self.shops.clock
        ahead = sorted(moment for moment in self.changes.moments if moment > clock.now)
        if ahead and self.random.random() < 0.6:
            clock.now = max(clock.now, ahead[0] - timedelta(microseconds=self.random.choice((0, 0, 1))))
        else:
            clock.pass_(seconds=self.random.choice((0.001, 1, 30, 299, 300)))
        self.happened.append(f"it is {clock.now}")

    async def _ask(self, asked: "Asked") -> None:
        name = self.random.choice(("one", "one", "verified"))
        app = self.shops[name]
        kept = len(app.answers.shelf)
        answer = await asked.of(app)
        self.hits += len(app.answers.shelf) == kept
        if asked not in self.expected:
            self.expected[asked] = await asked.of(self.shops["plain"])
        self.happened.append(f"{name} was asked {asked}")
        assert answer == self.expected[asked], "\n".join(self.happened)


class Asked(NamedTuple):
    """One request."""

    question: str
    headers: tuple[tuple[str, str], ...]
    method: str

    async def of(self, app: Running) -> Any:
        """What an application answers."""
        params, json = ({"query": self.question}, None) if self.method == "GET" else (None, {"query": self.question})
        headers = dict(self.headers)
        answer = await app.http.request(self.method, "/shop/graphql", headers=headers, params=params, json=json)
        assert answer.status_code == 200
        found = answer.json()
        assert "errors" not in found, found
        return found


async def _keys(shops: Shops) -> dict[tuple[str, str], list[str]]:
    """What single things can be asked by."""
    eu = await Caller(shops["plain"].http, "/shop/graphql", {"X-Mercer-Channel": "eu"})(
        "{ products(first: 50) { nodes { id slug variants { id } } } categories { nodes { id slug } } }"
    )
    products, categories = eu["products"]["nodes"], eu["categories"]["nodes"]
    return {
        ("product", "id"): [product["id"] for product in products],
        ("product", "slug"): [*(product["slug"] for product in products), "future-mug", "new-0", "nowhere"],
        ("productVariant", "id"): [variant["id"] for product in products for variant in product["variants"]],
        ("productVariant", "sku"): list(SKUS),
        ("category", "id"): [category["id"] for category in categories],
        ("category", "slug"): [category["slug"] for category in categories],
    }
