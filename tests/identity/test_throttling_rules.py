"""How long whoever guesses waits: arithmetic."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.shop import NOW

from mercer.identity.models import Surface
from mercer.identity.rules.throttling import (
    Allowance,
    Standing,
    after_attempt,
    network_of,
    retry_at,
    throttle_keys,
)

ALLOWANCE = Allowance(failures=3)


def test_the_delay_doubles_beyond_the_allowance() -> None:
    standing, delays = Standing(failures=0, last_at=NOW, held_until=None), []
    for _ in range(10):
        standing = after_attempt(standing, ALLOWANCE, now=NOW)
        delays.append(standing.held_until and (standing.held_until - NOW).total_seconds())
    assert delays == [None, None, 30, 60, 120, 240, 480, 900, 900, 900]


@given(pauses=st.lists(st.integers(min_value=0, max_value=100_000), max_size=60))
def test_nobody_guesses_more_often_than_the_allowance_and_the_delays_let_him(pauses: list[int]) -> None:
    """Whatever the pauses: of the attempts within any day, those beyond the allowance are a growing delay apart."""
    standing, now, let_through = Standing(failures=0, last_at=NOW, held_until=None), NOW, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if retry_at(standing, now=now) is None:
            standing = after_attempt(standing, ALLOWANCE, now=now)
            let_through.append(now)
    in_a_row: list[float] = []
    for earlier, later in itertools.pairwise(let_through):
        gap = (later - earlier).total_seconds()
        in_a_row = [] if gap >= 86_400 else [*in_a_row, gap]
        if len(in_a_row) >= ALLOWANCE.failures:
            assert gap >= min(30 * 2 ** (len(in_a_row) - ALLOWANCE.failures), 900)


@given(failures=st.integers(min_value=0, max_value=10**9))
def test_any_number_of_failures_can_be_counted(failures: int) -> None:
    standing = after_attempt(Standing(failures=failures, last_at=NOW, held_until=None), ALLOWANCE, now=NOW)
    assert standing.failures == failures + 1
    assert standing.held_until is None or standing.held_until <= NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_addresses_are_counted_as_networks(ip: str | None, network: str) -> None:
    assert network_of(ip) == network


def test_each_surface_counts_by_itself_and_tells_no_address() -> None:
    keys = [set(throttle_keys(surface, account="ada@example.com", ip="192.0.2.7")) for surface in Surface]
    assert sum(map(len, keys)) == len(set[str]().union(*keys)) == 22
    assert not any("ada" in key or "192" in key for of_surface in keys for key in of_surface)


def test_a_known_device_is_counted_instead_of_account_and_pair() -> None:
    named = {"account": "ada@example.com", "ip": "192.0.2.7"}
    kinds = {key.split(":")[1] for key in throttle_keys(Surface.SHOP_SIGN_IN, device="mercer_device_x", **named)}
    assert kinds == {"device", "address"}
    assert throttle_keys(Surface.SHOP_SIGN_IN, device="x", **named) != throttle_keys(
        Surface.SHOP_SIGN_IN, device="y", **named
    )


def test_without_an_account_the_address_is_counted() -> None:
    for surface in Surface:
        keys = throttle_keys(surface, account=None, ip="192.0.2.7")
        assert [key.split(":")[1] for key in keys] == ([] if surface is Surface.SESSION_REFRESH else ["address"])
