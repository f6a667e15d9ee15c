"""Roles, as the admin API shows them and staff govern them."""

import strawberry
from strawberry import UNSET

from mercer.identity import service, tables
from mercer.identity.errors import PermissionsLacking, RoleBuiltin, RoleCodeTaken, RoleInUse, RoleUnknown
from mercer.identity.graphql.catalogue import Permission, RolePermission, list_permissions, list_permissions_of
from mercer.identity.graphql.grants import BoundInput, Grant, asked_bounds, grants
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import given
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import mutation, row
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Listing,
    Listings,
    Sort,
    SortDirection,
    column,
    one,
    page,
    view,
)

READ, MANAGE = "roles.read", "roles.manage"


@view(tables.role)
class Role:
    """A set of permissions by name. `*` stands for all."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    permissions: list[str] = column()
    grants: list[Grant] = grants()
    needs_factor: bool = column(description="Whether it gives anything only to whoever signed in with a second factor.")
    is_builtin: bool = column(
        description="Whether it comes with the program. Of such a role only `needsFactor` changes."
    )
    version: int = column()


@strawberry.type
class Query:
    role: Role | None = one(
        arguments={
            "id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value),
            "code": Argument(str, lambda row, given: row.c.code == given.value),
        },
        needs=READ,
    )
    roles: Connection[Role] = page(needs=READ)
    permissions: list[Permission] = strawberry.field(
        resolver=list_permissions,
        metadata={"needs": READ},
        description="Every permission there is, with the fields and mutations that need it.",
    )
    permissions_of: list[RolePermission] | None = strawberry.field(
        resolver=list_permissions_of,
        metadata={"needs": READ},
        description="All that a role, named by its id or its code, gives: `*` is written out. Null: no such role.",
    )


LISTINGS: Listings = {
    Role: Listing(sorts={"CODE": Sort(lambda role: role.c.code)}, default_order=AskedOrder("CODE", SortDirection.ASC))
}


@strawberry.input(description="A new role.")
class RoleCreateInput:
    code: str
    name: str
    permissions: list[str]
    bounds: list[BoundInput] = strawberry.field(
        default_factory=list, description="How far some of the permissions go. The others go everywhere."
    )
    needs_factor: bool = strawberry.field(
        default=False, description="Whether it gives anything only to whoever signed in with a second factor."
    )


@strawberry.input(description="What changes of a role. What is left out stays as it is.")
class RoleUpdateInput:
    name: str | None = UNSET
    permissions: list[str] | None = strawberry.field(
        default=UNSET, description="All of them. Those that stay keep their bounds, unless `bounds` are given."
    )
    bounds: list[BoundInput] | None = strawberry.field(
        default=UNSET, description="All of them: permissions that none names go everywhere."
    )
    needs_factor: bool | None = strawberry.field(default=UNSET, description="The one thing that ready roles take.")
    version: int | None = strawberry.field(default=UNSET, description="The version that was read.")


@strawberry.type
class RoleDeleted:
    """The role that is gone."""

    id: strawberry.ID


@mutation(RoleCodeTaken, PermissionsLacking, needs=MANAGE, fresh_factor=True)
async def role_create(context: Context, input: RoleCreateInput) -> Role:
    """Make a role."""
    with placed("input"):
        role_id = await service.create_role(
            context,
            code=input.code,
            name=input.name,
            permissions=input.permissions,
            bounds=asked_bounds(input.bounds),
            needs_factor=input.needs_factor,
        )
    return row(Role, role_id)


@mutation(RoleUnknown, RoleBuiltin, VersionConflict, PermissionsLacking, needs=MANAGE, fresh_factor=True)
async def role_update(context: Context, id: strawberry.ID, input: RoleUpdateInput) -> Role:
    """Change a role, and at once what those who have it may do."""
    role_id, bounds = given_id(id), given(input.bounds)
    with placed("input"):
        await service.update_role(
            context,
            role_id=role_id,
            name=given(input.name),
            permissions=given(input.permissions),
            bounds=None if bounds is None else asked_bounds(bounds),
            needs_factor=given(input.needs_factor),
            version=given(input.version),
        )
    return row(Role, role_id)


@mutation(RoleUnknown, RoleBuiltin, RoleInUse, PermissionsLacking, needs=MANAGE, fresh_factor=True)
async def role_delete(context: Context, id: strawberry.ID) -> RoleDeleted:
    """Delete a role that nobody has."""
    await service.delete_role(context, role_id=given_id(id))
    return RoleDeleted(id=id)
