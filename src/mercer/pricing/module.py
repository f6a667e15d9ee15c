"""What prices plug in."""

from mercer.catalog.graphql import admin as catalog_admin
from mercer.catalog.graphql import shop as catalog_shop
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension
from mercer.pricing.graphql import admin, admin_mutations, shop
from mercer.pricing.jobs import follow_windows

module = Module(
    name="pricing",
    shop=GraphQL(
        extends={catalog_shop.Product: shop.ProductPrices, catalog_shop.ProductVariant: shop.VariantPrices},
        listings={catalog_shop.Product: shop.PRODUCTS},
        cached=shop.CACHED,
    ),
    admin=GraphQL(
        query=admin.Query,
        mutations=(admin_mutations,),
        extends={catalog_admin.ProductVariant: admin.VariantPrices},
        listings=admin.LISTINGS,
    ),
    jobs=(follow_windows,),
    dimensions={
        admin.READ: frozenset({Dimension.CHANNEL}),
        admin_mutations.MANAGE: frozenset({Dimension.CHANNEL}),
    },
)
