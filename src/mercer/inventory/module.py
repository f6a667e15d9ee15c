"""What inventory plugs in."""

from mercer.catalog.graphql import admin as catalog_admin
from mercer.catalog.graphql import shop as catalog_shop
from mercer.inventory import jobs
from mercer.inventory.graphql import admin, admin_mutations, shop
from mercer.inventory.service import find_known_warehouses
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="inventory",
    places={Dimension.WAREHOUSE: find_known_warehouses},
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
    dimensions={
        admin.READ: frozenset({Dimension.WAREHOUSE}),
        admin_mutations.MANAGE: frozenset({Dimension.WAREHOUSE}),
    },
)
