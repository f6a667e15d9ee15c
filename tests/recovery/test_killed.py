"""A process that is really killed while it completes carts, at the moments that matter most."""

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path

import pytest
from tests.recovery.conftest import Frail, through
from tests.recovery.dying import Life, lived
from tests.recovery.test_completion import NOT_PAID, PAID, is_sound, outcomes, reborn

pytestmark = pytest.mark.timeout(600)
"""A busy machine is no fault: they die at every step there is."""
ROOT = Path(__file__).parents[2]


async def test_a_completion_whose_process_is_killed(frail: Frail) -> None:
    """After the order is committed, after the provider took the money, and before that is committed."""
    whole = Life(lasts=1_000)
    shopper = await through(frail).ready({"TRAVEL-1": 1})
    await lived(whole, partial(shopper.complete, total="38.10"))
    made = whole.made
    answered = next(place for place, step in enumerate(made) if step.startswith("ANSWER POST"))
    commits = [place for place, step in enumerate(made) if step == "COMMIT"]
    moments = {
        "after the order is committed": commits[0] + 1,
        "after the provider has answered": answered + 1,
        "before the payment is committed": commits[-1],
    }
    buyers = []
    for steps in moments.values():
        buyer = await frail.trade.ready({"TRAVEL-1": 1})
        settings = frail.trade.settings
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.recovery.killed", str(settings.database_url), str(settings.valkey_url)),
            *(buyer.cart_id, buyer.caller.headers["X-Mercer-Cart"], str(steps)),
            cwd=ROOT,
        )
        assert await process.wait() == -signal.SIGKILL
        buyers.append(buyer)
    found = await outcomes(frail)
    waiting = [("pending_payment", "pending", 0, 0, taken) for taken in (0, 3810, 3810)]
    assert [found.get(each.cart_id) for each in buyers] == waiting
    await is_sound(frail)
    found = await outcomes(frail)
    assert [found.get(each.cart_id) for each in buyers] == [NOT_PAID, PAID, PAID]
    again = await reborn(frail, buyers[1]).complete(total="38.10")
    assert (again["status"], again["paymentStatus"]) == ("OPEN", "PAID")
