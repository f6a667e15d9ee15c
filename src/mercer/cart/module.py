"""What carts plug in."""

from mercer.cart import jobs
from mercer.cart.graphql import admin, shop, shop_mutations
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="cart",
    shop=GraphQL(query=shop.Query, mutations=(shop_mutations,)),
    admin=GraphQL(query=admin.Query, listings=admin.LISTINGS),
    jobs=(jobs.expire_carts,),
    dimensions={admin.READ: frozenset({Dimension.CHANNEL})},
)
