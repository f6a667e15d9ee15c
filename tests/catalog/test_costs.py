"""What variants cost the shop: who sees it, who says it, and what is kept of it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.bounded_staff import codes, somebody
from tests.callers import Caller
from tests.catalog.noted import audited, fetch, id_of
from tests.factories.shop import MUG_TYPE
from tests.selling import Selling

from mercer.catalog import errors, service
from mercer.catalog.models import Cost, Product, Variant, VariantChanges
from mercer.catalog.rules.checks import checked_cost
from mercer.platform.context import Context
from mercer.platform.errors import InvalidInput, InvalidValue
from mercer.platform.transactions import transaction
from mercer.values.amounts import AmountInexact, AmountInvalid

READ = "query ($sku: String!) { productVariant(sku: $sku) { id cost { amount currency } } }"
NESTED = "{ products { nodes { variants { sku cost { amount } } } } }"
UPDATE = """mutation ($id: ID!, $input: VariantUpdateInput!) { variantUpdate(id: $id, input: $input) {
    ... on ProductVariant { sku version cost { amount currency } } ... on InvalidInput { fields { path } } } }"""
CREATE = """mutation ($input: VariantCreateInput!) { variantCreate(input: $input) { __typename } }"""
MANY = """mutation ($variants: [VariantsUpdateInput!]!) { variantsUpdate(variants: $variants) {
    ... on VariantsChanged { variants { sku } refused { code message } } } }"""
PRODUCT = """mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
    ... on Product { variants { sku cost { amount currency } } } ... on Error { code } } }"""
AUDIT = "{ auditEntries { nodes { changes } } }"
STORED = "SELECT sku, cost_amount::int, cost_currency FROM catalog.variant WHERE cost_amount IS NOT NULL ORDER BY sku"
EURO = {"amount": "3.10", "currency": "EUR"}
MANAGES = ("products.read", "products.manage", "audit.read")
MISSING = [("FORBIDDEN", "This needs the permission costs.manage.")]


def merchandiser(selling: Selling, *costs: str) -> Caller:
    return somebody(selling.settings, selling.http, *MANAGES, *(f"costs.{each}" for each in costs))


async def test_who_sees_a_cost(selling: Selling) -> None:
    """Whoever may say it says it; whoever may see it sees it; others see null on every path, and are not refused."""
    mug = {"id": selling.variants["MUG-1-R"], "input": {"cost": EURO}}
    says, sees, neither = (merchandiser(selling, *each) for each in (("manage",), ("read",), ()))
    assert (await says(UPDATE, mug))["variantUpdate"] == {"sku": "MUG-1-R", "version": 2, "cost": None}
    for caller, cost in ((sees, EURO), (neither, None), (selling.admin, EURO)):
        assert (await caller(READ, {"sku": "MUG-1-R"}))["productVariant"]["cost"] == cost
        assert (await caller(READ, {"sku": "MUG-1-B"}))["productVariant"]["cost"] is None
        found = [each for node in (await caller(NESTED))["products"]["nodes"] for each in node["variants"]]
        [of_mug] = [each["cost"] for each in found if each["sku"] == "MUG-1-R"]
        assert of_mug == (None if cost is None else {"amount": "3.10"})
    for caller, change in ((sees, [None, EURO]), (neither, ["***", "***"])):
        assert (await caller(AUDIT))["auditEntries"]["nodes"] == [{"changes": {"cost": change}}]


async def test_who_may_not_say_it_changes_nothing(selling: Selling) -> None:
    """Not beside something that he may change, nor among many, nor null, nor with what is new."""
    caller = merchandiser(selling, "read")
    [(product,)] = await selling.rows("SELECT product_id FROM catalog.variant WHERE sku = 'MUG-1-R'")
    [(kind,)] = await selling.rows("SELECT id FROM catalog.product_type LIMIT 1")
    new = {"sku": "NEW-1", "cost": EURO}
    for document, given in (
        (UPDATE, {"id": selling.variants["MUG-1-R"], "input": {"barcode": None, "cost": EURO}}),
        (UPDATE, {"id": selling.variants["MUG-1-R"], "input": {"cost": None}}),
        (CREATE, {"input": {"productId": str(product), **new}}),
        (MANY, {"variants": [{"id": selling.variants[sku], "name": "X", **more} for sku, more in MIXED.items()]}),
        (PRODUCT, {"input": {"productTypeId": str(kind), "name": "New", "variants": [new]}}),
    ):
        assert codes(await caller.send(document, given)) == MISSING, document
    assert await selling.audit() == []
    assert await selling.rows("SELECT count(*)::int FROM catalog.variant WHERE version > 1 OR name = 'X'") == [(0,)]


MIXED: dict[str, dict[str, Any]] = {"MUG-1-B": {}, "MUG-1-R": {"cost": EURO}}


async def test_a_cost_is_said_changed_and_taken_back(catalogue: Context) -> None:
    variant = await id_of(catalogue, "variant", "MUG-1-R")
    dollars = {"amount": "4", "currency": "USD"}
    for given in (EURO, EURO, {"amount": "3.2", "currency": "EUR"}, dollars, None, None):
        await update(catalogue, variant, given)
    assert await audited(catalogue) == [
        ("ProductVariant", {"cost": [None, EURO]}),
        ("ProductVariant", {"cost": [EURO, {"amount": "3.20", "currency": "EUR"}]}),
        ("ProductVariant", {"cost": [{"amount": "3.20", "currency": "EUR"}, {"amount": "4.00", "currency": "USD"}]}),
        ("ProductVariant", {"cost": [{"amount": "4.00", "currency": "USD"}, None]}),
    ]
    assert await fetch(catalogue, STORED) == []
    version = "SELECT version FROM catalog.variant WHERE sku = 'MUG-1-R'"
    assert await fetch(catalogue, version) == [(5,)]


async def update(context: Context, id: UUID, cost: dict[str, str] | None) -> None:
    changes: VariantChanges = {"cost": None}
    if cost is not None:
        changes = {"cost": {"amount": Decimal(cost["amount"]), "currency": cost["currency"]}}
    async with transaction(context) as inner:
        await service.update_variant(inner, id=id, changes=changes)


async def test_a_product_is_created_with_costs(selling: Selling) -> None:
    [(kind,)] = await selling.rows("SELECT id FROM catalog.product_type LIMIT 1")
    given = {"productTypeId": str(kind), "name": "New", "variants": [{"sku": "NEW-1", "cost": EURO}]}
    created = await selling.change(PRODUCT, {"input": given})
    assert created == {"variants": [{"sku": "NEW-1", "cost": EURO}]}
    [noted] = [changes for entity, _, changes, _ in await selling.audit() if entity == "ProductVariant"]
    assert noted["cost"] == [None, EURO]


async def test_stored_products_keep_a_cost_that_is_not_given(catalogue: Context) -> None:
    for cost in (Cost(amount=310, currency="EUR"), None):
        product = Product(product_type=MUG_TYPE.code, name="New", variants=[Variant(sku="NEW-1", cost=cost)])
        async with transaction(catalogue) as context:
            assert (await service.store_products(context, products=[product])).rejected == ()
    assert await fetch(catalogue, STORED) == [("NEW-1", 310, "EUR")]


@pytest.mark.parametrize(
    ("amount", "currency", "error", "path"),
    [
        ("1.001", "EUR", AmountInexact, "amount"),
        ("1.5", "JPY", AmountInexact, "amount"),
        ("-0.01", "EUR", AmountInvalid, "amount"),
        ("1e30", "EUR", AmountInvalid, "amount"),
        ("1", "eur", errors.CostCurrencyUnknown, "currency"),
        ("1", "", errors.CostCurrencyUnknown, "currency"),
        ("1", "X" * 1_000, errors.CostCurrencyUnknown, "currency"),
    ],
)
def test_costs_that_there_are_not(amount: str, currency: str, error: type[InvalidValue], path: str) -> None:
    with pytest.raises(error) as refused:
        checked_cost(Decimal(amount), currency)
    assert refused.value.path == (path,)


async def test_what_is_wrong_with_a_cost_stands_at_its_place(catalogue: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await update(catalogue, await id_of(catalogue, "variant", "MUG-1-R"), {"amount": "1", "currency": "EURO"})
    assert [each.path for each in refused.value.fields] == [("cost", "currency")]
