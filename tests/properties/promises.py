"""A model of promised stock: how many of each variant there are in all, who holds how many, what orders wait for.

Nothing is sold beyond what is there, so that it does not matter to the model where it lies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Quantities = Mapping[str, int]


@dataclass
class Promises:
    """What there is, and what is promised of it. Each step says whether it is carried out."""

    on_hand: dict[str, int]
    holds: dict[str, dict[str, int]] = field(default_factory=dict)
    """By holder and variant."""
    until: dict[str, datetime] = field(default_factory=dict)
    """Until when each holder holds."""
    orders: dict[str, dict[str, int]] = field(default_factory=dict)
    """What is set aside for each order, and has not left."""

    def free(self, sku: str) -> int:
        held = sum(each.get(sku, 0) for each in self.holds.values())
        return self.on_hand[sku] - held - sum(each.get(sku, 0) for each in self.orders.values())

    def hold(self, holder: str, wanted: Quantities, *, until: datetime, now: datetime) -> bool:
        if not self._provide(holder, wanted, now):
            return False
        self.holds[holder] = {sku: quantity for sku, quantity in wanted.items() if quantity}
        self.until[holder] = until
        return True

    def release_holds(self, holder: str) -> bool:
        self.holds.pop(holder, None)
        return True

    def allocate(self, order: str, wanted: Quantities, *, holder: str, now: datetime) -> bool:
        if not self._provide(holder, wanted, now):
            return False
        self.holds.pop(holder, None)
        lines = self.orders.setdefault(order, {})
        for sku, quantity in wanted.items():
            lines[sku] = lines.get(sku, 0) + quantity
        return True

    def release(self, order: str) -> bool:
        self.orders.pop(order, None)
        return True

    def ship(self, order: str, lines: Quantities) -> bool:
        waiting = self.orders.get(order, {})
        if any(quantity > waiting.get(sku, 0) for sku, quantity in lines.items()):
            return False
        for sku, quantity in lines.items():
            waiting[sku] -= quantity
            self.on_hand[sku] -= quantity
        return True

    def adjust(self, sku: str, delta: int, *, free_there: int) -> bool:
        if delta == 0 or (delta < 0 and -delta > free_there):
            return False
        self.on_hand[sku] += delta
        return True

    def sweep(self, now: datetime) -> bool:
        for holder in self._expired(now):
            del self.holds[holder]
        return True

    def _provide(self, holder: str, wanted: Quantities, now: datetime) -> bool:
        """Whether there is enough for who holds some already: if not, others' expired holds of it are swept."""
        own = self.holds.get(holder, {})
        if self._is_enough(wanted, own):
            return True
        expired = {each: dict(self.holds[each]) for each in self._expired(now) if each != holder}
        for each in expired:
            self.holds[each] = {sku: count for sku, count in self.holds[each].items() if not wanted.get(sku)}
        if self._is_enough(wanted, own):
            return True
        self.holds.update(expired)
        return False

    def _is_enough(self, wanted: Quantities, own: Quantities) -> bool:
        return all(quantity <= self.free(sku) + own.get(sku, 0) for sku, quantity in wanted.items())

    def _expired(self, now: datetime) -> list[str]:
        return [holder for holder in self.holds if self.until[holder] <= now]
