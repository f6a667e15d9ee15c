"""What payments plugs in."""

from mercer.payments import jobs
from mercer.payments.graphql import admin, admin_mutations, shop
from mercer.payments.routes import payment_routes
from mercer.platform.graphql.views import PERSONAL_DATA
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="payments",
    shop=GraphQL(query=shop.Query),
    admin=GraphQL(query=admin.Query, mutations=(admin_mutations,), listings=admin.LISTINGS),
    jobs=(jobs.ask_providers, jobs.carry_out_refund),
    routes=payment_routes,
    masked={"Payment.reason": PERSONAL_DATA, "PaymentException.reason": PERSONAL_DATA},
    dimensions={
        admin.READ: frozenset({Dimension.CHANNEL}),
        admin_mutations.MANAGE: frozenset({Dimension.CHANNEL, Dimension.AMOUNT}),
    },
)
