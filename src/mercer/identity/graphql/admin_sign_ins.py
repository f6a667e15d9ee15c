"""Who tried to come in, as staff see it, and how a member of staff goes on who is held up by that."""

from datetime import datetime

import strawberry

from mercer.identity import service, tables
from mercer.identity.errors import TokenUnusable, TooManyAttempts
from mercer.identity.graphql.admin import Customer, StaffMember
from mercer.identity.graphql.authentication import STAFF
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sign_ins import FILTERS, NEWEST_FIRST, SORTS, SignInUnlocked
from mercer.identity.models import Audience, Outcome, Surface
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import Key, mutation
from mercer.platform.graphql.views import Connection, Filter, Listing, Listings, column, one, page, view
from mercer.platform.graphql.views.operators import IdOperators, StringOperators
from mercer.platform.permissions import ENTRY, SIGNED_IN


@view(tables.attempt)
class SignInAttempt:
    """Somebody's attempt to come into an account, or to have a mail sent for it. They are kept for half a year."""

    id: strawberry.ID = column()
    happened_at: datetime = column("at")
    surface: Surface = column()
    outcome: Outcome = column()
    account_id: strawberry.ID | None = column(description="The customer or member of staff. Null: there is none.")
    customer: Customer | None = one(
        on=lambda attempt, customer: customer.c.id == attempt.c.account_id, needs="customers.read"
    )
    staff: StaffMember | None = one(on=lambda attempt, staff: staff.c.id == attempt.c.account_id, needs="staff.read")
    ip: str | None = column()
    device: str | None = column(description="What the program calls itself: `Firefox on Windows`. It may lie.")
    user_agent: str | None = column()
    request_id: str | None = column()


@mutation(TokenUnusable, TooManyAttempts, needs=ENTRY, key=Key.IGNORED)
async def sign_in_unlock(context: Context, token: str) -> SignInUnlocked:
    """Go on, with the token of a mail, when too many wrong passwords or codes hold your account up."""
    with placed():
        await service.unlock_sign_in(context, audience=Audience.ADMIN, token=token)
    return SignInUnlocked()


@strawberry.type
class Query:
    sign_in_attempts: Connection[SignInAttempt] = page(needs="sign_ins.read")
    my_sign_in_attempts: Connection[SignInAttempt] = page(
        on=lambda _, attempt: attempt.c.account_id == STAFF, needs=SIGNED_IN
    )


LISTINGS: Listings = {
    SignInAttempt: Listing(
        filters={
            **FILTERS,
            "accountId": Filter(IdOperators, lambda row, given: given.compared(row.c.account_id)),
            "ip": Filter(StringOperators, lambda row, given: given.compared(row.c.ip)),
        },
        sorts=SORTS,
        default_order=NEWEST_FIRST,
    )
}
