"""From an empty database to a product that shoppers see, by one member of staff, through the APIs alone."""

import asyncio
import io
import os
import sys
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE
from typing import Any

import httpx2
import pytest
from PIL import Image
from tests.callers import Caller, calling, shop_caller
from tests.factories.shop import NOW

from mercer.platform.settings import Settings

PASSWORD = "a-long-journey-begins"
TOMORROW = NOW + timedelta(days=1)

CHANNELS: list[dict[str, Any]] = [
    {"code": "us", "name": "United States", "currency": "USD", "languages": ["en"], "country": "US",
     "timeZone": "America/New_York", "taxMode": "NET", "isDefault": True},
    {"code": "eu", "name": "Europe", "currency": "EUR", "languages": ["de", "en"], "country": "DE",
     "timeZone": "Europe/Berlin", "taxMode": "GROSS"},
]  # fmt: skip
SEEN = """query ($slug: String!) {
    product(slug: $slug) {
        name description media { alt } options { name values } attributes { name value }
        variants { sku available price { amount currency isTaxIncluded } options { name value } }
    }
}"""


@pytest.fixture
def settings(fresh: Settings, tmp_path: Path) -> Settings:
    return fresh.model_copy(update={"data_dir": tmp_path})


async def test_staff_build_a_product_from_nothing_and_shoppers_see_it(settings: Settings) -> None:
    await create_staff(settings)
    async with calling(settings) as http:
        signed_in = await sign_in(http)
        channels = {each["code"]: await made(signed_in, "channelCreate", each) for each in CHANNELS}
        product = await build_product(signed_in)
        await stock_and_price(signed_in, product, channels)
        published = await signed_in(
            """mutation ($id: ID!, $channels: [ID!]!, $at: DateTime!) {
                productPublish(id: $id, channelIds: $channels, publishAt: $at) {
                    ... on Product { publications { status } }
                }
            }""",
            {"id": product["id"], "channels": list(channels.values()), "at": TOMORROW.isoformat()},
        )
        assert published["productPublish"]["publications"] == [{"status": "PUBLISHED"}] * 2
        assert (await shop_caller(http)(SEEN, {"slug": "steel-mug"}))["product"] is None
        await audit_tells_everything(signed_in, product["id"])
    async with calling(settings, now=TOMORROW) as http:
        assert await shop_caller(http)(SEEN, {"slug": "steel-mug"}) == {"product": seen("us")}
        german = shop_caller(http, **{"X-Mercer-Channel": "eu"})
        assert await german(SEEN, {"slug": "steel-mug"}) == {"product": seen("eu")}


async def create_staff(settings: Settings) -> None:
    """As the first administrator is made: at the command line."""
    assert settings.database_url is not None
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mercer", "staff", "create", "--email", "ada@shop.example", "--name", "Ada"),
        *("--role", "administrator", "--password-stdin"),
        env=os.environ
        | {"MERCER_DATABASE_URL": settings.database_url, "MERCER_VALKEY_URL": settings.valkey_url or ""}
        | {"MERCER_PASSWORD_MEMORY_KIB": "8", "MERCER_PASSWORD_TIME_COST": "1", "MERCER_PASSWORD_LANES": "1"},
        stdin=PIPE,
        stderr=PIPE,
    )
    _, said = await process.communicate(f"{PASSWORD}\n".encode())
    assert process.returncode == 0, said.decode()


async def sign_in(http: httpx2.AsyncClient) -> Caller:
    """An administrator with the token that signing in gave."""
    nobody = Caller(http, "/admin/graphql", {})
    query = """mutation ($password: String!) {
        sessionCreate(email: "ada@shop.example", password: $password) {
            ... on Session { token staff { name } } ... on Error { code }
        }
    }"""
    assert (await nobody(query, {"password": "not-the-password"}))["sessionCreate"] == {"code": "CREDENTIALS_WRONG"}
    session = (await nobody(query, {"password": PASSWORD}))["sessionCreate"]
    assert session["staff"] == {"name": "Ada"}
    return Caller(http, "/admin/graphql", {"Authorization": f"Bearer {session['token']}"})


async def build_product(staff: Caller) -> dict[str, Any]:
    """A product with a type, a category, options, variants, translations and a picture."""
    material = await made(
        staff,
        "attributeCreate",
        {"code": "material", "name": "Material", "kind": "CHOICE",
         "choices": [{"code": "steel", "name": "Steel", "nameTranslations": {"de": "Stahl"}}]},
    )  # fmt: skip
    kind = await made(staff, "productTypeCreate", {"code": "mugs", "name": "Mugs", "attributeIds": [material]})
    category = await made(staff, "categoryCreate", {"name": "Kitchen", "nameTranslations": {"de": "Küche"}})
    product = await made(
        staff,
        "productCreate",
        {
            "productTypeId": kind,
            "categoryId": category,
            "name": "Steel Mug",
            "nameTranslations": {"de": "Stahlbecher"},
            "description": "<p>Keeps warm.</p><script>alert(1)</script>",
            "attributes": [{"code": "material", "choices": ["steel"]}],
            "options": [
                {"name": "Colour", "nameTranslations": {"de": "Farbe"},
                 "values": [{"name": "Red", "nameTranslations": {"de": "Rot"}}, {"name": "Blue"}]},
            ],
            "variants": [
                {"sku": "MUG-R", "optionValues": [{"option": "Colour", "value": "Red"}]},
                {"sku": "MUG-B", "optionValues": [{"option": "Colour", "value": "Blue"}]},
            ],
        },
    )  # fmt: skip
    refused = await staff.http.post("/admin/uploads", content=b"<svg onload='alert(1)'/>", headers=staff.headers)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (415, "FORMAT_UNKNOWN")
    uploaded = await staff.http.post("/admin/uploads", content=picture(), headers=staff.headers)
    assert uploaded.status_code == 201, uploaded.json()
    shown = {
        "productId": product,
        "uploadId": uploaded.json()["id"],
        "alt": "A mug",
        "altTranslations": {"de": "Becher"},
    }
    await made(staff, "productMediaAdd", shown)
    found = await staff("query ($id: ID!) { product(id: $id) { id variants { id sku } } }", {"id": product})
    built: dict[str, Any] = found["product"]
    return built


async def stock_and_price(staff: Caller, product: dict[str, Any], channels: dict[str, str]) -> None:
    """Prices in both channels, and ten of each in a warehouse."""
    warehouse = await made(
        staff,
        "warehouseCreate",
        {"code": "main", "name": "Main", "country": "DE", "channelIds": list(channels.values())},
    )
    prices = [
        {"variantId": variant["id"], "channelId": channels[code], "amount": amount}
        for variant in product["variants"]
        for code, amount in (("us", "12.50"), ("eu", "14.90"))
    ]
    answer = await staff(
        "mutation ($prices: [PriceInput!]!) { pricesSet(prices: $prices) { __typename ... on Error { message } } }",
        {"prices": prices},
    )
    assert answer["pricesSet"]["__typename"] == "PricesSet", answer
    for variant in product["variants"]:
        adjusted = await staff(
            "mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) { __typename ... on Error { code } } }",
            {"input": {"variantId": variant["id"], "warehouseId": warehouse, "delta": 10, "reason": "first delivery"}},
            idempotency_key=f"first-{variant['sku']}",
        )
        assert "code" not in adjusted["stockAdjust"], adjusted


async def audit_tells_everything(staff: Caller, product_id: str) -> None:
    """Each change stands in the audit with its value before and after, and who made it."""
    entries = (
        await staff("{ auditEntries(first: 100) { nodes { actorKind operation entity entityId changes reason ip } } }")
    )["auditEntries"]["nodes"]
    operations = {entry["operation"] for entry in entries}
    assert operations >= {
        "mercer staff create", "channelCreate", "attributeCreate", "productTypeCreate", "categoryCreate",
        "productCreate", "productMediaAdd", "warehouseCreate", "pricesSet", "stockAdjust", "productPublish",
    }  # fmt: skip
    [created] = [
        entry for entry in entries if entry["operation"] == "productCreate" and entry["entityId"] == product_id
    ]
    assert created["changes"]["name"] == [None, "Steel Mug"]
    assert created["actorKind"] == "STAFF"
    moved = [entry["changes"] for entry in entries if entry["operation"] == "stockAdjust"]
    assert moved == [{"stock.main.onHand": [0, 10]}] * 2
    assert PASSWORD not in str(entries)


async def made(staff: Caller, mutation: str, input: dict[str, Any]) -> str:
    """The id of what a mutation made of this input."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    result = "{ __typename ...Made ... on Error { code message path } ... on InvalidInput { fields { path message } } }"
    query = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {result} }}"
    named = {
        "channelCreate": "Channel", "attributeCreate": "Attribute", "productTypeCreate": "ProductType",
        "categoryCreate": "Category", "productCreate": "Product", "productMediaAdd": "Product",
        "warehouseCreate": "Warehouse",
    }[mutation]  # fmt: skip
    answer = (await staff(f"{query} fragment Made on {named} {{ id }}", {"input": input}))[mutation]
    assert answer["__typename"] == named, answer
    made_id: str = answer["id"]
    return made_id


def picture() -> bytes:
    """A photograph, more or less."""
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 900), "silver").save(drawn, "JPEG")
    return drawn.getvalue()


def seen(channel: str) -> dict[str, Any]:
    """What shoppers of a channel see."""
    german = channel == "eu"
    price = {"amount": "14.90", "currency": "EUR"} if german else {"amount": "12.50", "currency": "USD"}
    colour = "Farbe" if german else "Colour"
    red = "Rot" if german else "Red"
    return {
        "name": "Stahlbecher" if german else "Steel Mug",
        "description": "<p>Keeps warm.</p>",
        "media": [{"alt": "Becher" if german else "A mug"}],
        "options": [{"name": colour, "values": [red, "Blue"]}],
        "attributes": [{"name": "Material", "value": "Stahl" if german else "Steel"}],
        "variants": [
            {
                "sku": sku,
                "available": 10,
                "price": {**price, "isTaxIncluded": german},
                "options": [{"name": colour, "value": value}],
            }
            for sku, value in (("MUG-R", red), ("MUG-B", "Blue"))
        ],
    }
