"""What happens to shipping."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class ShippingZoneCreated(Event):
    """There is a new shipping zone."""

    zone_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingZoneUpdated(Event):
    """A shipping zone is described in another way, or holds other areas or channels."""

    zone_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingZoneDeleted(Event):
    """A shipping zone is gone."""

    zone_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingMethodCreated(Event):
    """There is a new shipping method."""

    method_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingMethodUpdated(Event):
    """A shipping method is another, or costs another amount."""

    method_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingMethodArchived(Event):
    """A shipping method is no longer offered."""

    method_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingMethodRestored(Event):
    """A shipping method is offered again."""

    method_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShippingMethodDeleted(Event):
    """A shipping method is gone."""

    method_id: UUID
