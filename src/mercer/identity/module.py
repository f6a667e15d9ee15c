"""What identity plugs in."""

from mercer.identity import jobs
from mercer.identity.graphql import (
    admin,
    admin_account,
    admin_keys,
    admin_people,
    admin_sessions,
    shop,
    shop_mutations,
    shop_sessions,
)
from mercer.identity.graphql.authentication import authenticate, identity_binds
from mercer.platform.module import GraphQL, Module

module = Module(
    name="identity",
    shop=GraphQL(query=shop.Query, mutations=(shop_mutations, shop_sessions), listings=shop.LISTINGS),
    admin=GraphQL(
        query=(admin.Query, admin_keys.Query),
        mutations=(admin_account, admin_keys, admin_people, admin_sessions),
        listings={**admin.LISTINGS, **admin_keys.LISTINGS},
    ),
    binds=identity_binds,
    authenticate=authenticate,
    jobs=(jobs.forget_old,),
)
