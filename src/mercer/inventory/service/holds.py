"""The verbs by which stock waits for a buyer."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from mercer.platform.context import Context


async def hold_stock(
    context: Context,
    *,
    holder_id: UUID,
    channel_id: UUID,
    country: str | None,
    quantities: Mapping[UUID, int],
    until: datetime,
) -> None:
    """Make the holder's holds exactly these quantities of variants. Raises `InsufficientStock`: nothing is changed."""
    raise NotImplementedError


async def release_holds(context: Context, *, holder_id: UUID) -> None:
    """Let go of all that waits for a holder. Again, it changes nothing."""
    raise NotImplementedError
