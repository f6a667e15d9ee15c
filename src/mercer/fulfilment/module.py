"""What fulfilment plugs in."""

from mercer.fulfilment.graphql import admin, admin_mutations, shop
from mercer.orders.graphql import admin as orders_admin
from mercer.orders.graphql import shop as orders_shop
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="fulfilment",
    shop=GraphQL(extends={orders_shop.Order: shop.OrderShipments}),
    admin=GraphQL(
        query=admin.Query,
        mutations=(admin_mutations,),
        extends={orders_admin.Order: admin.OrderShipments},
        listings=admin.LISTINGS,
    ),
    dimensions={
        admin.READ: frozenset({Dimension.CHANNEL}),
        admin.MANAGE: frozenset({Dimension.CHANNEL, Dimension.WAREHOUSE}),
    },
)
