"""What happens to stock and warehouses."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class StockChanged(Event):
    """How many of these variants are on hand, sold or held changed, in any warehouse."""

    variant_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class WarehouseCreated(Event):
    """There is a new warehouse."""

    warehouse_id: UUID


@dataclass(frozen=True, kw_only=True)
class WarehouseUpdated(Event):
    """A warehouse is described in another way, or ships to other channels."""

    warehouse_id: UUID


@dataclass(frozen=True, kw_only=True)
class WarehouseArchived(Event):
    """A warehouse was closed."""

    warehouse_id: UUID


@dataclass(frozen=True, kw_only=True)
class WarehouseRestored(Event):
    """A warehouse that was closed is open again."""

    warehouse_id: UUID
