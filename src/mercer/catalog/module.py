"""What the catalogue plugs in."""

from mercer.catalog import handlers, jobs
from mercer.catalog.graphql import (
    admin,
    admin_listing,
    category_mutations,
    listing,
    media_mutations,
    option_mutations,
    product_mutations,
    publication_mutations,
    shop,
    type_mutations,
    variant_mutations,
)
from mercer.catalog.graphql.binds import catalog_binds
from mercer.catalog.graphql.caching import CACHED
from mercer.channels.events import ChannelCreated, ChannelUpdated
from mercer.media.events import PictureReady
from mercer.platform.graphql.views import COSTS
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="catalog",
    shop=GraphQL(
        query=shop.Query,
        extends={shop.Category: shop.CategoryProducts, shop.ProductVariant: shop.VariantProduct},
        listings={shop.Product: listing.PRODUCTS, shop.Category: listing.CATEGORIES},
        cached=CACHED,
    ),
    admin=GraphQL(
        query=admin.Query,
        mutations=(
            type_mutations,
            category_mutations,
            product_mutations,
            publication_mutations,
            variant_mutations,
            option_mutations,
            media_mutations,
        ),
        extends={admin.ProductVariant: admin.VariantProduct},
        listings=admin_listing.LISTINGS,
    ),
    binds=catalog_binds,
    handlers={
        PictureReady: (handlers.show_renditions,),
        ChannelCreated: (handlers.speak_languages,),
        ChannelUpdated: (handlers.speak_languages,),
    },
    jobs=(jobs.announce_publications, jobs.complete_search),
    dimensions={"products.publish": frozenset({Dimension.CHANNEL})},
    masked={"ProductVariant.cost": COSTS},
)
