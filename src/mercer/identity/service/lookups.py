"""Accounts as other modules see them: found, not locked."""

from uuid import UUID

from mercer.identity.models import Customer, Staff
from mercer.identity.queries import accounts
from mercer.platform.context import Context


async def find_customer(context: Context, *, customer_id: UUID) -> Customer | None:
    """A customer, or None."""
    return await accounts.find_customer(context.db, customer_id)


async def find_staff(context: Context, *, staff_id: UUID) -> Staff | None:
    """A member of staff, or None."""
    return await accounts.find_staff(context.db, staff_id)
