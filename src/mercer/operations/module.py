"""What operations plug in."""

from mercer.operations import jobs
from mercer.operations.graphql import admin, mutations
from mercer.platform.module import GraphQL, Module
from mercer.platform.permissions import Dimension

module = Module(
    name="operations",
    admin=GraphQL(query=admin.Query, mutations=(mutations,), listings=admin.LISTINGS),
    jobs=(jobs.clean_up,),
    dimensions={admin.AUDIT: frozenset({Dimension.OWN})},
)
