"""Going on by mail, for whom guessing at his account holds up."""

from mercer.identity.models import Audience, TokenPurpose
from mercer.identity.rules.people import email_key
from mercer.identity.rules.throttling import GUESSED
from mercer.identity.service.throttling import forgive, refuse_wrong_token
from mercer.identity.service.tokens import redeem_token
from mercer.platform.context import Context


async def unlock_sign_in(context: Context, *, audience: Audience, token: str) -> None:
    """Forget what failed on the account to which this token was mailed: who reads its mail is its owner.

    Passwords, factors and sessions stay as they are. Raises `TokenUnusable`, `TooManyAttempts`.
    """
    redeemed = await redeem_token(context, token=token, purposes={TokenPurpose.UNLOCK})
    owner = redeemed.customer if audience is Audience.SHOP else redeemed.staff
    if owner is None:
        await refuse_wrong_token(context)
    for surface in GUESSED[audience]:
        await forgive(context, surface=surface, account=email_key(owner.email))
    context.record(
        "Customer" if audience is Audience.SHOP else "Staff", owner.id, {"signInUnlocked": (None, context.now)}
    )
