"""Expected failures of shipping."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.errors import DomainError, InvalidValue


@dataclass(eq=False)
class ShippingZoneNotFound(DomainError):
    """No shipping zone has this id."""

    id: UUID


@dataclass(eq=False)
class ShippingZoneCodeTaken(DomainError):
    """Another shipping zone has this code."""

    zone: str


@dataclass(eq=False)
class ShippingZoneInUse(DomainError):
    """The zone has methods. Delete them first."""

    methods: int


@dataclass(eq=False)
class ShippingZoneChannelInUse(DomainError):
    """The zone has methods in a channel that it is to leave. Delete them first."""

    channel_id: UUID
    methods: int


@dataclass(eq=False)
class ShippingZoneOutsideChannel(DomainError):
    """The zone is not one of this channel. Add the channel to the zone first."""

    channel_id: UUID


@dataclass(eq=False)
class ShippingMethodNotFound(DomainError):
    """No shipping method has this id."""

    id: UUID


@dataclass(eq=False)
class ShippingMethodCodeTaken(DomainError):
    """Another method of this zone in this channel has this code."""

    method: str


@dataclass(eq=False)
class ShippingMethodOffered(DomainError):
    """The method is on offer. Archive it before you delete it."""


@dataclass(eq=False)
class ShippingAreaRepeated(InvalidValue):
    """The zone holds this area already, or one that overlaps it."""


@dataclass(eq=False)
class ShippingZoneUnknown(DomainError):
    """No shipping zone has this code."""

    zone: str


@dataclass(eq=False)
class ShippingZoneInvalid(DomainError):
    """The shipping zone's field has a value that it cannot have."""

    zone: str
    field: str


@dataclass(eq=False)
class ShippingMethodInvalid(DomainError):
    """The shipping method's field has a value that it cannot have."""

    method: str
    field: str
