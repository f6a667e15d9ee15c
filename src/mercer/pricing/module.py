"""What prices plug in."""

from mercer.catalog.graphql import admin as catalog_admin
from mercer.catalog.graphql import shop as catalog_shop
from mercer.platform.module import GraphQL, Module
from mercer.pricing.graphql import admin, shop

module = Module(
    name="pricing",
    shop=GraphQL(
        extends={catalog_shop.Product: shop.ProductPrices, catalog_shop.ProductVariant: shop.VariantPrices},
        listings={catalog_shop.Product: shop.PRODUCTS},
    ),
    admin=GraphQL(extends={catalog_admin.ProductVariant: admin.VariantPrices}),
)
