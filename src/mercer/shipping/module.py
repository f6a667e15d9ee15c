"""What shipping plugs in."""

from mercer.platform.module import GraphQL, Module
from mercer.shipping.graphql import admin, admin_mutations

module = Module(
    name="shipping",
    admin=GraphQL(query=admin.Query, mutations=(admin_mutations,), listings=admin.LISTINGS),
)
