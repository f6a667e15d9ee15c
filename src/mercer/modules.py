"""The whole shop, lowest module first. A module may import only those above it in this list."""

from mercer.catalog.module import module as catalog
from mercer.channels.module import module as channels
from mercer.inventory.module import module as inventory
from mercer.pricing.module import module as pricing

MODULES = (channels, catalog, inventory, pricing)
