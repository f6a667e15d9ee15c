"""Tokens that are mailed to customers. They stand in no event: the job that writes the mail issues them."""

from uuid import UUID

from mercer.identity.errors import CustomerUnknown, TokenUnusable
from mercer.identity.models import Customer, TokenPurpose
from mercer.identity.queries import accounts
from mercer.identity.queries import sessions as queries
from mercer.identity.rules.sessions import LIFETIMES, new_token, token_hash
from mercer.platform.context import Context


async def issue_token(context: Context, *, customer_id: UUID, purpose: TokenPurpose) -> str:
    """A new token for a mail to this customer: it works once, for a limited time. Raises `CustomerUnknown`."""
    if await accounts.lock_customer(context.db, customer_id) is None:
        raise CustomerUnknown
    token = new_token()
    await queries.insert_token(
        context.db,
        customer_id=customer_id,
        purpose=purpose.value,
        token_hash=token_hash(token),
        created_at=context.now,
        expires_at=context.now + LIFETIMES[purpose],
    )
    return token


async def redeem_token(context: Context, *, token: str, purpose: TokenPurpose) -> Customer:
    """The customer of a token, locked before it. The token is used up, and so are all others of his.

    Raises `TokenUnusable`.
    """
    hash = token_hash(token)
    customer_id = await queries.find_token_owner(context.db, token_hash=hash)
    customer = None if customer_id is None else await accounts.lock_customer(context.db, customer_id)
    if customer is None or not await queries.use_token(context.db, token_hash=hash, purpose=purpose, now=context.now):
        raise TokenUnusable
    await queries.use_up_tokens(context.db, customer_id=customer.id, now=context.now)
    return customer
