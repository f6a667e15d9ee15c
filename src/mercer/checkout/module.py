"""What checkout plugs in."""

from mercer.checkout import handlers
from mercer.checkout.graphql import shop_mutations
from mercer.payments.events import PaymentChanged, ProviderEventReceived
from mercer.platform.module import GraphQL, Module

module = Module(
    name="checkout",
    shop=GraphQL(mutations=(shop_mutations,)),
    handlers={
        ProviderEventReceived: (handlers.apply_notice,),
        PaymentChanged: (handlers.follow_payment,),
    },
)
