"""What is done with pictures beside the requests."""

from uuid import UUID

from mercer.media import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job


@job(transaction=Transaction.MANUAL)
async def render(context: Context, *, picture_id: str) -> None:
    """Make a picture's renditions."""
    await service.make_renditions(context, picture_id=UUID(picture_id))


@job(transaction=Transaction.MANUAL)
async def erase(context: Context, *, paths: list[str]) -> None:
    """Remove the objects of a picture that was deleted."""
    await service.erase_objects(context, paths=paths)


@job(transaction=Transaction.MANUAL, cron="17 * * * *")
async def sweep(context: Context) -> None:
    """Remove pictures that nothing uses."""
    await service.sweep_pictures(context)


@job(transaction=Transaction.MANUAL, cron="41 3 * * *")
async def sweep_orphans(context: Context) -> None:
    """Remove objects that no picture knows."""
    await service.sweep_objects(context)
