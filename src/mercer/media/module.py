"""What media plug in."""

from mercer.media import jobs
from mercer.media.graphql import admin, admin_mutations, shop
from mercer.media.graphql.binds import media_binds
from mercer.media.routes import media_routes
from mercer.platform.module import GraphQL, Module

module = Module(
    name="media",
    shop=GraphQL(cached=shop.CACHED),
    admin=GraphQL(query=admin.Query, mutations=(admin_mutations,), listings=admin.LISTINGS),
    binds=media_binds,
    jobs=(jobs.render, jobs.erase, jobs.sweep, jobs.sweep_orphans),
    routes=media_routes,
)
