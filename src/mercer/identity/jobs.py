"""What identity does by itself."""

from mercer.identity import service
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job


@job(cron="17 3 * * *")
async def forget_old(context: Context) -> None:
    """Forget what nobody needs any more, each night."""
    await service.forget_old(context)


@job(cron="37 3 * * *")
async def encrypt_anew(context: Context) -> None:
    """Encrypt with the newest key what is encrypted with older ones, each night, so that these can go."""
    await service.encrypt_anew(context)
