from dataclasses import replace
from datetime import timedelta

from tests.contents import fetch, stamps
from tests.factories.shop import EU, MUG_TYPE, NOW, PRODUCTS, a_shop, mug, published
from tests.fixtures import writing

from mercer.catalog.models import AttributeKind, Option, OptionValue, Product, Publication, PublicationStatus, Variant
from mercer.catalog.service import complete_search, store_product_types, store_products
from mercer.channels.service import store_channels
from mercer.platform.context import Context
from mercer.platform.settings import Settings

LATER = NOW + timedelta(days=1)


async def store(context: Context, *products: Product) -> tuple[int, int, int]:
    stored = await store_products(context, products=products)
    assert stored.rejected == ()
    assert len(stored.touched) == stored.created + stored.updated
    return stored.created, stored.updated, stored.unchanged


async def refusal(context: Context, *products: Product) -> list[tuple[int, str, dict[str, str]]]:
    stored = await store_products(context, products=products)
    return [(each.index, type(each.error).__name__, vars(each.error)) for each in stored.rejected]


async def test_what_is_stored_again_changes_no_row(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await a_shop(context)
    async with writing(fresh) as context:
        before = await stamps(context.db)
    async with writing(fresh, now=LATER) as context:
        await a_shop(context)
        await complete_search(context)
    async with writing(fresh) as context:
        assert await stamps(context.db) == before


async def test_a_change_moves_only_what_it_concerns(context: Context) -> None:
    assert await store(context, *PRODUCTS) == (len(PRODUCTS), 0, 0)
    clay = mug("Clay Cup", "CLAY-1", attributes={"volume": 95})
    assert await store(replace(context, now=LATER), *PRODUCTS[:2], clay, *PRODUCTS[3:]) == (0, 1, len(PRODUCTS) - 1)
    assert await fetch(context.db, f"SELECT name FROM catalog.product WHERE updated_at > '{NOW}'") == [("Clay Cup",)]
    values = """
        SELECT a.code, v.number, v.boolean FROM catalog.product_attribute v
        JOIN catalog.attribute a ON a.id = v.attribute_id
        JOIN catalog.product p ON p.id = v.product_id WHERE p.slug = 'clay-cup' ORDER BY a.code
    """
    assert await fetch(context.db, values) == [
        ("dishwasher", None, False),
        ("material", None, None),
        ("volume", 95, None),
    ]


async def test_none_removes_an_attribute_and_leaves_all_else(context: Context) -> None:
    await store(context, PRODUCTS[0])
    fewer = Product(
        product_type="drinkware", name="Steel Mug", variants=[Variant(sku="MUG-1-R")], attributes={"uses": None}
    )
    assert await store(context, fewer) == (0, 1, 0)
    assert await store(context, fewer) == (0, 0, 1)
    assert await fetch(context.db, "SELECT tags, description FROM catalog.product") == [
        (["new", "bestseller"], "<p>Keeps warm.</p>")
    ]
    assert await fetch(context.db, "SELECT count(*) FROM catalog.product_attribute") == [(6,)]
    assert await fetch(context.db, "SELECT count(*) FROM catalog.product_attribute_choice") == [(1,)]
    assert await fetch(context.db, "SELECT count(*) FROM catalog.variant") == [(3,)]
    assert await fetch(context.db, "SELECT count(*) FROM catalog.media") == [(2,)]


async def test_choices_media_and_options_are_replaced_by_those_given(context: Context) -> None:
    await store(context, PRODUCTS[0])
    media = PRODUCTS[0].media or ()
    changed = replace(
        PRODUCTS[0],
        attributes={"uses": ["tea"]},
        media=[media[1]],
        options=[Option(name="Colour", values=[OptionValue(name="Blue"), OptionValue(name="Red")])],
        variants=[replace(PRODUCTS[0].variants[0], option_values={"Colour": "Blue"})],
    )
    assert await store(context, changed) == (0, 1, 0)
    uses = "SELECT c.code FROM catalog.product_attribute_choice JOIN catalog.attribute_choice c ON c.id = choice_id"
    assert sorted(await fetch(context.db, uses)) == [("steel",), ("tea",)]
    assert await fetch(context.db, "SELECT path, position FROM catalog.media") == [("mug-side.svg", 0)]
    assert await fetch(context.db, "SELECT name FROM catalog.option_value ORDER BY position") == [("Blue",), ("Red",)]
    value = "SELECT o.name FROM catalog.variant v JOIN catalog.variant_option_value ON variant_id = v.id "
    value += "JOIN catalog.option_value o ON o.id = option_value_id WHERE v.sku = 'MUG-1-R'"
    assert await fetch(context.db, value) == [("Blue",)]


async def test_a_changed_slug_leaves_the_old_one_as_a_way_in(context: Context) -> None:
    await store(context, mug("Steel Mug", "A"))
    await store(context, mug("Steel Mug", "A", slug="mug-of-steel"))
    former = "SELECT f.slug, p.slug FROM catalog.former_product_slug f JOIN catalog.product p ON p.id = product_id"
    assert await fetch(context.db, former) == [("steel-mug", "mug-of-steel")]
    assert await refusal(context, mug("Other", "B", slug="steel-mug")) == [(0, "SlugTaken", {"slug": "steel-mug"})]
    await store(context, mug("Steel Mug", "A", slug="steel-mug"))
    assert await fetch(context.db, former) == [("mug-of-steel", "steel-mug")]


async def test_a_new_name_keeps_the_slug(context: Context) -> None:
    await store(context, mug("Steel Mug", "A"))
    assert await store(context, mug("Better Mug", "A")) == (0, 1, 0)
    assert await fetch(context.db, "SELECT name, slug FROM catalog.product") == [("Better Mug", "steel-mug")]


async def test_slugs_depend_on_the_data_alone(context: Context) -> None:
    cups = [mug("Cup", sku) for sku in ("A", "B", "C")]
    await store(context, *cups)
    together = await fetch(context.db, "SELECT slug FROM catalog.product ORDER BY slug")
    await fetch(context.db, "DELETE FROM catalog.product RETURNING id")
    for cup in cups:
        await store(context, cup)
    assert await fetch(context.db, "SELECT slug FROM catalog.product ORDER BY slug") == together
    assert together == [("cup",), ("cup-6b23c0",), ("cup-df7e70",)]


async def test_faulty_products_are_rejected_and_the_others_stored(context: Context) -> None:
    await store(context, mug("First", "A", slug="first", variants=[Variant(sku="A"), Variant(sku="A-2")]))
    products = [
        mug("Good", "B"),
        mug("Bad", "C", variants=[Variant(sku="C", barcode="1")]),
        mug("Bad", "D", product_type="boats"),
        mug("Bad", "E", category="boats"),
        mug("Bad", "F", attributes={"length": 1}),
        mug("Bad", "G", attributes={"volume": "1"}),
        mug("Bad", "H", attributes={"material": "gold"}),
        mug("Bad", "I", publications={"mars": published()}),
        mug("Bad", "J", slug="first"),
        mug("Bad", "B"),
        mug("Bad", "A-2"),
        mug("Bad", "K", variants=[Variant(sku="K"), Variant(sku="A-2")]),
        mug("Bad", "L", variants=[Variant(sku="L"), Variant(sku="L")]),
    ]
    assert await refusal(context, *products) == [
        (1, "BarcodeInvalid", {"barcode": "1"}),
        (2, "ProductTypeUnknown", {"product_type": "boats"}),
        (3, "CategoryUnknown", {"category": "boats"}),
        (4, "AttributeUnknown", {"attribute": "length"}),
        (5, "AttributeValueInvalid", {"attribute": "volume", "kind": AttributeKind.NUMBER}),
        (6, "ChoiceUnknown", {"attribute": "material", "choice": "gold"}),
        (7, "ChannelUnknown", {"channel": "mars"}),
        (8, "SlugTaken", {"slug": "first"}),
        (9, "SkuRepeated", {"sku": "B"}),
        (10, "SkuTaken", {"sku": "A-2"}),
        (11, "SkuTaken", {"sku": "A-2"}),
        (12, "SkuRepeated", {"sku": "L"}),
    ]
    assert await fetch(context.db, "SELECT sku FROM catalog.variant ORDER BY sku") == [("A",), ("A-2",), ("B",)]


async def test_an_update_may_add_reorder_and_archive_variants(context: Context) -> None:
    await store(context, mug("Mug", "A", variants=[Variant(sku="A"), Variant(sku="B")]))
    reordered = [Variant(sku="C"), Variant(sku="A"), Variant(sku="B", is_archived=True)]
    assert await store(context, mug("Mug", "A", variants=reordered)) == (0, 1, 0)
    assert await fetch(context.db, "SELECT sku, archived_at FROM catalog.variant ORDER BY position") == [
        ("C", None),
        ("A", None),
        ("B", NOW),
    ]
    assert await fetch(context.db, "SELECT count(*) FROM catalog.product") == [(1,)]


async def test_a_draft_begins_to_be_seen_when_it_is_published(context: Context) -> None:
    draft = mug("Mug", "A", publications={"us": Publication(status=PublicationStatus.DRAFT)})
    await store(context, draft)
    later = replace(context, now=LATER)
    assert await store(later, draft) == (0, 0, 1)
    await store(later, mug("Mug", "A", publications={"us": Publication()}))
    assert await fetch(context.db, "SELECT status, publish_at FROM catalog.publication") == [("published", LATER)]
    assert await store(context, mug("Mug", "A", publications={"us": Publication()})) == (0, 0, 1)


async def test_products_are_found_by_name_sku_tag_and_type_in_each_language(context: Context) -> None:
    await store(context, mug("Steel Mug", "MUG-1", german="Stahlbecher", tags=["Gift idea"]))
    rows = await fetch(
        context.db, "SELECT language, name_key, words::text FROM catalog.product_search ORDER BY language"
    )
    assert rows == [
        ("de", "stahlbecher", "'gift':3C 'idea':4C 'mug-1' 'stahlbech':1A 'trinkgefass':2C"),
        ("en", "steel mug", "'drinkwar':3C 'gift':4C 'idea':5C 'mug':2A 'mug-1' 'steel':1A"),
    ]


async def test_a_language_that_a_channel_brings_is_completed(context: Context) -> None:
    await store(context, *PRODUCTS)
    await store_channels(context, channels=[replace(EU, languages=("de", "en", "fr"))])
    assert await complete_search(context) == len(PRODUCTS)
    assert await complete_search(context) == 0
    french = "SELECT count(*) FROM catalog.product_search WHERE language = 'fr'"
    assert await fetch(context.db, french) == [(len(PRODUCTS),)]


async def test_a_renamed_type_is_found_by_its_new_name(context: Context) -> None:
    await store(context, mug("Steel Mug", "A"))
    await store_product_types(context, product_types=[replace(MUG_TYPE, name="Crockery")])
    found = "SELECT language FROM catalog.product_search WHERE words @@ 'crockeri'"
    assert await fetch(context.db, found) == [("en",)]


async def test_a_product_of_another_type_loses_foreign_attributes(context: Context) -> None:
    await store(context, mug("Mug", "A", attributes={"volume": 1}))
    assert await store(context, mug("Mug", "A", product_type="bags")) == (0, 1, 0)
    assert await fetch(context.db, "SELECT count(*) FROM catalog.product_attribute") == [(0,)]
