"""The whole shop, lowest module first. A module may import only those above it in this list."""

from mercer.cart.module import module as cart
from mercer.catalog.module import module as catalog
from mercer.changes.module import module as changes
from mercer.channels.module import module as channels
from mercer.checkout.module import module as checkout
from mercer.fulfilment.module import module as fulfilment
from mercer.identity.module import module as identity
from mercer.inventory.module import module as inventory
from mercer.ledger.module import module as ledger
from mercer.media.module import module as media
from mercer.notifications.module import module as notifications
from mercer.operations.module import module as operations
from mercer.orders.module import module as orders
from mercer.payments.module import module as payments
from mercer.pricing.module import module as pricing
from mercer.shipping.module import module as shipping
from mercer.simulator.module import module as simulator
from mercer.tax.module import module as tax

MODULES = (
    operations,
    channels,
    ledger,
    simulator,
    identity,
    media,
    catalog,
    inventory,
    pricing,
    tax,
    shipping,
    payments,
    orders,
    cart,
    checkout,
    fulfilment,
    changes,
    notifications,
)
