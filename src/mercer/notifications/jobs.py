"""What is done with mails beside the requests."""

from uuid import UUID

from mercer.notifications import service
from mercer.notifications.rules import ATTEMPTS
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Transaction, job


@job(transaction=Transaction.MANUAL, attempts=2 * ATTEMPTS)
async def send_mail(context: Context, *, mail_id: str) -> None:
    """Send a mail. An attempt that finds another one under way counts too, so there are more of them."""
    await service.deliver_mail(context, mail_id=UUID(mail_id))


@job(cron="23 4 * * *")
async def forget_old_mails(context: Context) -> None:
    """Forget what was sent long ago."""
    await service.forget_old_mails(context)
