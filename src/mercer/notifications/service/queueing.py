"""Which mails are to be sent."""

from uuid import UUID

from mercer.notifications import queries
from mercer.notifications.errors import MailSentOnce, MailUnfinished, MailUnknown
from mercer.notifications.models import Cause, Mail, MailState, MailTemplate, Recipient
from mercer.notifications.rules import KEPT, SENT_ONCE, once, spoken
from mercer.notifications.service.addressing import find_letter
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Job

_BATCH = 1_000


async def queue_mail(
    context: Context, *, template: MailTemplate, recipient: Recipient, send: Job, again: Mail | None = None
) -> UUID | None:
    """Note a mail that is to be sent, and have the job `send` do so. None if whom it is for is gone.

    About an order, or a shipment, each mail is noted once: None if it was before, unless it is sent `again`.
    """
    letter = await find_letter(context, recipient=recipient, template=template)
    if letter is None:
        return None
    mail_id = await queries.insert_mail(
        context.db,
        template=template,
        language=spoken(letter.addressee.language),
        recipient=recipient,
        cause=Cause(context.now, context.origin.request_id) if again is None else again.cause,
        once=None if again is not None else once(template, recipient),
        now=context.now,
    )
    if mail_id is None:
        return None
    context.enqueue(send, mail_id=str(mail_id))
    return mail_id


async def resend_mail(context: Context, *, mail_id: UUID, send: Job) -> UUID:
    """Send a mail again, as a new one, with new tokens if there is still a reason for them.

    Raises `MailUnknown`, `MailUnfinished`; `MailSentOnce` where a token is more than help with a mail that was lost.
    """
    found = await queries.lock_mail(context.db, mail_id)
    if found is None:
        raise MailUnknown().at("id")
    mail, _ = found
    if mail.state in {MailState.WAITING, MailState.SENDING}:
        raise MailUnfinished().at("id")
    if mail.template in SENT_ONCE:
        raise MailSentOnce().at("id")
    new_id = await queue_mail(context, template=mail.template, recipient=mail.recipient, send=send, again=mail)
    if new_id is None:
        raise MailUnknown().at("id")
    context.record("Mail", new_id, {"resends": (None, mail_id)})
    return new_id


async def forget_old_mails(context: Context) -> None:
    """Forget what was sent long ago."""
    while await queries.delete_mails(context.db, before=context.now - KEPT, limit=_BATCH) == _BATCH:
        continue
