"""What channels plug in."""

from mercer.channels.graphql import admin, admin_mutations, shop
from mercer.channels.graphql.binds import allowed_origins, channel_binds
from mercer.channels.service import find_known_channels
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="channels",
    shop=GraphQL(query=shop.Query, cached=shop.CACHED),
    admin=GraphQL(query=admin.Query, mutations=(admin_mutations,), listings=admin.LISTINGS),
    binds=channel_binds,
    origins=allowed_origins,
    places={Dimension.CHANNEL: find_known_channels},
)
