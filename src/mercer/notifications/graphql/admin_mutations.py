"""What staff may do about a mail."""

import strawberry

from mercer.notifications import service
from mercer.notifications.errors import MailSentOnce, MailUnfinished, MailUnknown
from mercer.notifications.graphql.admin import Mail
from mercer.notifications.jobs import send_mail
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import mutation, row


@mutation(MailUnknown, MailUnfinished, MailSentOnce, needs="mails.manage")
async def mail_resend(context: Context, id: strawberry.ID) -> Mail:
    """Send a mail again, as a new one: written anew, to the recipient's present address, with links that work.

    What brings somebody into an account of staff's, or gives an account another address, is sent once.
    """
    return row(Mail, await service.resend_mail(context, mail_id=given_id(id), send=send_mail))
