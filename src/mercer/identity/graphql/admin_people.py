"""What staff do with customers, and with each other's accounts."""

import strawberry
from strawberry import UNSET

from mercer.identity import service
from mercer.identity.errors import (
    AddressChangedByYou,
    CustomerUnknown,
    EmailTaken,
    InvitationAccepted,
    LastAdministrator,
    OwnAccount,
    PermissionsLacking,
    RoleUnknown,
    StaffInactive,
    StaffUnknown,
)
from mercer.identity.graphql.admin import Customer, StaffMember
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import given
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Transaction, mutation, row


@strawberry.input(description="What changes of a customer. What is left out stays as it is.")
class CustomerUpdateInput:
    name: str | None = UNSET
    language: str | None = UNSET
    version: int | None = strawberry.field(default=UNSET, description="The version that was read.")


@strawberry.input(description="A new member of staff.")
class StaffCreateInput:
    email: str
    name: str
    roles: list[str] = strawberry.field(default_factory=list, description="Roles' codes.")


@strawberry.input(description="What changes of a staff account. What is left out stays as it is.")
class StaffUpdateInput:
    email: str | None = UNSET
    name: str | None = UNSET
    version: int | None = strawberry.field(default=UNSET, description="The version that was read.")


@mutation(CustomerUnknown, VersionConflict, needs="customers.manage")
async def customer_update(context: Context, id: strawberry.ID, input: CustomerUpdateInput) -> Customer:
    """Change a customer."""
    customer_id = given_id(id)
    with placed("input"):
        await service.update_customer(
            context,
            customer_id=customer_id,
            name=given(input.name),
            language=given(input.language),
            version=given(input.version),
        )
    return row(Customer, customer_id)


@mutation(CustomerUnknown, needs="customers.manage")
async def customer_block(context: Context, id: strawberry.ID, reason: str | None = None) -> Customer:
    """Let a customer sign in no more, and end his sessions."""
    customer_id = given_id(id)
    await service.block_customer(context, customer_id=customer_id, reason=reason)
    return row(Customer, customer_id)


@mutation(CustomerUnknown, needs="customers.manage")
async def customer_unblock(context: Context, id: strawberry.ID, reason: str | None = None) -> Customer:
    """Let a customer sign in again."""
    customer_id = given_id(id)
    await service.unblock_customer(context, customer_id=customer_id, reason=reason)
    return row(Customer, customer_id)


@mutation(CustomerUnknown, needs="customers.manage", fresh_factor=True)
async def customer_factors_remove(context: Context, id: strawberry.ID, reason: str | None = None) -> Customer:
    """Take all second factors and recovery codes away from a customer who has lost them. His sessions end.

    Make sure before that it is he who asks: from then on his password is enough. He is told by mail.
    """
    customer_id = given_id(id)
    await service.remove_customer_factors(context, customer_id=customer_id, reason=reason)
    return row(Customer, customer_id)


@mutation(
    EmailTaken,
    RoleUnknown,
    PermissionsLacking,
    needs="staff.manage",
    key=Key.IGNORED,
    transaction=Transaction.MANUAL,
    fresh_factor=True,
)
async def staff_create(context: Context, input: StaffCreateInput) -> StaffMember:
    """Make an account for a member of staff. He is invited by mail to set a password."""
    with placed("input"):
        staff_id = await service.create_staff(context, email=input.email, name=input.name, roles=input.roles)
    return row(StaffMember, staff_id)


@mutation(StaffUnknown, VersionConflict, EmailTaken, PermissionsLacking, needs="staff.manage", fresh_factor=True)
async def staff_update(context: Context, id: strawberry.ID, input: StaffUpdateInput) -> StaffMember:
    """Change a staff account. Another address ends its sessions."""
    staff_id = given_id(id)
    with placed("input"):
        await service.update_staff(
            context, staff_id=staff_id, email=given(input.email), name=given(input.name), version=given(input.version)
        )
    return row(StaffMember, staff_id)


@mutation(StaffUnknown, PermissionsLacking, LastAdministrator, needs="staff.manage", fresh_factor=True)
async def staff_deactivate(context: Context, id: strawberry.ID) -> StaffMember:
    """Let a member of staff sign in no more, and end his sessions."""
    staff_id = given_id(id)
    await service.set_staff_active(context, staff_id=staff_id, is_active=False)
    return row(StaffMember, staff_id)


@mutation(StaffUnknown, PermissionsLacking, needs="staff.manage", fresh_factor=True)
async def staff_activate(context: Context, id: strawberry.ID) -> StaffMember:
    """Let a member of staff sign in again."""
    staff_id = given_id(id)
    await service.set_staff_active(context, staff_id=staff_id, is_active=True)
    return row(StaffMember, staff_id)


@mutation(
    StaffUnknown,
    PermissionsLacking,
    StaffInactive,
    InvitationAccepted,
    needs="staff.manage",
    fresh_factor=True,
)
async def staff_invite(context: Context, id: strawberry.ID) -> StaffMember:
    """Mail another invitation to a member of staff who has set no password yet. The one before works no more."""
    staff_id = given_id(id)
    await service.invite_staff(context, staff_id=staff_id)
    return row(StaffMember, staff_id)


@mutation(
    StaffUnknown,
    PermissionsLacking,
    StaffInactive,
    OwnAccount,
    AddressChangedByYou,
    needs="staff.manage",
    fresh_factor=True,
)
async def staff_recover(context: Context, id: strawberry.ID) -> StaffMember:
    """Let another member of staff in again who lost his password or his second factor.

    Not by whoever changed his address within seven days. He is mailed a token to set a password with. Once he does, his
    second factors are gone and his sessions end.
    """
    staff_id = given_id(id)
    await service.recover_staff(context, staff_id=staff_id)
    return row(StaffMember, staff_id)


@mutation(StaffUnknown, RoleUnknown, PermissionsLacking, LastAdministrator, needs="roles.manage", fresh_factor=True)
async def staff_roles_set(context: Context, id: strawberry.ID, roles: list[str]) -> StaffMember:
    """Give a member of staff these roles, by code, and no others."""
    staff_id = given_id(id)
    await service.set_staff_roles(context, staff_id=staff_id, roles=roles)
    return row(StaffMember, staff_id)
