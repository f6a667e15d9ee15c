"""What happens to prices."""

from dataclasses import dataclass
from uuid import UUID

from mercer.platform.events import Event


@dataclass(frozen=True, kw_only=True)
class PricesChanged(Event):
    """What shoppers pay for variants of these products changed, or what they will: by staff, or because a time came."""

    product_ids: tuple[UUID, ...]
