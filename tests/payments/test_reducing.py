"""From facts to state: neither order nor repetition matters, and nothing leads back."""

from itertools import combinations, permutations, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.payments.models import AttemptState, EventKind, Fact
from mercer.payments.rules.reducing import FURTHER, reduce, undone

K, S = EventKind, AttemptState


ONE, OTHER = UUID(int=1), UUID(int=2)


def fact(
    kind: EventKind, amount: int = 100, *, id: str = "", currency: str = "USD", refund: UUID | None = None
) -> Fact:
    return Fact(id=id or kind.value, kind=kind, amount=amount, currency=currency, refund_id=refund)


RETURNED = (
    fact(K.REFUNDED, 60, id="one done", refund=ONE),
    fact(K.REFUND_FAILED, 60, id="one failed", refund=ONE),
    fact(K.REFUNDED, 25, id="other done", refund=OTHER),
)


EVERY = (
    *map(fact, EventKind),
    fact(K.CAPTURED, 40, id="a part"),
    fact(K.REFUNDED, 30, id="a part given back"),
    fact(K.AUTHORIZED, 90, id="changed"),
    fact(K.CAPTURED, 7, id="foreign", currency="EUR"),
    *RETURNED,
)


@pytest.mark.parametrize(
    ("facts", "state", "authorized", "captured", "refunded"),
    [
        ([], S.CREATED, 0, 0, 0),
        ([fact(K.REQUIRES_ACTION)], S.REQUIRES_ACTION, 0, 0, 0),
        ([fact(K.REQUIRES_ACTION), fact(K.PROCESSING)], S.PROCESSING, 0, 0, 0),
        ([fact(K.REQUIRES_ACTION), fact(K.DECLINED)], S.FAILED, 0, 0, 0),
        ([fact(K.AUTHORIZED)], S.AUTHORIZED, 100, 0, 0),
        ([fact(K.AUTHORIZED), fact(K.DECLINED)], S.AUTHORIZED, 100, 0, 0),
        ([fact(K.AUTHORIZED), fact(K.CANCELLED)], S.CANCELLED, 100, 0, 0),
        ([fact(K.AUTHORIZED), fact(K.EXPIRED)], S.EXPIRED, 100, 0, 0),
        ([fact(K.AUTHORIZED), fact(K.VOIDED)], S.VOIDED, 100, 0, 0),
        ([fact(K.AUTHORIZED), fact(K.CAPTURED, 40)], S.PARTIALLY_CAPTURED, 100, 40, 0),
        ([fact(K.AUTHORIZED), fact(K.CAPTURED, 40), fact(K.VOIDED, 60)], S.CAPTURED, 100, 40, 0),
        ([fact(K.AUTHORIZED), fact(K.CAPTURED)], S.CAPTURED, 100, 100, 0),
        ([fact(K.CAPTURED, 40, id="1"), fact(K.CAPTURED, 60, id="2")], S.CAPTURED, 0, 100, 0),
        ([fact(K.CAPTURED), fact(K.REFUND_PENDING)], S.CAPTURED, 0, 100, 0),
        ([fact(K.CAPTURED), fact(K.REFUND_FAILED)], S.CAPTURED, 0, 100, 0),
        ([fact(K.CAPTURED), fact(K.REFUNDED, 30)], S.PARTIALLY_REFUNDED, 0, 100, 30),
        ([fact(K.CAPTURED), fact(K.REFUNDED)], S.REFUNDED, 0, 100, 100),
        ([fact(K.REFUNDED)], S.CREATED, 0, 0, 100),
        ([fact(K.CAPTURED), *RETURNED[:1]], S.PARTIALLY_REFUNDED, 0, 100, 60),
        ([fact(K.CAPTURED), *RETURNED[:2]], S.CAPTURED, 0, 100, 0),
        ([fact(K.CAPTURED), *RETURNED], S.PARTIALLY_REFUNDED, 0, 100, 25),
        ([fact(K.CAPTURED), fact(K.REFUND_FAILED), *RETURNED[::2]], S.PARTIALLY_REFUNDED, 0, 100, 85),
        ([fact(K.DECLINED), fact(K.CAPTURED)], S.CAPTURED, 0, 100, 0),
        ([fact(K.CAPTURED, currency="EUR")], S.CREATED, 0, 0, 0),
    ],
)
def test_states(facts: list[Fact], state: AttemptState, authorized: int, captured: int, refunded: int) -> None:
    found = reduce(facts, amount=100, currency="USD")
    assert (found.state, found.authorized, found.captured, found.refunded) == (state, authorized, captured, refunded)


@pytest.mark.parametrize(
    ("facts", "is_contrary"),
    [
        ([fact(K.DECLINED)], False),
        ([fact(K.AUTHORIZED), fact(K.DECLINED)], False),
        ([fact(K.CAPTURED, 1), fact(K.DECLINED)], True),
        ([fact(K.CAPTURED, 1), fact(K.CANCELLED)], True),
        ([fact(K.CAPTURED, 40), fact(K.VOIDED)], False),
        ([fact(K.CAPTURED), fact(K.VOIDED)], True),
        ([fact(K.CAPTURED), fact(K.EXPIRED)], True),
    ],
)
def test_contradictions(facts: list[Fact], is_contrary: bool) -> None:  # noqa: FBT001 — a case
    assert reduce(facts, amount=100, currency="USD").is_contrary is is_contrary


@pytest.mark.parametrize("size", [1, 2, 3])
def test_all_orders_of_all_facts_with_repetitions(size: int) -> None:
    """Each sequence of facts comes to what its set comes to, from all that there are."""
    expected: dict[frozenset[Fact], object] = {}
    for told in product(EVERY, repeat=size):
        found = reduce(told, amount=100, currency="USD")
        assert expected.setdefault(frozenset(told), found) == found


def test_all_permutations_of_five() -> None:
    """Of each five kinds of facts, every order; and with each of them told twice, in every place."""
    facts = [*map(fact, EventKind), fact(K.CAPTURED, 40, id="a part")]
    for five in combinations(facts, 5):
        [found] = {reduce(told, amount=100, currency="USD") for told in permutations(five)}
        for repeated in five:
            for place in range(6):
                told = [*five[:place], repeated, *five[place:]]
                assert reduce(told, amount=100, currency="USD") == found


def test_all_sequences_of_five_over_what_matters_most() -> None:
    few = [fact(K.AUTHORIZED), fact(K.CAPTURED), fact(K.DECLINED), fact(K.VOIDED), fact(K.REFUNDED, 30)]
    expected: dict[frozenset[Fact], object] = {}
    for told in product(few, repeat=5):
        found = reduce(told, amount=100, currency="USD")
        assert expected.setdefault(frozenset(told), found) == found
    assert len(expected) == 2**5 - 1


def test_all_permutations_with_a_refund_that_failed_after_all() -> None:
    """Which was heard of first does not matter; each told twice, in every place."""
    facts = [fact(K.CAPTURED), fact(K.REFUND_PENDING, 60, refund=ONE), *RETURNED]
    [found] = {reduce(told, amount=100, currency="USD") for told in permutations(facts)}
    assert (found.state, found.captured, found.refunded) == (S.PARTIALLY_REFUNDED, 100, 25)
    for told in permutations(facts):
        assert {reduce((*told, again), amount=100, currency="USD") for again in facts} == {found}


@given(st.lists(st.sampled_from(EVERY)), st.sampled_from(EVERY))
def test_nothing_leads_back(facts: list[Fact], another: Fact) -> None:
    before = reduce(facts, amount=100, currency="USD")
    after = reduce([*facts, another], amount=100, currency="USD")
    # What was given back becomes less than all when more is captured, or when a refund failed after all.
    grown = after.captured > before.captured and before.state is S.REFUNDED
    returned = undone([*facts, another]) > undone(facts)
    assert grown or returned or FURTHER.index(after.state) >= FURTHER.index(before.state)
    assert after.authorized >= before.authorized
    assert after.captured >= before.captured
    assert returned or after.refunded >= before.refunded
    assert after.is_released >= before.is_released
    assert after.is_contrary >= before.is_contrary


amounts = st.integers(0, 200)
some_facts = st.builds(
    Fact,
    id=st.uuids().map(str),
    kind=st.sampled_from(EventKind),
    amount=amounts,
    currency=st.sampled_from(("USD", "EUR")),
    refund_id=st.sampled_from((None, ONE, OTHER)),
)


@given(st.lists(some_facts, max_size=12), st.randoms(use_true_random=False))
def test_any_order_of_anything(facts: list[Fact], chance: object) -> None:
    shuffled = [*facts, *facts[:3]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = reduce(facts, amount=100, currency="USD")
    assert reduce(shuffled, amount=100, currency="USD") == found
    assert 0 <= found.promised <= found.authorized
