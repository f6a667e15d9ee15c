"""What ledger plugs in."""

from mercer.ledger.graphql import admin
from mercer.platform.module import GraphQL, Module

module = Module(name="ledger", admin=GraphQL(query=admin.Query, listings=admin.LISTINGS))
