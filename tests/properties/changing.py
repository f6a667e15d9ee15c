"""Random changes of the small shop, through the verbs that write it."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import datetime, timedelta
from random import Random

from tests.properties.editing import EDITS, Edit

from mercer.catalog import service as catalog
from mercer.catalog.models import Category, Product, Publication, PublicationStatus, Variant
from mercer.channels import service as channels
from mercer.channels.models import ChannelTerms
from mercer.inventory import service as inventory
from mercer.inventory.models import StockLevel, Warehouse
from mercer.platform.context import Context
from mercer.pricing import service as pricing
from mercer.pricing.models import Price

WORDS = ("Iron", "Oak", "Äpfel", "Quiet", "Small", "Alpine")
TYPES = {
    "MUG-1-R": "drinkware",
    "GLASS-1": "drinkware",
    "CLAY-1": "drinkware",
    "BAG-1": "bags",
    "FUTURE-1": "drinkware",
}
SKUS = (*TYPES, "MUG-1-B", "BAG-2", "NEW-0", "NEW-1", "NEW-2")
FIRST_VARIANTS = {**TYPES, "BAG-2": "bags", "NEW-0": "bags", "NEW-1": "drinkware", "NEW-2": "bags"}
"""The SKUs by which products are known, with the product's type. Those that are new do not exist at first."""
CATEGORIES = ("kitchen", "mugs", "travel-mugs", "outdoor")

Change = Callable[["Changes", Context], Awaitable[str]]


class Changes:
    """Draws one change after another, and says what it was."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.moments: list[datetime] = []
        """When something was scheduled."""

    async def draw(self, context: Context) -> str:
        """Make a change: of many things as an import does, or of one as staff do. Raises `DomainError`."""
        if self.random.random() < 0.4:
            change = self.random.choice(CHANGES)
            return f"{change.__name__.strip('_')}: {await change(self, context)}"
        edit = self.random.choice(EDITS)
        await edit(Edit(context, self.random, self.moments))
        return f"edit {edit.__name__.strip('_')}: {sorted(context.effects.tags)}"

    def product(self, **changes: object) -> Product:
        sku = self.random.choice(list(FIRST_VARIANTS))
        known = {"product_type": FIRST_VARIANTS[sku], "name": sku.title(), "variants": [Variant(sku=sku)]}
        return Product(**{**known, **changes})  # type: ignore[arg-type]

    async def store(self, context: Context, product: Product) -> str:
        stored = await catalog.store_products(context, products=[product])
        for rejection in stored.rejected:
            raise rejection.error
        return f"{product.variants[0].sku} {stored.created} created, {stored.updated} updated"

    def moment(self, now: datetime) -> datetime:
        found = now + timedelta(seconds=self.random.choice((-5_000, -1, 0, 1, 60, 200, 3_600, 90_000)))
        self.moments.append(found)
        return found


async def _rename(changes: Changes, context: Context) -> str:
    word = changes.random.choice(WORDS)
    return await changes.store(context, changes.product(name=f"{word} mug", name_translations={"de": f"{word}becher"}))


async def _move(changes: Changes, context: Context) -> str:
    return await changes.store(context, changes.product(category=changes.random.choice(CATEGORIES)))


async def _tag(changes: Changes, context: Context) -> str:
    return await changes.store(context, changes.product(tags=changes.random.sample(["new", "sale", "gift"], 2)))


async def _schedule(changes: Changes, context: Context) -> str:
    begins = changes.moment(context.now)
    ends = changes.random.choice((None, begins + timedelta(seconds=changes.random.choice((1, 100, 40_000)))))
    if ends is not None:
        changes.moments.append(ends)
    status = changes.random.choice((PublicationStatus.PUBLISHED, PublicationStatus.PUBLISHED, PublicationStatus.DRAFT))
    publication = Publication(status=status, publish_at=begins, unpublish_at=ends)
    return await changes.store(
        context, changes.product(publications={changes.random.choice(("us", "eu")): publication})
    )


async def _archive(changes: Changes, context: Context) -> str:
    variants = [
        Variant(sku="MUG-1-R", is_archived=changes.random.random() < 0.2),
        Variant(sku="MUG-1-B", is_archived=changes.random.random() < 0.5),
        Variant(sku="MUG-1-OLD", is_archived=True),
    ]
    known = {"product_type": "drinkware", "name": "Steel Mug"}
    return await changes.store(context, Product(**known, variants=variants))  # type: ignore[arg-type]


async def _price(changes: Changes, context: Context) -> str:
    skus = list(await catalog.find_variants(context, skus=SKUS))
    price = Price(
        sku=changes.random.choice(skus),
        channel=changes.random.choice(("us", "eu")),
        amount=changes.random.choice((None, 100, 1_250, 99_900)),
    )
    await pricing.store_prices(context, prices=[price])
    return f"{price.sku} {price.channel} {price.amount}"


async def _stock(changes: Changes, context: Context) -> str:
    skus = list(await catalog.find_variants(context, skus=SKUS))
    warehouse = changes.random.choice(("us-east", "eu-central", "both"))
    level = StockLevel(sku=changes.random.choice(skus), warehouse=warehouse, on_hand=changes.random.choice((0, 1, 7)))
    await inventory.store_levels(context, levels=[level])
    return f"{level.sku} {level.warehouse} {level.on_hand}"


async def _category(changes: Changes, context: Context) -> str:
    slug = changes.random.choice(("travel-mugs", "outdoor"))
    parent = changes.random.choice(("kitchen", "mugs"))
    category = Category(slug=slug, name=changes.random.choice(WORDS), parent=parent)
    await catalog.store_categories(context, categories=[category])
    return f"{slug} below {parent}"


async def _warehouse(changes: Changes, context: Context) -> str:
    served = changes.random.sample(["us", "eu"], changes.random.randint(0, 2))
    warehouse = Warehouse(code="both", name="Both", country="NL", channels=served)
    await inventory.store_warehouses(context, warehouses=[warehouse])
    return f"both serves {served}"


async def _name_choice(changes: Changes, context: Context) -> str:
    name = changes.random.choice(WORDS)
    await catalog.name_choices(context, names={"material": [name]})
    return name


async def _channel(changes: Changes, context: Context) -> str:
    channel = next(each for each in await channels.list_channels(context) if each.code == "us")
    name = changes.random.choice(WORDS)
    terms = {field.name: getattr(channel, field.name) for field in fields(ChannelTerms)}
    await channels.store_channels(context, channels=[ChannelTerms(**{**terms, "name": name})])
    return name


CHANGES: tuple[Change, ...] = (
    _rename,
    _move,
    _tag,
    _schedule,
    _schedule,
    _archive,
    _price,
    _stock,
    _stock,
    _category,
    _warehouse,
    _name_choice,
    _channel,
)
