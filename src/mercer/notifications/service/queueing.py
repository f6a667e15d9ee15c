"""Which mails are to be sent."""

from uuid import UUID

from mercer.notifications import queries
from mercer.notifications.errors import MailUnfinished, MailUnknown
from mercer.notifications.models import MailState, MailTemplate, Recipient
from mercer.notifications.rules import KEPT, spoken
from mercer.notifications.service.writing import find_addressee
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Job

_BATCH = 1_000


async def queue_mail(context: Context, *, template: MailTemplate, recipient: Recipient, send: Job) -> UUID | None:
    """Note a mail that is to be sent, and have the job `send` do so. None if whom it is for is gone."""
    addressee = await find_addressee(context, recipient=recipient, template=template)
    if addressee is None:
        return None
    mail_id = await queries.insert_mail(
        context.db, template=template, language=spoken(addressee.language), recipient=recipient, now=context.now
    )
    context.enqueue(send, mail_id=str(mail_id))
    return mail_id


async def resend_mail(context: Context, *, mail_id: UUID, send: Job) -> UUID:
    """Send a mail again, as a new one, with new tokens. Raises `MailUnknown`, `MailUnfinished`."""
    found = await queries.lock_mail(context.db, mail_id)
    if found is None:
        raise MailUnknown().at("id")
    mail, _ = found
    if mail.state in {MailState.WAITING, MailState.SENDING}:
        raise MailUnfinished().at("id")
    new_id = await queue_mail(context, template=mail.template, recipient=mail.recipient, send=send)
    if new_id is None:
        raise MailUnknown().at("id")
    context.record("Mail", new_id, {"resends": (None, mail_id)})
    return new_id


async def forget_old_mails(context: Context) -> None:
    """Forget what was sent long ago."""
    while await queries.delete_mails(context.db, before=context.now - KEPT, limit=_BATCH) == _BATCH:
        continue
