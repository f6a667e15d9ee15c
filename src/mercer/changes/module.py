"""What changes plugs in."""

from mercer.changes import jobs
from mercer.changes.graphql import admin_mutations
from mercer.platform.module import GraphQL, Module

module = Module(
    name="changes",
    admin=GraphQL(mutations=(admin_mutations,)),
    jobs=(jobs.sweep, jobs.cancel_unpaid),
)
