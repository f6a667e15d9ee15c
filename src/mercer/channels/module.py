"""What channels plug in."""

from mercer.channels.graphql import admin, admin_mutations, shop
from mercer.channels.graphql.binds import allowed_origins, channel_binds
from mercer.platform.module import GraphQL, Module

module = Module(
    name="channels",
    shop=GraphQL(query=shop.Query, cached=shop.CACHED),
    admin=GraphQL(query=admin.Query, mutations=(admin_mutations,), listings=admin.LISTINGS),
    binds=channel_binds,
    origins=allowed_origins,
)
