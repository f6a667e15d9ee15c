"""What a request is bound to of its caller's limits: the rows that he sees."""

from uuid import UUID

import pytest

from mercer.platform.actors import GUEST, SYSTEM, Actor, ActorKind, Scope
from mercer.platform.graphql.views.authority import authority_binds
from mercer.platform.permissions import Dimension

EAST, WEST = UUID(int=1), UUID(int=2)
DIMENSIONS = {"orders.read": frozenset({Dimension.CHANNEL}), "stock.read": frozenset({Dimension.WAREHOUSE})}
IN_EAST = (Scope(channels=frozenset({EAST})),)
IN_WEST = (Scope(channels=frozenset({WEST})),)


@pytest.mark.parametrize(
    ("permissions", "bounds", "channels"),
    [
        ((), {}, None),
        (("orders.read",), {}, None),
        (("orders.read",), {"orders.read": IN_EAST}, [EAST]),
        (("orders.read", "orders.manage"), {"orders.manage": IN_WEST}, None),
        (("orders.read", "orders.manage"), {"orders.read": IN_EAST, "orders.manage": IN_WEST}, [EAST]),
        (("orders.manage",), {}, None),
        (("orders.manage",), {"orders.manage": IN_WEST}, [WEST]),
        (("orders.manage",), {"orders.manage": (*IN_WEST, *IN_EAST)}, [EAST, WEST]),
        (("orders.manage",), {"orders.manage": (Scope(amounts={"USD": 1}),)}, None),
        (("stock.manage",), {"stock.manage": (Scope(warehouses=frozenset()),)}, None),
    ],
)
def test_who_only_changes_sees_as_far_as_he_changes(
    permissions: tuple[str, ...], bounds: dict[str, tuple[Scope, ...]], channels: list[UUID] | None
) -> None:
    actor = Actor(kind=ActorKind.STAFF, id=UUID(int=9), permissions=frozenset(permissions), bounds=bounds)
    assert authority_binds(actor, DIMENSIONS)["orders_read_channel"] == channels


def test_who_changes_stock_of_a_warehouse_sees_that_of_no_other() -> None:
    bounds = {"stock.manage": (Scope(warehouses=frozenset({EAST})),)}
    actor = Actor(kind=ActorKind.STAFF, permissions=frozenset(bounds), bounds=bounds)
    assert authority_binds(actor, DIMENSIONS)["stock_read_warehouse"] == [EAST]


@pytest.mark.parametrize("actor", [GUEST, SYSTEM])
def test_guests_and_the_program_are_not_limited(actor: Actor) -> None:
    """What guests see, the shop API's views say themselves."""
    binds = authority_binds(actor, DIMENSIONS)
    assert (binds["orders_read_channel"], binds["stock_read_warehouse"]) == (None, None)
