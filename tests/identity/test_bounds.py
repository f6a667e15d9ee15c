"""How far permissions go: what roles give together, what covers what, and that giving never adds."""

import itertools
from decimal import Decimal
from typing import Any, NamedTuple, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from tests.factories.shop import NOW

from mercer.identity.errors import BoundInvalid, PermissionsLacking
from mercer.identity.models import AskedBound, Bound, FactorLevel
from mercer.identity.rules.bounds import (
    MOST_LIMITS,
    Held,
    HeldRole,
    covers,
    merged,
    read_bound,
    read_bounds,
    resolved,
    scopes_of,
    stored_bounds,
)
from mercer.identity.rules.granting import check_granted, differing
from mercer.platform.actors import Actor, ActorKind
from mercer.platform.context import Context
from mercer.platform.permissions import Dimension, ScopeExceeded
from mercer.platform.scopes import check_scope

CHANNELS = (UUID(int=1), UUID(int=2))
WAREHOUSES = (UUID(int=11), UUID(int=12))
ELSEWHERE = UUID(int=99)
SELF, OTHER = UUID(int=21), UUID(int=22)
CATALOGUE = ("orders.manage", "stock.manage")
DE, AT = (Bound(channels=(each,)) for each in CHANNELS)
PASSWORD, TWO_FACTORS = FactorLevel


class Point(NamedTuple):
    """Something that one might do."""

    permission: str
    channel_id: UUID
    warehouse_id: UUID
    amount: int
    currency: str
    made_by: UUID


POINTS = [
    Point(*each)
    for each in itertools.product(
        CATALOGUE, (*CHANNELS, ELSEWHERE), (*WAREHOUSES, ELSEWHERE), (10, 20, 30), ("EUR", "USD"), (SELF, OTHER)
    )
]
"""Whatever a bound of these tests tells apart."""


def _some_of(ids: tuple[UUID, ...]) -> st.SearchStrategy[tuple[UUID, ...] | None]:
    return st.none() | st.sets(st.sampled_from(ids), min_size=1).map(lambda each: tuple(sorted(each)))


bounds = st.builds(
    Bound,
    channels=_some_of(CHANNELS),
    warehouses=_some_of(WAREHOUSES),
    amounts=st.none() | st.dictionaries(st.sampled_from(["EUR", "USD"]), st.sampled_from([10, 20]), min_size=1),
    is_own=st.booleans(),
)


@st.composite
def roles(draw: st.DrawFn) -> HeldRole:
    permissions = draw(st.sets(st.sampled_from(CATALOGUE)))
    limits = {each: draw(st.none() | bounds) for each in sorted(permissions)}
    given = {each: bound for each, bound in limits.items() if bound is not None and bound != Bound()}
    return HeldRole(permissions=tuple(sorted(permissions)), bounds=given)


def _opens(held: Held) -> set[Point]:
    """All that somebody may do who has this, told one by one."""
    return {point for point in POINTS if point.permission in held.permissions and _is_within(held, point)}


def _is_within(held: Held, point: Point) -> bool:
    several = held.bounds.get(point.permission)
    return several is None or any(
        (each.channels is None or point.channel_id in each.channels)
        and (each.warehouses is None or point.warehouse_id in each.warehouses)
        and (each.amounts is None or point.amount <= each.amounts.get(point.currency, -1))
        and (not each.is_own or point.made_by == SELF)
        for each in several
    )


def _held(*given: HeldRole) -> Held:
    return merged(given, factor_level=TWO_FACTORS)


def _actor(held: Held) -> Actor:
    permissions = resolved(held.permissions, catalogue=CATALOGUE)
    return Actor(kind=ActorKind.STAFF, id=SELF, permissions=permissions, bounds=scopes_of(held.bounds))


def _may_give(own: Held, *given: HeldRole) -> bool:
    try:
        check_granted(own, given, catalogue=CATALOGUE)
    except PermissionsLacking:
        return False
    return True


@given(st.lists(roles(), max_size=3), st.sampled_from(POINTS))
def test_what_roles_give_is_what_verbs_let_through(held: list[HeldRole], point: Point) -> None:
    actor = _actor(_held(*held))
    context = Context(cast("Any", None), cast("Any", None), NOW, actor=actor)
    permission, *_ = point
    asked = {name: value for name, value in point._asdict().items() if name != "permission"}
    let_through = actor.may(permission)
    with capture_logs():
        try:
            check_scope(context, permission, **asked)
        except ScopeExceeded:
            let_through = False
    assert let_through == (point in _opens(_held(*held)))


@given(st.lists(roles(), max_size=3))
def test_several_roles_add_up(held: list[HeldRole]) -> None:
    assert _opens(_held(*held)) == set[Point]().union(*(_opens(_held(each)) for each in held))


@given(st.lists(bounds, max_size=4), bounds)
def test_what_covers_a_bound_covers_all_that_it_opens(own: list[Bound], wanted: Bound) -> None:
    [permission, _] = CATALOGUE
    opened = _opens(Held(permissions=(permission,), bounds={permission: tuple(own)}))
    asked = _opens(Held(permissions=(permission,), bounds={permission: (wanted,)}))
    assert covers(own, wanted) == (asked <= opened)


@given(st.lists(st.lists(roles(), max_size=2), min_size=2, max_size=4), st.data())
def test_giving_never_opens_more_than_givers_have_together(people: list[list[HeldRole]], data: st.DataObject) -> None:
    """Whoever gives what to whom, in any order: nobody comes by anything that no one who gave had before."""
    before = [_opens(_held(*each)) for each in people]
    for _ in range(data.draw(st.integers(1, 4))):
        giver, taker = data.draw(st.sampled_from(range(len(people)))), data.draw(st.sampled_from(range(len(people))))
        role = data.draw(roles())
        if not _may_give(_held(*people[giver]), role):
            continue
        assert _opens(_held(role)) <= _opens(_held(*people[giver]))
        people[taker] = [*people[taker], role]
    assert set[Point]().union(*(_opens(_held(*each)) for each in people)) == set[Point]().union(*before)


@given(roles(), roles(), roles())
def test_who_changes_a_role_has_all_that_changes_of_it(own: HeldRole, before: HeldRole, after: HeldRole) -> None:
    if _may_give(_held(own), *differing(before, after)):
        assert _opens(_held(before)) ^ _opens(_held(after)) <= _opens(_held(own))


@given(st.dictionaries(st.sampled_from(CATALOGUE), bounds))
def test_bounds_are_stored_and_read(given: dict[str, Bound]) -> None:
    assert read_bounds(stored_bounds(given)) == given


def test_who_changes_which_sessions_have_a_role_has_all_of_it() -> None:
    before = HeldRole(permissions=CATALOGUE)
    after = HeldRole(permissions=CATALOGUE, needs_factor=True)
    assert differing(before, after) == (before, after)
    assert differing(before, before) == (HeldRole(), HeldRole())


def test_everything_is_everything() -> None:
    every = HeldRole(permissions=("*",))
    limited = HeldRole(permissions=("orders.manage",), bounds={"orders.manage": DE})
    for several in ((every, limited), (limited, every)):
        assert _held(*several) == Held(permissions=("*", "orders.manage"))
    assert _may_give(_held(every), limited)
    assert not _may_give(_held(limited), every)
    with pytest.raises(PermissionsLacking) as caught:
        check_granted(_held(limited), [every], catalogue=CATALOGUE)
    assert caught.value.permissions == ("*", *CATALOGUE)


def test_whoever_has_all_there_is_today_does_not_give_what_is_to_come() -> None:
    every, all_today = HeldRole(permissions=("*",)), HeldRole(permissions=CATALOGUE)
    with pytest.raises(PermissionsLacking) as caught:
        check_granted(_held(all_today), [every], catalogue=CATALOGUE)
    assert caught.value.permissions == ("*",)
    assert _may_give(_held(every), every)
    assert _may_give(_held(every), all_today)


def test_what_no_field_names_any_more_is_given_by_whoever_has_it() -> None:
    """Another version of the program may name it: whoever has all can still give and govern it."""
    old = HeldRole(permissions=("orders.manage", "wishes.read"))
    assert not _may_give(_held(HeldRole(permissions=CATALOGUE)), old)
    assert _may_give(_held(old), old)
    assert _may_give(_held(HeldRole(permissions=("*",))), old)


def test_two_channels_are_covered_by_a_role_for_each() -> None:
    both = Bound(channels=CHANNELS)
    assert covers((DE, AT), both)
    assert not covers((DE,), both)
    assert not covers((DE, AT), None)
    assert covers(None, None)
    assert not covers((), DE)


def test_a_role_that_needs_a_factor_gives_nothing_without() -> None:
    limited = HeldRole(permissions=("orders.manage",), bounds={"orders.manage": DE})
    more = HeldRole(permissions=("orders.manage", "stock.manage"), bounds={"stock.manage": AT}, needs_factor=True)
    assert merged([limited, more], factor_level=PASSWORD) == Held(
        permissions=("orders.manage",),
        bounds={"orders.manage": (DE,)},
        withheld=("orders.manage", "stock.manage"),
    )
    assert merged([limited, more], factor_level=TWO_FACTORS) == Held(
        permissions=("orders.manage", "stock.manage"), bounds={"stock.manage": (AT,)}
    )
    same = HeldRole(permissions=("orders.manage",), bounds={"orders.manage": DE}, needs_factor=True)
    assert merged([limited, same], factor_level=PASSWORD).withheld == ()
    every = HeldRole(permissions=("*",), needs_factor=True)
    assert merged([limited, every], factor_level=PASSWORD).withheld == ("*",)
    assert merged([HeldRole(permissions=("*",)), more], factor_level=PASSWORD).withheld == ()


EVERY_DIMENSION = frozenset(Dimension)


def test_a_bound_is_read() -> None:
    asked = AskedBound(
        permission="orders.manage",
        channel_ids=(CHANNELS[1], CHANNELS[0], CHANNELS[1]),
        warehouse_ids=WAREHOUSES,
        amounts=((Decimal("50.00"), "EUR"), (Decimal(0), "JPY"), (Decimal("1.234"), "KWD")),
        is_own=True,
    )
    assert read_bound(asked, dimensions=EVERY_DIMENSION) == Bound(
        channels=CHANNELS, warehouses=WAREHOUSES, amounts={"EUR": 5000, "JPY": 0, "KWD": 1234}, is_own=True
    )


@pytest.mark.parametrize(
    ("asked", "dimensions", "path"),
    [
        ({}, EVERY_DIMENSION, ("permission",)),
        ({"is_own": True}, EVERY_DIMENSION - {Dimension.OWN}, ("isOwnOnly",)),
        ({"channel_ids": CHANNELS}, frozenset(), ("channelIds",)),
        ({"channel_ids": CHANNELS, "warehouse_ids": WAREHOUSES}, {Dimension.CHANNEL}, ("warehouseIds",)),
        ({"channel_ids": ()}, EVERY_DIMENSION, ("channelIds",)),
        ({"warehouse_ids": ()}, EVERY_DIMENSION, ("warehouseIds",)),
        ({"warehouse_ids": (ELSEWHERE,) * (MOST_LIMITS + 1)}, EVERY_DIMENSION, ("warehouseIds",)),
        ({"amounts": ()}, EVERY_DIMENSION, ("amounts",)),
        ({"amounts": ((Decimal(1), "EUR"), (Decimal(2), "EUR"))}, EVERY_DIMENSION, ("amounts", "1")),
        ({"amounts": ((Decimal(1), "eur"),)}, EVERY_DIMENSION, ("amounts", "0")),
        ({"amounts": ((Decimal(-1), "EUR"),)}, EVERY_DIMENSION, ("amounts", "0")),
        ({"amounts": ((Decimal("1.001"), "EUR"),)}, EVERY_DIMENSION, ("amounts", "0")),
        ({"amounts": ((Decimal(10**15), "EUR"),)}, EVERY_DIMENSION, ("amounts", "0")),
    ],
)
def test_a_faulty_bound_is_refused(asked: dict[str, Any], dimensions: frozenset[Dimension], path: tuple[str]) -> None:
    with pytest.raises(BoundInvalid) as caught:
        read_bound(AskedBound(permission="orders.manage", **asked), dimensions=dimensions)
    assert caught.value.path == path
