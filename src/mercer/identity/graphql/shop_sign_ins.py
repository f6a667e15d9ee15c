"""Who tried to come into one's account, and how a customer goes on who is held up by that."""

from datetime import datetime

import strawberry

from mercer.identity import service, tables
from mercer.identity.errors import TokenUnusable, TooManyAttempts
from mercer.identity.graphql.authentication import CUSTOMER
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sign_ins import OWN, SignInUnlocked
from mercer.identity.models import Audience, Outcome, Surface
from mercer.platform.context import Context
from mercer.platform.graphql.mutations import Key, mutation
from mercer.platform.graphql.views import Connection, Listings, column, page, view
from mercer.platform.permissions import ENTRY, SIGNED_IN


@view(tables.attempt, rows=lambda attempt: attempt.c.account_id == CUSTOMER)
class SignInAttempt:
    """Somebody's attempt to come into your account, or to have a mail sent for it. They are kept for half a year."""

    id: strawberry.ID = column()
    happened_at: datetime = column("at")
    surface: Surface = column()
    outcome: Outcome = column()
    ip: str | None = column()
    device: str | None = column(description="What the program calls itself: `Firefox on Windows`. It may lie.")


@mutation(TokenUnusable, TooManyAttempts, needs=ENTRY, key=Key.IGNORED)
async def sign_in_unlock(context: Context, token: str) -> SignInUnlocked:
    """Go on, with the token of a mail, when too many wrong passwords or codes hold your account up."""
    with placed():
        await service.unlock_sign_in(context, audience=Audience.SHOP, token=token)
    return SignInUnlocked()


@strawberry.type
class Query:
    my_sign_in_attempts: Connection[SignInAttempt] = page(needs=SIGNED_IN)


LISTINGS: Listings = {SignInAttempt: OWN}
