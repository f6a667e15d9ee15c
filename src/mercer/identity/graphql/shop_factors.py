"""How customers set up second factors, and show them: to sign in, and for what matters most."""

from datetime import datetime

import strawberry

from mercer.identity import service, tables
from mercer.identity.errors import (
    FactorUnknown,
    FactorUnreadable,
    FactorWrong,
    PasswordNotEnough,
    PasswordWrong,
    SessionUnknown,
    TokenUnusable,
    TooManyAttempts,
    TooManyFactors,
)
from mercer.identity.graphql.authentication import CUSTOMER
from mercer.identity.graphql.factors import ORDER, counts
from mercer.identity.graphql.paths import placed
from mercer.identity.graphql.sessions import SessionTransport, transport_of
from mercer.identity.graphql.shop_sessions import Session, shown
from mercer.identity.models import Audience, FactorKind, Proof
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import Key, Transaction, mutation, row
from mercer.platform.graphql.views import Connection, Listings, column, page, view
from mercer.platform.permissions import ENTRY, SIGNED_IN


@view(tables.factor, rows=lambda factor: factor.c.customer_id == CUSTOMER)
class Factor:
    """A second factor of yours: something that only you have."""

    id: strawberry.ID = column()
    kind: FactorKind = column()
    name: str = column(description="What you call it.")
    created_at: datetime = column()
    confirmed_at: datetime | None = column(
        description="Since when it is asked for: when you first showed a code of it."
    )
    last_used_at: datetime | None = column()


@strawberry.type
class FactorSetUp:
    """A second factor that is set up. It is asked for once you have shown a code of it (`factorConfirm`)."""

    factor: Factor
    secret: str = strawberry.field(description="In base32, to type into an app. It is told this once.")
    uri: str = strawberry.field(description="The same as `otpauth://…`, to show as a QR code.")


@strawberry.type
class FactorConfirmed:
    """A second factor that is asked for from now on. Your session goes on with a new token, and all others ended."""

    factor: Factor
    recovery_codes: list[str] = strawberry.field(
        description="With the first factor: each stands in for it once. They are told this once."
    )
    session: Session


@mutation(
    TokenUnusable,
    FactorWrong,
    FactorUnreadable,
    TooManyAttempts,
    needs=ENTRY,
    key=Key.IGNORED,
    transaction=Transaction.MANUAL,
)
async def session_create_with_factor(
    context: Context,
    challenge: str,
    code: str | None = None,
    recovery_code: str | None = None,
    transport: SessionTransport = SessionTransport.BEARER,
    *,
    is_refreshable: bool = False,
) -> Session:
    """Sign in, second step: show a code of your second factor, or a recovery code, for the challenge of the first."""
    session = await service.sign_in_with_factor(
        context,
        audience=Audience.SHOP,
        challenge=challenge,
        proof=Proof(code=code, recovery_code=recovery_code),
        is_refreshable=is_refreshable and transport is SessionTransport.BEARER,
    )
    return shown(context, session, transport)


@mutation(
    PasswordWrong,
    PasswordNotEnough,
    FactorWrong,
    FactorUnreadable,
    SessionUnknown,
    TooManyAttempts,
    needs=SIGNED_IN,
    key=Key.IGNORED,
    transaction=Transaction.MANUAL,
)
async def session_confirm(
    context: Context,
    password: str | None = None,
    code: str | None = None,
    recovery_code: str | None = None,
) -> Session:
    """Show once more who you are: what matters most asks for it after a quarter of an hour.

    Who has a second factor shows that, everybody else his password. The session goes on with a new token.
    """
    proof = Proof(password=password, code=code, recovery_code=recovery_code)
    return shown(context, await service.confirm_session(context, proof=proof), transport_of(context))


@mutation(TooManyFactors, needs=SIGNED_IN, key=Key.IGNORED, fresh_factor=True)
async def factor_create(context: Context, name: str) -> FactorSetUp:
    """Set up an authenticator app as a second factor, under a name of yours."""
    with placed():
        made = await service.create_factor(context, name=name)
    return FactorSetUp(factor=row(Factor, made.id), secret=made.secret, uri=made.uri)


@mutation(
    FactorUnknown,
    FactorWrong,
    FactorUnreadable,
    SessionUnknown,
    needs=SIGNED_IN,
    key=Key.IGNORED,
    fresh_factor=True,
)
async def factor_confirm(context: Context, id: strawberry.ID, code: str) -> FactorConfirmed:
    """Show a code of a second factor that you have set up within the hour: it is asked for from now on."""
    made = await service.confirm_factor(context, factor_id=given_id(id), code=code)
    session = shown(context, made.session, transport_of(context))
    return FactorConfirmed(factor=row(Factor, given_id(id)), recovery_codes=list(made.recovery_codes), session=session)


@strawberry.type
class Query:
    my_factors: Connection[Factor] = page(on=lambda _, factor: counts(factor), needs=SIGNED_IN)


LISTINGS: Listings = {Factor: ORDER}
