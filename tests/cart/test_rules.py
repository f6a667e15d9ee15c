"""Decisions about carts: what may become of them, how lines come together, what a digest tells apart."""

from itertools import count, product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.cart.errors import CartConverted, CartExpired, CartNotFound, EmailInvalid
from mercer.cart.models import CartLine, CartNoticeKind, CartState, LineChange, LineRequest
from mercer.cart.rules.emails import read_email
from mercer.cart.rules.lines import MOST_LINES, MOST_OF_A_LINE, added, grown, merged, updated
from mercer.cart.rules.pricing import name_in
from mercer.cart.rules.states import check_changeable, is_active, may_become
from mercer.cart.rules.tokens import new_token, token_hash


def _id(number: int) -> UUID:
    return UUID(int=number)


def _lines(quantities: dict[int, int]) -> list[CartLine]:
    return [
        CartLine(id=_id(1_000 + variant), variant_id=_id(variant), quantity=quantity, position=place, sku=f"S{variant}")
        for place, (variant, quantity) in enumerate(quantities.items())
    ]


def _by_variant(lines: list[CartLine] | tuple[CartLine, ...]) -> dict[int, int]:
    return {line.variant_id.int: line.quantity for line in lines}


CARTS = st.dictionaries(st.integers(1, 150), st.integers(1, MOST_OF_A_LINE), max_size=MOST_LINES)


@pytest.mark.parametrize(("one", "other"), list(product(CartState, CartState)))
def test_only_an_active_cart_becomes_anything(one: CartState, other: CartState) -> None:
    assert may_become(one, other) == (one is CartState.ACTIVE and other is not CartState.ACTIVE)
    assert is_active(one) == (one is CartState.ACTIVE)


def test_what_ended_is_not_changed() -> None:
    check_changeable(CartState.ACTIVE)
    refused = {CartState.CONVERTED: CartConverted, CartState.EXPIRED: CartExpired, CartState.MERGED: CartNotFound}
    for state, error in refused.items():
        with pytest.raises(error):
            check_changeable(state)


@given(CARTS, CARTS)
def test_a_merge_loses_nothing_that_it_does_not_tell(ours: dict[int, int], theirs: dict[int, int]) -> None:
    numbers = count(5_000)
    merger = merged(_lines(ours), _lines(theirs), new_id=lambda: _id(next(numbers)))
    now = _by_variant(merger.lines)
    told = {notice.sku: notice.quantity or 0 for notice in merger.notices}
    assert len(merger.lines) <= MOST_LINES
    assert len({line.id for line in merger.lines}) == len({line.position for line in merger.lines}) == len(merger.lines)
    for variant in ours.keys() | theirs.keys():
        together = ours.get(variant, 0) + theirs.get(variant, 0)
        assert now.get(variant, 0) + told.get(f"S{variant}", 0) == together
        assert now.get(variant, 0) <= MOST_OF_A_LINE
    assert {line.id for line in _lines(ours)} <= {line.id for line in merger.lines}
    for notice in merger.notices:
        left_out = notice.kind is CartNoticeKind.LINE_LEFT_OUT
        assert left_out == (f"S{notice.sku}" not in {f"S{line.sku}" for line in merger.lines})


@given(CARTS, st.lists(st.tuples(st.integers(1, 5), st.integers(1, 40)), max_size=20))
def test_adding_adds_up(before: dict[int, int], more: list[tuple[int, int]]) -> None:
    before = {variant: min(quantity, 100) for variant, quantity in list(before.items())[:90]}
    numbers = count(5_000)
    requests = [LineRequest(variant_id=_id(variant), quantity=quantity) for variant, quantity in more]
    after = added(_lines(before), requests, new_id=lambda: _id(next(numbers)))
    expected = dict(before)
    for variant, quantity in more:
        expected[variant] = expected.get(variant, 0) + quantity
    assert _by_variant(after) == expected
    assert {id_.int for id_ in grown(_lines(before), after)} == {variant for variant, _ in more}


def test_an_update_sets_and_removes() -> None:
    lines = _lines({1: 2, 2: 3, 3: 4})
    changes = [LineChange(line_id=_id(1_001), quantity=0), LineChange(line_id=_id(1_003), quantity=9)]
    after = updated(lines, changes)
    assert _by_variant(after) == {2: 3, 3: 9}
    assert grown(lines, after) == {_id(3): 9}


def test_tokens_are_256_random_bits() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token.removeprefix("mercer_cart_")) for token in tokens} == {43}
    for none in (None, "", "x" * 201):
        assert token_hash(none) is None
    assert token_hash("a") != token_hash("b")
    assert len(token_hash("\ud800") or b"") == 32


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" Ada@EXAMPLE.com ", "Ada@example.com"),
        ("ada@müller.example", "ada@müller.example"),
        ("ä@example.com", "ä@example.com"),
    ],
)
def test_addresses_of_mail_are_brought_into_their_normal_form(typed: str, read: str) -> None:
    assert read_email(typed) == read


@pytest.mark.parametrize(
    "typed", ["", "a", "a@b@c.de", "a@b.c\x00om", "\ud800@example.com", "a" * 300 + "@example.com"]
)
def test_what_is_no_address_of_mail(typed: str) -> None:
    with pytest.raises(EmailInvalid):
        read_email(typed)


def test_names_fall_back_from_region_to_language_to_the_name_itself() -> None:
    assert name_in("Mug", {"de": "Becher"}, "de-AT") == "Becher"
    assert name_in("Mug", {"de": "Becher", "de-AT": "Häferl"}, "de-AT") == "Häferl"
    assert name_in("Mug", {"de": "Becher"}, "fr") == "Mug"
