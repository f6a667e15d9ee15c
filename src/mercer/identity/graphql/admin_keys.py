"""API keys, as the admin API shows them and staff govern them."""

from datetime import datetime

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from mercer.identity import service, tables
from mercer.identity.errors import (
    ApiKeyEndsTooLate,
    ApiKeyOver,
    ApiKeyUnknown,
    PermissionsLacking,
    PermissionsNotForKeys,
)
from mercer.identity.graphql.admin import StaffMember
from mercer.identity.graphql.grants import BoundInput, Grant, asked_bounds, grants
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import NOW, given
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, mutation, row
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.operators import BooleanOperators, DateTimeOperators, IdOperators, StringOperators

MANAGE = "api_keys.manage"
_ENDS = (
    "Null: only revoking ends it. "
    "With what you have only with a second factor, it ends within 90 days: nobody asks a key for one."
)


def _is_active(key: Row) -> sa.ColumnElement[bool]:
    """Whether a key still opens something."""
    return sa.and_(key.c.revoked_at.is_(None), sa.func.coalesce(key.c.expires_at > NOW, sa.true()))


@view(tables.api_key)
class ApiKey:
    """What a program shows to the admin API, to act by itself. It belongs to the shop."""

    id: strawberry.ID = column()
    name: str = column()
    prefix: str = column(description="What the key begins with: `mercer_key_`, and what tells it apart.")
    permissions: list[str] = column()
    grants: list[Grant] = grants()
    is_active: bool = computed(_is_active, total=True, description="Whether it opens anything: not revoked, not over.")
    created_by: StaffMember | None = one(
        on=lambda key, staff: staff.c.id == key.c.created_by, needs="staff.read", description="Who made it."
    )
    created_at: datetime = column()
    updated_at: datetime = column()
    expires_at: datetime | None = column(description="Null: it opens what it does until it is revoked.")
    last_used_at: datetime | None = column(description="To the minute.")
    last_used_ip: str | None = column(description="From where it was used then.")
    revoked_at: datetime | None = column()
    revoked_by: StaffMember | None = one(
        on=lambda key, staff: staff.c.id == key.c.revoked_by, needs="staff.read", description="Who revoked it."
    )
    version: int = column()


@strawberry.type
class Query:
    api_key: ApiKey | None = one(
        arguments={"id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value)}, needs="api_keys.read"
    )
    api_keys: Connection[ApiKey] = page(needs="api_keys.read", description="All there are and were.")


LISTINGS: Listings = {
    ApiKey: Listing(
        filters={
            "isActive": Filter(BooleanOperators, lambda key, given: given.compared(_is_active(key))),
            "prefix": Filter(StringOperators, lambda key, given: given.compared(key.c.prefix)),
            "createdById": Filter(IdOperators, lambda key, given: given.compared(key.c.created_by)),
            "createdAt": Filter(DateTimeOperators, lambda key, given: given.compared(key.c.created_at)),
        },
        sorts={"CREATED_AT": Sort(lambda key: key.c.created_at), "NAME": Sort(lambda key: key.c.name)},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    )
}


@strawberry.input(description="A new API key.")
class ApiKeyCreateInput:
    name: str = strawberry.field(description="What it is for.")
    permissions: list[str] = strawberry.field(
        description="All that it may do, none of `staff`, `roles` and `api_keys`. You have them yourself."
    )
    bounds: list[BoundInput] = strawberry.field(
        default_factory=list, description="How far some of the permissions go: no further than yours."
    )
    expires_at: datetime | None = strawberry.field(default=None, description=_ENDS)


@strawberry.input(description="What changes of an API key. What is left out stays as it is.")
class ApiKeyUpdateInput:
    name: str | None = UNSET
    permissions: list[str] | None = UNSET
    bounds: list[BoundInput] | None = strawberry.field(
        default=UNSET, description="All of them anew. Left out: those of the permissions that stay."
    )
    expires_at: datetime | None = strawberry.field(default=UNSET, description=_ENDS)
    version: int | None = strawberry.field(default=UNSET, description="The version that was read.")


@strawberry.type
class ApiKeyIssued:
    """A key that has just been made."""

    api_key: ApiKey
    key: str = strawberry.field(description="Goes into the header `Authorization: Bearer …`. It is told this once.")


@mutation(
    PermissionsNotForKeys, PermissionsLacking, ApiKeyEndsTooLate, needs=MANAGE, key=Key.IGNORED, fresh_factor=True
)
async def api_key_create(context: Context, input: ApiKeyCreateInput) -> ApiKeyIssued:
    """Make an API key."""
    with placed("input"):
        made = await service.create_api_key(
            context,
            name=input.name,
            permissions=input.permissions,
            bounds=asked_bounds(input.bounds),
            expires_at=input.expires_at,
        )
    return ApiKeyIssued(api_key=row(ApiKey, made.id), key=made.key)


@mutation(
    ApiKeyUnknown,
    ApiKeyOver,
    VersionConflict,
    PermissionsNotForKeys,
    PermissionsLacking,
    ApiKeyEndsTooLate,
    needs=MANAGE,
    fresh_factor=True,
)
async def api_key_update(context: Context, id: strawberry.ID, input: ApiKeyUpdateInput) -> ApiKey:
    """Change an API key, and at once what it may do."""
    api_key_id, bounds = given_id(id), given(input.bounds)
    with placed("input"):
        await service.update_api_key(
            context,
            api_key_id=api_key_id,
            name=given(input.name),
            permissions=given(input.permissions),
            bounds=None if bounds is None else asked_bounds(bounds),
            expires_at=given(input.expires_at),
            is_endless=input.expires_at is None,
            version=given(input.version),
        )
    return row(ApiKey, api_key_id)


@mutation(
    ApiKeyUnknown, ApiKeyOver, PermissionsLacking, ApiKeyEndsTooLate, needs=MANAGE, key=Key.IGNORED, fresh_factor=True
)
async def api_key_rotate(context: Context, id: strawberry.ID) -> ApiKeyIssued:
    """Make an API key anew, with all that it may do. The one before ends at once."""
    made = await service.rotate_api_key(context, api_key_id=given_id(id))
    return ApiKeyIssued(api_key=row(ApiKey, made.id), key=made.key)


@mutation(ApiKeyUnknown, needs=MANAGE, fresh_factor=True)
async def api_key_revoke(context: Context, id: strawberry.ID) -> ApiKey:
    """End an API key at once, whatever it may do. It stays in the list."""
    api_key_id = given_id(id)
    await service.revoke_api_key(context, api_key_id=api_key_id)
    return row(ApiKey, api_key_id)
