"""What identity plugs in."""

from mercer.identity import jobs
from mercer.identity.graphql import (
    admin,
    admin_account,
    admin_factors,
    admin_keys,
    admin_people,
    admin_roles,
    admin_sessions,
    admin_sign_ins,
    own_account,
    shop,
    shop_factors,
    shop_mutations,
    shop_sessions,
    shop_sign_ins,
)
from mercer.identity.graphql.authentication import authenticate, identity_binds
from mercer.platform.graphql.views import PERSONAL_DATA
from mercer.platform.module import GraphQL, Module

module = Module(
    name="identity",
    shop=GraphQL(
        query=(shop.Query, shop_factors.Query, shop_sign_ins.Query),
        mutations=(own_account, shop_factors, shop_mutations, shop_sessions, shop_sign_ins),
        listings={**shop.LISTINGS, **shop_factors.LISTINGS, **shop_sign_ins.LISTINGS},
    ),
    admin=GraphQL(
        query=(admin.Query, admin_factors.Query, admin_keys.Query, admin_roles.Query, admin_sign_ins.Query),
        mutations=(
            admin_account,
            admin_factors,
            admin_keys,
            admin_people,
            admin_roles,
            admin_sessions,
            admin_sign_ins,
            own_account,
        ),
        listings={
            **admin.LISTINGS,
            **admin_factors.LISTINGS,
            **admin_keys.LISTINGS,
            **admin_roles.LISTINGS,
            **admin_sign_ins.LISTINGS,
        },
    ),
    binds=identity_binds,
    authenticate=authenticate,
    jobs=(jobs.forget_old, jobs.encrypt_anew),
    masked=dict.fromkeys(("Customer.email", "Customer.name", "Customer.reason"), PERSONAL_DATA),
)
