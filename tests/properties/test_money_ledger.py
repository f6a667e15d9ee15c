"""The ledger, after any sequence of what may happen to orders: debits are credits, in every order and in all."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from mercer.ledger import rules
from mercer.ledger.models import Account

AMOUNTS = st.integers(0, 10**12)
PARTS = st.fixed_dictionaries({"goods_net": AMOUNTS, "shipping_net": AMOUNTS, "tax": AMOUNTS})
STEPS = st.one_of(
    st.tuples(st.sampled_from([rules.sale_entries, rules.cancellation_entries]), PARTS),
    st.tuples(
        st.sampled_from(
            [
                rules.capture_entries,
                rules.refund_entries,
                rules.refund_reversal_entries,
                rules.suspense_entries,
                rules.suspense_refund_entries,
            ]
        ),
        AMOUNTS,
    ),
)


@given(steps=st.lists(st.tuples(st.uuids(), STEPS), max_size=30))
def test_debits_are_credits(steps: list[tuple[UUID, Any]]) -> None:
    balances = dict.fromkeys(Account, 0)
    for _, (entries_of, amounts) in steps:
        entries = entries_of(**amounts) if isinstance(amounts, dict) else entries_of(amounts)
        written = rules.as_entries(entries, provider="simulator")
        assert sum(each.amount for each in written) == 0
        for each in written:
            balances[each.account] += each.amount
    assert sum(balances.values()) == 0


@given(parts=PARTS)
def test_a_life_that_ends_settled(parts: dict[str, int]) -> None:
    """Sold, paid, cancelled and paid back: nothing is left anywhere."""
    total = sum(parts.values())
    steps = (
        rules.sale_entries(**parts),
        rules.capture_entries(total),
        rules.cancellation_entries(**parts),
        rules.refund_entries(total),
        rules.refund_reversal_entries(total),
        rules.refund_entries(total),
        rules.suspense_entries(total),
        rules.suspense_refund_entries(total),
    )
    for account in Account:
        assert sum(entries.get(account, 0) for entries in steps) == 0
