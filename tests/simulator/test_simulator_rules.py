"""What tokens make the simulator do."""

from datetime import UTC, datetime, timedelta

import pytest

from mercer.simulator.models import Behaviour, Order
from mercer.simulator.rules import deliveries, first_facts, parse_token

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
B = Behaviour


def order(*, is_captured_at_once: bool = True) -> Order:
    return Order(
        key="k",
        reference="r",
        label="US-1001",
        amount=100,
        currency="USD",
        is_captured_at_once=is_captured_at_once,
        token="",
        return_url=None,
    )


@pytest.mark.parametrize(
    ("token", "known"),
    [
        ("ok", {B.OK}),
        ("webhook_twice", {B.WEBHOOK_TWICE}),
        ("3ds+webhook_late+authorize_only", {B.THREE_D_SECURE, B.WEBHOOK_LATE, B.AUTHORIZE_ONLY}),
        ("ok+decline", None),
        ("nonsense", None),
        ("", None),
        ("ok+", None),
        ("OK", None),
    ],
)
def test_tokens(token: str, known: set[Behaviour] | None) -> None:
    assert parse_token(token) == (None if known is None else frozenset(known))


def test_every_behaviour_can_be_asked_for() -> None:
    assert all(parse_token(each.value) == frozenset({each}) for each in Behaviour)


@pytest.mark.parametrize(
    ("behaviours", "facts"),
    [
        ({B.OK}, [("authorized", 100, "USD"), ("captured", 100, "USD")]),
        (set(), [("authorized", 100, "USD"), ("captured", 100, "USD")]),
        ({B.AUTHORIZE_ONLY}, [("authorized", 100, "USD")]),
        ({B.DECLINE}, [("declined", 100, "USD")]),
        ({B.DECLINE_HARD}, [("declined", 100, "USD")]),
        (None, [("declined", 100, "USD")]),
        ({B.THREE_D_SECURE}, [("requires_action", 100, "USD")]),
        ({B.DELAYED}, [("processing", 100, "USD")]),
        ({B.AMOUNT_LIE}, [("authorized", 99, "USD"), ("captured", 99, "USD")]),
        ({B.AMOUNT_LIE_MORE}, [("authorized", 101, "USD"), ("captured", 101, "USD")]),
        ({B.CURRENCY_LIE}, [("authorized", 100, "XTS"), ("captured", 100, "XTS")]),
    ],
)
def test_first_facts(behaviours: set[Behaviour] | None, facts: list[tuple[str, int, str]]) -> None:
    known = None if behaviours is None else frozenset(behaviours)
    found = first_facts(order(), known, now=NOW)
    assert [(each.kind.value, each.amount, each.currency) for each in found] == facts


def test_a_shop_that_captures_later() -> None:
    [found] = first_facts(order(is_captured_at_once=False), frozenset(), now=NOW)
    assert found.kind.value == "authorized"


@pytest.mark.parametrize(
    ("behaviours", "told"),
    [
        (set(), [(0, 0), (1, 0)]),
        ({B.WEBHOOK_DROPPED}, []),
        ({B.WEBHOOK_TWICE}, [(0, 0), (1, 0), (0, 0), (1, 0)]),
        ({B.WEBHOOK_LATE}, [(0, 600), (1, 600)]),
        ({B.WEBHOOK_REORDERED}, [(0, 2), (1, 0)]),
        ({B.WEBHOOK_REORDERED, B.WEBHOOK_LATE}, [(0, 602), (1, 600)]),
    ],
)
def test_when_it_tells(behaviours: set[Behaviour], told: list[tuple[int, int]]) -> None:
    found = deliveries(frozenset(behaviours), 2, now=NOW)
    assert [(place, int(((at or NOW) - NOW) / timedelta(seconds=1))) for place, at in found] == told
