"""What taxes plug in."""

from mercer.catalog.graphql import admin as catalog_admin
from mercer.platform.module import GraphQL, Module
from mercer.tax.graphql import admin, admin_mutations

module = Module(
    name="tax",
    admin=GraphQL(
        query=admin.Query,
        mutations=(admin_mutations,),
        extends={catalog_admin.Product: admin.ProductTaxes},
        listings=admin.LISTINGS,
    ),
)
