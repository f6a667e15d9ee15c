"""What inventory plugs in."""

from mercer.catalog.graphql import admin as catalog_admin
from mercer.catalog.graphql import shop as catalog_shop
from mercer.inventory import jobs
from mercer.inventory.graphql import admin, admin_mutations, shop
from mercer.platform.module import GraphQL, Module

module = Module(
    name="inventory",
    shop=GraphQL(
        extends={catalog_shop.ProductVariant: shop.VariantStock},
        listings={catalog_shop.Product: shop.PRODUCTS},
        cached=shop.CACHED,
    ),
    jobs=(jobs.sweep_holds,),
    admin=GraphQL(
        query=admin.Query,
        mutations=(admin_mutations,),
        extends={catalog_admin.ProductVariant: admin.VariantStock},
        listings=admin.LISTINGS,
    ),
)
