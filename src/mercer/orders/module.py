"""What orders plugs in."""

from mercer.identity.events import CustomerEmailChanged, CustomerEmailRestored, CustomerUnblocked, CustomerVerified
from mercer.orders import handlers
from mercer.orders.graphql import admin, admin_mutations, shop
from mercer.platform.graphql.views import PERSONAL_DATA
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="orders",
    shop=GraphQL(query=shop.Query, listings=shop.LISTINGS),
    admin=GraphQL(query=admin.Query, mutations=(admin_mutations,), listings=admin.LISTINGS),
    handlers={
        CustomerEmailChanged: (handlers.claim_orders,),
        CustomerEmailRestored: (handlers.claim_orders,),
        CustomerUnblocked: (handlers.claim_orders,),
        CustomerVerified: (handlers.claim_orders,),
    },
    masked={"Order.reason": PERSONAL_DATA},
    dimensions={
        admin.READ: frozenset({Dimension.CHANNEL}),
        admin.MANAGE: frozenset({Dimension.CHANNEL, Dimension.AMOUNT}),
    },
)
