"""How tests hold, allocate and ship, each in a transaction of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from tests.factories.shop import NOW
from tests.selling import Selling

from mercer.inventory import service
from mercer.inventory.models import StockRequest
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

LATER = NOW + timedelta(minutes=15)
AFTERWARDS = NOW + timedelta(minutes=16)

# Levels are the sums of their movements, and what is held and allocated is what holds and allocations say.
DIFFERING = """
    SELECT count(*) FROM inventory.stock s
    FULL JOIN (
        SELECT variant_id, warehouse_id, sum(on_hand) AS on_hand, sum(allocated) AS allocated, sum(held) AS held
        FROM inventory.movement GROUP BY variant_id, warehouse_id
    ) m USING (variant_id, warehouse_id)
    LEFT JOIN (
        SELECT variant_id, warehouse_id, sum(quantity) AS held FROM inventory.hold GROUP BY variant_id, warehouse_id
    ) h USING (variant_id, warehouse_id)
    LEFT JOIN (
        SELECT variant_id, warehouse_id, sum(quantity - shipped - released) AS allocated
        FROM inventory.allocation GROUP BY variant_id, warehouse_id
    ) a USING (variant_id, warehouse_id)
    WHERE (s.on_hand, s.allocated, s.held, s.allocated, s.held) IS DISTINCT FROM (
        coalesce(m.on_hand, 0), coalesce(m.allocated, 0), coalesce(m.held, 0), coalesce(a.allocated, 0),
        coalesce(h.held, 0)
    )
"""
_LEVELS = """
    SELECT v.sku || ' ' || w.code, s.on_hand, s.allocated, s.held FROM inventory.stock s
    JOIN catalog.variant v ON v.id = s.variant_id JOIN inventory.warehouse w ON w.id = s.warehouse_id
"""


def named(name: str) -> UUID:
    """The id of a cart, an order, a line or a shipment of this name."""
    return uuid5(UUID(int=0), name)


@dataclass(frozen=True)
class Promising:
    """The small shop, whose stock is promised."""

    selling: Selling
    now: datetime = NOW

    def at(self, now: datetime) -> "Promising":
        return replace(self, now=now)

    @property
    def context(self) -> Context:
        return replace(self.selling.context, now=self.now)

    def variant(self, sku: str) -> UUID:
        return UUID(self.selling.variants[sku])

    def requests(self, lines: Mapping[str, int]) -> list[StockRequest]:
        """A line for each; `MUG-1-R#2` is another line of `MUG-1-R`."""
        return [
            StockRequest(line_id=named(key), variant_id=self.variant(key.split("#")[0]), quantity=quantity)
            for key, quantity in lines.items()
        ]

    async def hold(
        self, holder: str, *, country: str | None = "US", channel: str = "us", until: datetime = LATER, **lines: int
    ) -> None:
        await self.hold_all(holder, lines, country=country, channel=channel, until=until)

    async def hold_all(
        self,
        holder: str,
        quantities: Mapping[str, int],
        *,
        country: str | None = "US",
        channel: str = "us",
        until: datetime = LATER,
    ) -> None:
        async with transaction(self.context) as context:
            await service.hold_stock(
                context,
                holder_id=named(holder),
                channel_id=UUID(self.selling.channels[channel]),
                country=country,
                quantities={self.variant(sku): quantity for sku, quantity in quantities.items()},
                until=until,
            )

    async def release_holds(self, holder: str) -> None:
        async with transaction(self.context) as context:
            await service.release_holds(context, holder_id=named(holder))

    async def allocate(
        self, order: str, lines: Mapping[str, int], *, holder: str | None = None, country: str | None = "US", **at: str
    ) -> list[tuple[str, str, int]]:
        """Set aside for an order. Returns which line, from which warehouse, how many."""
        async with transaction(self.context) as context:
            allocations = await service.allocate_stock(
                context,
                holder_id=named(holder or f"cart of {order}"),
                order_id=named(order),
                channel_id=UUID(self.selling.channels[at.get("channel", "us")]),
                country=country,
                lines=self.requests(lines),
            )
        return self.told(allocations, lines)

    async def release(self, order: str, lines: Sequence[str] | None = None) -> int:
        """Let go of what is set aside; returns how many pieces were."""
        async with transaction(self.context) as context:
            line_ids = None if lines is None else [named(each) for each in lines]
            released = await service.release_allocations(context, order_id=named(order), line_ids=line_ids)
        return sum(each.quantity for each in released)

    async def ship(
        self, order: str, lines: Mapping[str, int], *, shipment: str = "parcel", warehouse: str | None = None
    ) -> list[tuple[str, str, int]]:
        async with transaction(self.context) as context:
            left = await service.ship_allocated(
                context,
                order_id=named(order),
                shipment_id=named(shipment),
                lines={named(key): quantity for key, quantity in lines.items()},
                warehouse_id=None if warehouse is None else UUID(self.selling.warehouses[warehouse]),
            )
        return self.told(left, lines)

    async def available(self, *skus: str, holder: str | None = None, channel: str = "us") -> list[int]:
        async with transaction(self.context) as context:
            found = await service.find_available(
                context,
                channel_id=UUID(self.selling.channels[channel]),
                variant_ids=[self.variant(sku) for sku in skus],
                holder_id=None if holder is None else named(holder),
            )
        return [found[self.variant(sku)] for sku in skus]

    async def sweep(self) -> bool:
        async with transaction(self.context) as context:
            return await service.sweep_holds(context)

    async def levels(self) -> dict[str, tuple[int, int, int]]:
        """What is on hand, allocated and held: `MUG-1-R us-east`."""
        return {key: tuple(numbers) for key, *numbers in await self.selling.rows(_LEVELS)}

    async def is_sound(self) -> bool:
        return await self.selling.rows(DIFFERING) == [(0,)]

    def told(self, allocations: Sequence[Any], lines: Mapping[str, int]) -> list[tuple[str, str, int]]:
        keys = {named(key): key for key in lines}
        codes = {UUID(id_): code for code, id_ in self.selling.warehouses.items()}
        return [(keys[each.line_id], codes[each.warehouse_id], each.quantity) for each in allocations]
