"""What ends that an account is held up, and when its owner is told again."""

from dataclasses import replace

import pytest
from tests.identity.people import rows

from mercer.identity.errors import TooManyAttempts
from mercer.identity.models import Outcome, Surface
from mercer.identity.rules.throttling import ACCOUNT, ALLOWANCES
from mercer.identity.service.throttling import begin_attempt, forgive, log_failed_attempt, settle_attempt
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

TOLD = "SELECT payload FROM platform.outbox WHERE name = 'identity.AccountHeldUp'"


async def test_who_succeeds_ends_no_hold_of_others(context: Context) -> None:
    """His own attempt may have held the account up, and ends that; what a parallel guess holds up stands."""
    at = [replace(context, origin=Origin(ip=f"198.51.100.{number}")) for number in range(21)]
    attempts = []
    for each in at[:20]:
        async with transaction(each) as inner:
            attempts.append(await begin_attempt(inner, surface=Surface.SHOP_SIGN_IN, account="ada@example.com"))
    async with transaction(at[0]) as inner:
        await settle_attempt(inner, attempt=attempts[0])
    with pytest.raises(TooManyAttempts):
        async with transaction(at[20]) as inner:
            await begin_attempt(inner, surface=Surface.SHOP_SIGN_IN, account="ada@example.com")
    async with transaction(at[19]) as inner:
        await settle_attempt(inner, attempt=attempts[19])
    async with transaction(at[20]) as inner:
        assert await begin_attempt(inner, surface=Surface.SHOP_SIGN_IN, account="ada@example.com")


@pytest.mark.parametrize(("surface", "told"), [(Surface.SHOP_SIGN_IN, 2), (Surface.SHOP_FACTOR, 1)])
async def test_who_unlocked_is_told_again(context: Context, surface: Surface, told: int) -> None:
    """The same day, when others guess on; not when they have his password too."""
    for turn in range(2):
        async with transaction(context) as inner:
            await forgive(inner, surface=surface, account="ada@example.com")
        for number in range(ALLOWANCES[surface][ACCOUNT].failures):
            at = replace(context, origin=Origin(ip=f"2001:db8:{turn}{number:02}::1"))
            async with transaction(at) as inner:
                attempt = await begin_attempt(inner, surface=surface, account="ada@example.com")
            await log_failed_attempt(at, attempt=attempt, outcome=Outcome.WRONG, account_id=None)
    assert len(await rows(context, TOLD)) == told
