"""Accounts as other modules see them."""

from uuid import UUID

from mercer.identity.models import Customer, Staff
from mercer.identity.queries import accounts
from mercer.platform.context import Context


async def find_customer(context: Context, *, customer_id: UUID) -> Customer | None:
    """A customer, or None."""
    return await accounts.find_customer(context.db, customer_id)


async def lock_customer(context: Context, *, customer_id: UUID) -> Customer | None:
    """A customer whom nobody else changes before the transaction ends, or None. Lock him before his orders."""
    return await accounts.lock_customer(context.db, customer_id)


async def find_staff(context: Context, *, staff_id: UUID) -> Staff | None:
    """A member of staff, or None."""
    return await accounts.find_staff(context.db, staff_id)
