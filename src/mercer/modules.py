"""The whole shop, lowest module first. A module may import only those above it in this list."""

from mercer.catalog.module import module as catalog
from mercer.channels.module import module as channels
from mercer.identity.module import module as identity
from mercer.inventory.module import module as inventory
from mercer.media.module import module as media
from mercer.notifications.module import module as notifications
from mercer.operations.module import module as operations
from mercer.pricing.module import module as pricing

MODULES = (operations, channels, identity, media, catalog, inventory, pricing, notifications)
