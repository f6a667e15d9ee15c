"""What identity plugs in."""

from mercer.identity import jobs
from mercer.identity.graphql import admin, admin_account, admin_people, shop, shop_mutations
from mercer.identity.graphql.authentication import authenticate, identity_binds
from mercer.platform.module import GraphQL, Module

module = Module(
    name="identity",
    shop=GraphQL(query=shop.Query, mutations=(shop_mutations,), listings=shop.LISTINGS),
    admin=GraphQL(query=admin.Query, mutations=(admin_account, admin_people), listings=admin.LISTINGS),
    binds=identity_binds,
    authenticate=authenticate,
    jobs=(jobs.forget_old,),
)
