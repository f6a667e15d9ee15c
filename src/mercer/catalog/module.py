"""What the catalogue plugs in."""

from mercer.catalog.graphql import admin, admin_listing, listing, shop
from mercer.catalog.graphql.binds import catalog_binds
from mercer.platform.module import GraphQL, Module

module = Module(
    name="catalog",
    shop=GraphQL(
        query=shop.Query,
        extends={shop.Category: shop.CategoryProducts, shop.ProductVariant: shop.VariantProduct},
        listings={shop.Product: listing.PRODUCTS, shop.Category: listing.CATEGORIES},
    ),
    admin=GraphQL(
        query=admin.Query,
        extends={admin.ProductVariant: admin.VariantProduct},
        listings=admin_listing.LISTINGS,
    ),
    binds=catalog_binds,
)
