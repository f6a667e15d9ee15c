"""Random changes of the small shop, one thing at a time, through the verbs that staff's mutations call."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from mercer.catalog import service as catalog
from mercer.catalog.models import CategoryContents
from mercer.inventory import service as inventory
from mercer.inventory.models import Adjustment, Count
from mercer.platform.context import Context
from mercer.pricing import service as pricing
from mercer.pricing.models import PriceChange, PriceKey

NAMES = ("Iron mug", "Oak mug", "Äpfel", "Quiet bag", "Alpine bag", "Mug")
SLUGS = ("steel-mug", "rucksack", "iron-mug", "new-0", "future-mug", "mugs", "outdoor")


@dataclass
class Edit:
    """One change under way, with what it may choose from."""

    context: Context
    random: Random
    moments: list[datetime]
    """When something was scheduled."""

    async def ids(self, table: str) -> list[UUID]:
        rows = await self.context.db.scalars(sa.text(f"SELECT id FROM {table} ORDER BY id"))
        return list(rows)

    async def one(self, table: str) -> UUID:
        return self.random.choice(await self.ids(table))

    async def shuffled(self, table: str, of: str, owner: UUID | None) -> list[UUID]:
        query = sa.text(f"SELECT id FROM {table} WHERE {of} IS NOT DISTINCT FROM :owner ORDER BY id")
        found = list(await self.context.db.scalars(query, {"owner": owner}))
        self.random.shuffle(found)
        return found

    def choose(self, values: Sequence[Any]) -> Any:
        return self.random.choice(values)

    def moment(self) -> datetime:
        found = self.context.now + timedelta(seconds=self.random.choice((1, 60, 200, 3_600, 90_000)))
        self.moments.append(found)
        return found


async def _update_product(edit: Edit) -> None:
    changes: Any = edit.choose(
        [
            {"name": edit.choose(NAMES), "name_translations": {"de": edit.choose((None, "Becher"))}},
            {"slug": edit.choose(SLUGS)},
            {"tags": edit.random.sample(["new", "sale", "gift"], 2)},
            {"category_id": edit.choose([None, *await edit.ids("catalog.category")])},
            {"attributes": [{"code": "material", "choices": [edit.choose(("steel", "clay"))]}]},
            {"attributes": [{"code": "dishwasher", "boolean": edit.choose((True, False))}]},
            {"product_type_id": await edit.one("catalog.product_type")},
        ]
    )
    await catalog.update_product(edit.context, id=await edit.one("catalog.product"), changes=changes)


async def _update_products(edit: Edit) -> None:
    ids = edit.random.sample(await edit.ids("catalog.product"), 3)
    await catalog.update_products(
        edit.context, ids=ids, changes={"add_tags": [edit.choose(("new", "sale"))], "remove_tags": ["gift"]}
    )


async def _create_product(edit: Edit) -> None:
    number = edit.random.randrange(10_000)
    product_id = await catalog.create_product(
        edit.context,
        product={
            "name": edit.choose(NAMES),
            "product_type_id": await edit.one("catalog.product_type"),
            "category_id": await edit.one("catalog.category"),
            "variants": [{"sku": f"MADE-{number}"}],
        },
    )
    await _publish(edit, product_id)


async def _publish(edit: Edit, product_id: UUID | None = None) -> None:
    begins = edit.choose((None, edit.moment()))
    ends = edit.choose((None, (begins or edit.context.now) + timedelta(seconds=100)))
    if ends is not None:
        edit.moments.append(ends)
    await catalog.publish_products(
        edit.context,
        ids=[product_id or await edit.one("catalog.product")],
        channel_ids=edit.random.sample(await edit.ids("channels.channel"), edit.random.randint(1, 2)),
        publish_at=begins,
        unpublish_at=ends,
    )


async def _unpublish(edit: Edit) -> None:
    channels = [await edit.one("channels.channel")]
    at = edit.choose((None, edit.moment()))
    await catalog.unpublish_products(edit.context, ids=[await edit.one("catalog.product")], channel_ids=channels, at=at)


async def _archive(edit: Edit) -> None:
    verb = edit.choose((catalog.archive_products, catalog.restore_products, catalog.restore_products))
    await verb(edit.context, ids=[await edit.one("catalog.product")])


async def _delete_product(edit: Edit) -> None:
    await catalog.delete_product(edit.context, id=await edit.one("catalog.product"))


async def _variant(edit: Edit) -> None:
    variant = await edit.one("catalog.variant")
    match edit.random.randrange(5):
        case 0:
            new: Any = edit.choose(({"name": edit.choose(NAMES)}, {"sku": edit.choose(("BAG-1", "BAG-9", "MUG-9"))}))
            await catalog.update_variant(edit.context, id=variant, changes=new)
        case 1:
            await catalog.archive_variant(edit.context, id=variant)
        case 2:
            await catalog.restore_variant(edit.context, id=variant)
        case 3:
            product = await edit.one("catalog.product")
            order = await edit.shuffled("catalog.variant", "product_id", product)
            await catalog.reorder_variants(edit.context, product_id=product, variant_ids=order)
        case _:
            await catalog.delete_variant(edit.context, id=variant)


async def _create_variant(edit: Edit) -> None:
    sku = f"VARIANT-{edit.random.randrange(10_000)}"
    await catalog.create_variant(
        edit.context, product_id=await edit.one("catalog.product"), variant={"sku": sku, "name": edit.choose(NAMES)}
    )


async def _option(edit: Edit) -> None:
    options, values = await edit.ids("catalog.option"), await edit.ids("catalog.option_value")
    match edit.random.randrange(4):
        case 0 if options:
            await catalog.update_option(edit.context, id=edit.choose(options), changes={"name": edit.choose(NAMES)})
        case 1 if values:
            await catalog.update_option_value(
                edit.context, id=edit.choose(values), changes={"name": edit.choose(NAMES)}
            )
        case 2 if options:
            option = edit.choose(options)
            order = await edit.shuffled("catalog.option_value", "option_id", option)
            await catalog.reorder_option_values(edit.context, option_id=option, value_ids=order)
        case _:
            await catalog.create_option(
                edit.context,
                product_id=await edit.one("catalog.product"),
                option={"name": "Size", "values": [{"name": "Small"}], "value_of_variants": "Small"},
            )


async def _category(edit: Edit) -> None:
    category = await edit.one("catalog.category")
    match edit.random.randrange(5):
        case 0:
            await catalog.update_category(edit.context, id=category, changes={"name": edit.choose(NAMES)})
        case 1:
            await catalog.update_category(edit.context, id=category, changes={"slug": edit.choose(SLUGS)})
        case 2:
            parent = edit.choose([None, *await edit.ids("catalog.category")])
            await catalog.move_category(edit.context, id=category, parent_id=parent)
        case 3:
            order = await edit.shuffled("catalog.category", "parent_id", None)
            await catalog.reorder_categories(edit.context, parent_id=None, category_ids=order)
        case _:
            made = await catalog.create_category(edit.context, category={"name": edit.choose(NAMES)})
            if edit.random.random() < 0.5:
                await catalog.delete_category(edit.context, id=category, contents=CategoryContents.MOVE_UP)
                await catalog.move_category(edit.context, id=made, parent_id=None)


async def _attribute(edit: Edit) -> None:
    attribute, choice = await edit.one("catalog.attribute"), await edit.one("catalog.attribute_choice")
    match edit.random.randrange(5):
        case 0:
            is_filterable = edit.choose((True, False))
            await catalog.update_attribute(edit.context, id=attribute, changes={"is_filterable": is_filterable})
        case 1:
            await catalog.update_choice(edit.context, id=choice, changes={"name": edit.choose(NAMES)})
        case 2:
            await catalog.delete_choice(edit.context, id=choice)
        case 3:
            order = await edit.shuffled("catalog.attribute_choice", "attribute_id", attribute)
            await catalog.reorder_choices(edit.context, attribute_id=attribute, choice_ids=order)
        case _:
            kind = await edit.one("catalog.product_type")
            await catalog.update_product_type(edit.context, id=kind, changes={"name": edit.choose(NAMES)})


async def _media(edit: Edit) -> None:
    if not (media := await edit.ids("catalog.media")):
        return
    one = edit.choose(media)
    if edit.random.random() < 0.7:
        await catalog.update_media(edit.context, id=one, changes={"alt": edit.choose(NAMES)})
    else:
        await catalog.remove_media(edit.context, id=one)


async def _price(edit: Edit) -> None:
    variant, channel = await edit.one("catalog.variant"), await edit.one("channels.channel")
    begins = edit.choose((None, edit.moment()))
    ends = edit.choose((None, (begins or edit.context.now) + timedelta(seconds=150)))
    if ends is not None:
        edit.moments.append(ends)
    amount = Decimal(edit.choose(("1.00", "12.50", "999.00")))
    change = PriceChange(variant_id=variant, channel_id=channel, valid_from=begins, valid_until=ends, amount=amount)
    await pricing.set_prices(edit.context, prices=[change])


async def _remove_price(edit: Edit) -> None:
    key = PriceKey(variant_id=await edit.one("catalog.variant"), channel_id=await edit.one("channels.channel"))
    await pricing.remove_prices(edit.context, prices=[key])


async def _stock(edit: Edit) -> None:
    place: Any = {
        "variant_id": await edit.one("catalog.variant"),
        "warehouse_id": await edit.one("inventory.warehouse"),
    }
    if edit.random.random() < 0.5:
        await inventory.adjust_stock(edit.context, adjustments=[Adjustment(**place, delta=1)], reason="Found")
    else:
        await inventory.count_stock(
            edit.context, counts=[Count(**place, on_hand=edit.choose((0, 1, 9)))], reason="Counted"
        )


EDITS: tuple[Callable[[Edit], Awaitable[None]], ...] = (
    _update_product,
    _update_product,
    _update_products,
    _create_product,
    _publish,
    _unpublish,
    _archive,
    _delete_product,
    _variant,
    _variant,
    _create_variant,
    _option,
    _category,
    _attribute,
    _media,
    _price,
    _price,
    _remove_price,
    _stock,
    _stock,
)
