"""What identity does by itself."""

from mercer.identity import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job


@job(cron="17 3 * * *")
async def forget_old(context: Context) -> None:
    """Forget what nobody needs any more, each night."""
    await service.forget_old(context)
