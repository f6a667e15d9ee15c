import json
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa
from tests.transfer.conftest import MAPPING, Shop

from mercer.channels.errors import ChannelUnknown
from mercer.transfer.errors import CurrencyMismatch, SetMissing
from mercer.transfer.service import read_mapping

HEADER = "sku,name,text,barcode,tags,price,was,stock,colour,uses,length,safe,since\n"
CSV = (
    HEADER
    + 'A,Steel mug,<p>Warm</p><script>x</script>,4006381333931,"new,gift",12.50,15,7,'
    + "Steel grey,tea|coffee,90.5,yes,2019-04-01\n"
    + "B,Steel mug,,,,3,3,,,,,,\n"
    + "C,Cup,,,,,,,,,,,\n"
)
LINES = "".join(
    json.dumps(row) + "\n"
    for row in [
        {
            "sku": "A",
            "name": "Steel mug",
            "text": "<p>Warm</p><script>x</script>",
            "barcode": "4006381333931",
            "tags": ["new", "gift"],
            "price": 12.5,
            "was": 15,
            "stock": 7,
            "colour": "Steel grey",
            "uses": ["tea", "coffee"],
            "length": 90.5,
            "safe": True,
            "since": "2019-04-01",
        },
        {"sku": "B", "name": "Steel mug", "price": 3, "was": 3.0, "unknown": {"a": []}},
        {"sku": "C", "name": "Cup", "price": None},
    ]
)


async def test_csv_lines_arrays_and_archives_say_the_same(shop: Shop) -> None:
    report = await shop.take("things.csv", CSV)
    assert (report.created, report.updated, report.unchanged, report.rejected) == (3, 0, 0, 0)
    stamps = await shop.stamps()
    as_array = f"[{','.join(LINES.splitlines())}]"
    with zipfile.ZipFile(shop.directory / "things.zip", "w") as archive:
        archive.writestr("folder/things.json", as_array)
    for name, content in {"things.jsonl": LINES, "things.json": as_array}.items():
        assert (await shop.take(name, content)).unchanged == 3
    assert (await shop.take_file(shop.directory / "things.zip")).unchanged == 3
    assert await shop.stamps() == stamps


async def test_a_row_fills_every_table(shop: Shop) -> None:
    await shop.take("things.csv", CSV)
    rows = await shop.contents()
    names = [(row[3], row[4], row[6], row[8]) for row in rows["catalog.product"]]
    assert names == [
        ("cup", "Cup", "", "[]"),
        ("steel-mug", "Steel mug", "<p>Warm</p>", "['new', 'gift']"),
        ("steel-mug-df7e70", "Steel mug", "", "[]"),
    ]
    assert [row[2:4] for row in rows["catalog.variant"]] == [("A", "4006381333931"), ("B", "None"), ("C", "None")]
    assert [row[2:5] for row in rows["pricing.price"]] == [("USD", "1250", "1500"), ("USD", "300", "None")]
    assert [row[3] for row in rows["inventory.stock"]] == ["7"]
    values = {row[1]: row[2:5] for row in rows["catalog.product_attribute"]}
    assert values == {
        "attribute:colour": ("None", "None", "None"),
        "attribute:uses": ("None", "None", "None"),
        "attribute:length": (str(Decimal("90.5")), "None", "None"),
        "attribute:safe": ("None", "True", "None"),
        "attribute:since": ("None", "None", "2019-04-01"),
    }
    choices = sorted(row[2] for row in rows["catalog.product_attribute_choice"])
    assert choices == [
        "attribute_choice:attribute:colour/steel-grey",
        "attribute_choice:attribute:uses/coffee",
        "attribute_choice:attribute:uses/tea",
    ]
    assert [row[2] for row in rows["catalog.publication"]] == ["published"] * 3
    assert len(rows["pricing.listed_range"]) == 3


async def test_what_a_later_file_leaves_empty_is_removed(shop: Shop) -> None:
    await shop.take("things.csv", CSV)
    report = await shop.take("things.csv", HEADER + "A,Steel mug,,,,,,,,,,,\n")
    assert (report.created, report.updated, report.unchanged) == (0, 1, 0)
    rows = await shop.contents()
    assert rows["catalog.product_attribute"] == []
    assert [row[3] for row in rows["pricing.price"]] == ["300"]
    assert [row[3] for row in rows["inventory.stock"]] == ["7"]
    assert [row[3] for row in rows["catalog.variant"]] == ["4006381333931", "None", "None"]


async def test_each_rejected_row_says_why(shop: Shop) -> None:
    faulty = [
        ("", "Mug", "", ""),
        ("A", "", "", ""),
        ("B", "Mug", "123", ""),
        ("C", "Mug", "", "-1"),
        ("D", "Mug", "", "1.999"),
        ("E", "Mug", "", "NaN"),
        ("F", "Mug", "", "1e99"),
        ("G", "M\0ug", "", ""),
        ("H", "Mug", "", "1"),
        ("H", "Mug", "", "2"),
        ("I", "x" * 100_000, "", ""),
    ]
    lines = [f"{sku},{name},,{barcode},,{price},,,,,,,\n" for sku, name, barcode, price in faulty]
    report = await shop.take("things.csv", HEADER + "".join(lines) + "J,Mug,,,,1,,many,,,,,\nK,Mug,,,,5,4,,,,,,\n")
    assert shop.reasons == [
        (2, "SkuMissing"),
        (3, "TextMissing"),
        (4, "BarcodeInvalid"),
        (5, "PriceInvalid"),
        (6, "PriceTooExact"),
        (7, "PriceInvalid"),
        (8, "PriceInvalid"),
        (9, "TextInvalid"),
        (11, "RowRepeated"),
        (12, "TextTooLong"),
        (13, "ValueInvalid"),
        (14, "BeforeAmountInvalid"),
    ]
    assert (report.created, report.rejected, report.reasons["PriceInvalid"]) == (1, 12, 3)
    assert all(len(row.content) <= 200 and row.file == "things.csv" for row in shop.rejected)
    assert await shop.names() == ["Mug"]


async def test_stock_that_is_reserved_is_told_though_the_product_is_stored(shop: Shop) -> None:
    report = await shop.take("things.csv", HEADER + "A,Mug,,,,,,-3,,,,,\n")
    assert (report.created, shop.reasons) == (1, [(2, "QuantityInvalid")])


@pytest.mark.usefixtures("small_batches")
async def test_a_dry_run_tells_and_changes_nothing(shop: Shop) -> None:
    before = await shop.stamps()
    many = HEADER + "".join(f"{number},Mug,,,,1,,1,Red {number},,,,\n" for number in range(20))
    report = await shop.take("things.csv", many + "X,,,,,,,,,,,,\n", is_dry_run=True)
    assert (report.created, report.rejected) == (20, 1)
    assert await shop.stamps() == before


async def test_a_sku_of_the_content_numbers_repetitions(shop: Shop) -> None:
    shop.map(MAPPING.replace('field = "sku"', 'ignoring = ["price", "was"]'))
    row, other = '{"name": "Mug", "price": %s}', '{"name": "Cup"}'
    await shop.take("things.json", f"[{row % 1}, {other}, {row % 2}]")
    skus = [row[2] for row in (await shop.contents())["catalog.variant"]]
    assert len(skus) == 3
    assert all(sku.startswith("THING-") for sku in skus)
    assert sorted(f"{skus[index]}-2" in skus for index in range(3)) == [False, False, True]
    report = await shop.take("things.json", f"[{other}, {row % 3}, {row % 2}]")
    assert (report.created, report.updated, report.unchanged) == (0, 0, 3)
    prices = sorted(row[3] for row in (await shop.contents())["pricing.price"])
    assert prices == ["200", "300"]


async def test_arrays_go_to_several_attributes(shop: Shop) -> None:
    numbers = 'w = { name = "W", kind = "number" }\nh = { name = "H", kind = "number" }\n'
    rules = '[sets.attributes]\nsize = { elements = ["w", "h"], scalar = "h" }\nspan = { range = ["length", "low"] }\n'
    mapping = MAPPING.partition("[sets.attributes]")[0].replace(
        "[attributes]\n", f'[attributes]\nlow = {{ name = "L", kind = "number" }}\n{numbers}'
    )
    shop.map(mapping + rules)
    rows = [
        {"sku": "A", "name": "A", "size": [1, 2], "span": [9, 3]},
        {"sku": "B", "name": "B", "size": 5, "span": 4},
        {"sku": "C", "name": "C", "size": [1, 2, 3]},
        {"sku": "D", "name": "D", "size": [], "span": [1, "x"]},
    ]
    await shop.take("things.json", json.dumps(rows))
    assert shop.reasons == [(3, "ValueInvalid"), (4, "ValueInvalid")]
    values = [(row[0][8:], row[1][10:], row[2]) for row in (await shop.contents())["catalog.product_attribute"]]
    assert sorted(values) == [
        ("a", "h", "2"),
        ("a", "length", "3"),
        ("a", "low", "9"),
        ("a", "w", "1"),
        ("b", "h", "5"),
        ("b", "length", "4"),
        ("b", "low", "4"),
    ]


async def test_the_mapping_must_fit_the_shop(shop: Shop) -> None:
    shop.map(MAPPING.replace('channels = ["us"]', 'channels = ["mars"]'))
    with pytest.raises(ChannelUnknown):
        await shop.take("things.csv", CSV)
    shop.map(MAPPING.replace('currency = "USD"', 'currency = "EUR"'))
    with pytest.raises(CurrencyMismatch) as caught:
        await shop.take("things.csv", CSV)
    assert vars(caught.value) == {"channel": "us", "currency": "USD"}
    shop.map(MAPPING.replace("[[sets]]", '[[sets]]\nfile = "cups-*.csv"'))
    with pytest.raises(SetMissing):
        await shop.take("things.csv", CSV)


async def test_costs(shop: Shop) -> None:
    """What is empty leaves what is known, and what is no amount rejects its row."""
    told = 'tags = "tags"\ncost = { field = "cost", currency = "USD" }'
    (shop.directory / "costs.toml").write_text(MAPPING.replace('tags = "tags"', told))
    priced = replace(shop, mapping=read_mapping(str(shop.directory / "costs.toml")))
    header = HEADER.strip() + ",cost\n"
    await priced.take("costs.csv", header + f"A,Mug{',' * 11},4.50\n" + f"B,Cup{',' * 11},\n")
    report = await priced.take("costs.csv", header + f"A,Mug{',' * 11},\n" + f"B,Cup{',' * 11},free\n")
    assert (report.unchanged, report.rejected) == (1, 1)
    async with shop.context.database.engine.connect() as connection:
        stored = await connection.execute(sa.text("SELECT sku, cost_amount, cost_currency FROM catalog.variant"))
        assert sorted(map(tuple, stored)) == [("A", 450, "USD"), ("B", None, None)]
