"""What every movement of stock notes besides its quantities."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class MovementNote(NamedTuple):
    """Why, when and by whom."""

    reason: str | None
    at: datetime
    actor_kind: str
    actor_id: UUID | None
