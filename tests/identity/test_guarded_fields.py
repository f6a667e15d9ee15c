"""Every field of both schemas: what leads from one thing to another names a permission, or says why it does not.

Root fields and mutations name what they need (`test_access.py`). Fields below them that lead to rows of another type do
so too, unless they stand here: a new one has to choose.
"""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_interface_type,
)

from mercer.app import ADMIN, SHOP
from mercer.platform.graphql.needs import metadata_of
from mercer.platform.graphql.schema import Api

APIS = {"shop": SHOP, "admin": ADMIN}
PAGES = ("Connection", "Edge")
"""What a page is made of shows the rows that the page is of."""

OPEN = {
    "shop": {
        "What is published, and nothing else: its rows are named in the view.": """
            Category.breadcrumbs Category.children Category.parent Category.products Media.renditions Product.attributes
            Product.breadcrumbs Product.category Product.media Product.options Product.productType Product.thumbnail
            Product.variants ProductAttribute.choices ProductVariant.options ProductVariant.product CartLine.variant
        """,
        "Parts of an order or a cart, which is the caller's own or whose token he has shown.": """
            Cart.lines Cart.notices Cart.shippingMethod Cart.shippingMethods CartCreated.cart Order.lines Order.payments
            Order.shipments Order.shipping OrderLine.taxes OrderShipping.taxes PaymentActionRequired.order
            PaymentDeclined.order Shipment.lines ShipmentLine.orderLine
        """,
        "The caller's own, which he has just made.": "FactorConfirmed.factor FactorSetUp.factor",
    },
    "admin": {
        "Parts of a thing, shown to whoever sees the thing: they are nowhere else, or say no more.": """
            Attribute.choices Cart.lines Cart.notices Cart.shippingMethod Category.children Category.parent
            LedgerTransaction.entries Media.picture Media.renditions MoneyTrail.transactions Order.lines Order.shipping
            Order.timeline OrderLine.taxes OrderShipping.taxes Payment.attempts Payment.exceptions
            PaymentAttempt.events PaymentAttempt.refunds PaymentException.attempt PaymentException.refunds
            Picture.renditions Product.attributes Product.media Product.options Product.publications Product.variants
            ProductOption.values ProductType.attributes ProductVariant.options ProductVariant.product Shipment.lines
            ShipmentLine.orderLine ShippingMethod.tiers ShippingMethod.zone ShippingZone.areas ShippingZone.methods
            StockLevel.allocations StockLevel.holds StockLevel.warehouse StockAllocation.warehouse StockHold.warehouse
            StockMovement.level StockMovement.warehouse TaxRate.taxClass TaxRate.zone TaxZone.areas TaxZone.rates
        """,
        "Which channel it is in: everybody who works for the shop may know the channels.": """
            Cart.channel Order.channel PaymentOffer.channel PriceChange.channel Publication.channel
            ScheduledPrice.channel ShippingMethod.channel ShippingZone.channels VariantPrice.channel Warehouse.channels
        """,
        "Which product it is about: prices, costs and stock, which the shop does not show, have permissions.": """
            CartLine.variant PriceChange.variant Product.category Product.productType StockAllocation.variant
            StockHold.variant StockMovement.variant
        """,
        "What somebody may do, shown to himself and to whoever sees staff.": "Me.roles StaffMember.roles",
        "What a mutation has just made or changed, for whoever may.": """
            ApiKeyIssued.apiKey CategoriesReordered.categories FactorConfirmed.factor FactorSetUp.factor
            PricesRemoved.variants PricesSet.variants ProductsChanged.products Session.staff StockAdjusted.movements
            StockCounted.movements StockCounted.variants StockTransferred.movements TaxClassAssigned.products
            VariantDeleted.product VariantsChanged.variants
        """,
    },
}


def _types(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    """Every object type that can be reached from the roots."""
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    waiting: list[GraphQLNamedType] = [schema.query_type, schema.mutation_type]
    found: dict[str, GraphQLObjectType] = {}
    while waiting:
        type_ = waiting.pop()
        if isinstance(type_, GraphQLUnionType):
            waiting.extend(type_.types)
        elif is_interface_type(type_):
            waiting.extend(schema.get_possible_types(type_))
        elif isinstance(type_, GraphQLObjectType) and type_.name not in found:
            found[type_.name] = type_
            waiting.extend(get_named_type(field.type) for field in type_.fields.values())
    return found


def _leading_elsewhere(api: Api) -> Iterator[tuple[str, GraphQLField]]:
    """The fields below the roots that lead to rows."""
    for type_ in _types(api.schema).values():
        if type_.name in {"Query", "Mutation"} or type_.name.endswith(PAGES):
            continue
        for name, field in type_.fields.items():
            target = get_named_type(field.type)
            shown = target if not target.name.endswith(PAGES) else get_named_type(target.fields["nodes"].type)
            read = api.plans.types.types.get(shown.name)
            if read is not None and read.view is not None:
                yield f"{type_.name}.{name}", field


@pytest.mark.parametrize("api", APIS)
def test_the_walk_passes_every_type(api: str) -> None:
    every = {
        name
        for name, type_ in APIS[api].schema.type_map.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
    }
    assert set(_types(APIS[api].schema)) == every


@pytest.mark.parametrize("api", APIS)
def test_what_leads_elsewhere_names_a_permission_or_says_why_not(api: str) -> None:
    unguarded = {name for name, field in _leading_elsewhere(APIS[api]) if metadata_of(field).get("needs") is None}
    declared = [name for fields in OPEN[api].values() for name in fields.split()]
    assert sorted(unguarded - set(declared)) == [], "name what it needs, or say in OPEN why everybody may follow it"
    assert sorted(set(declared) - unguarded) == [], "no longer there, or it names what it needs"
    assert len(declared) == len(set(declared))
