"""How a mail is handed over: claimed, sent outside of any transaction, and noted."""

from dataclasses import dataclass, replace
from email.message import EmailMessage
from uuid import UUID

from mercer.notifications import queries
from mercer.notifications.errors import MailUnsent
from mercer.notifications.models import Mail, MailState
from mercer.notifications.rules import ATTEMPTS, LEASE, message_id
from mercer.notifications.service.addressing import Letter, find_letter
from mercer.notifications.service.writing import write_mail
from mercer.platform.context import Context
from mercer.platform.mail import Address, MailDelayed, MailRefused, compose, send
from mercer.platform.transactions import transaction

SENDABLE = {MailState.WAITING, MailState.SENDING}


@dataclass(frozen=True)
class Claimed:
    """A mail that is this attempt's to send."""

    mail: Mail
    message: EmailMessage
    name: str
    """What its files are called where it is written into a folder."""


async def deliver_mail(context: Context, *, mail_id: UUID) -> None:
    """Send a mail, unless it is sent, refused or given up already. It opens its own transactions.

    It is claimed before: of several at once, one sends it. When the process dies after the server took the mail and
    before that is noted, it is sent again once the claim has run out, with the same Message-ID: it may come twice, and
    is never lost. Raises `MailUnsent`.
    """
    claimed = await _claim(context, mail_id)
    if claimed is None:
        return
    try:
        await send(context.settings, claimed.message, name=claimed.name)
    except MailRefused as refused:
        await _note(context, claimed, MailState.REFUSED, problem=str(refused))
    except MailDelayed as delayed:
        is_last = claimed.mail.attempts >= ATTEMPTS
        await _note(context, claimed, MailState.FAILED if is_last else MailState.WAITING, problem=str(delayed))
        if not is_last:
            raise MailUnsent(problem=str(delayed)) from None
    else:
        await _note(context, claimed, MailState.SENT)


async def _claim(context: Context, mail_id: UUID) -> Claimed | None:
    """Take a mail to send it, and write it. None if there is nothing to send. Raises `MailUnsent`."""
    async with transaction(context) as within:
        found = await queries.lock_mail(within.db, mail_id)
        if found is None or found[0].state not in SENDABLE:
            return None
        mail, claimed_at = found
        if mail.state is MailState.SENDING and claimed_at is not None and within.now < claimed_at + LEASE:
            raise MailUnsent(problem="another attempt is under way")
        letter = await find_letter(within, recipient=mail.recipient, template=mail.template, since=mail.cause.at)
        if letter is None or not letter.addressee.has_reason:
            await queries.update_mail(within.db, mail_id, state=MailState.SKIPPED)
            return None
        message = await _message(within, mail, letter)
        await queries.update_mail(
            within.db,
            mail_id,
            state=MailState.SENDING,
            attempts=mail.attempts + 1,
            claimed_at=within.now,
            message_id=message["Message-ID"],
        )
    mail = replace(mail, state=MailState.SENDING, attempts=mail.attempts + 1)
    return Claimed(mail, message, f"{context.now:%Y%m%d-%H%M%S}-{mail.template}-{mail.id}")


async def _message(context: Context, mail: Mail, letter: Letter) -> EmailMessage:
    settings = context.settings
    written = await write_mail(context, mail=mail, letter=letter)
    return compose(
        written,
        sender=Address(settings.mail_sender, settings.shop_name),
        to=Address(letter.addressee.email, letter.addressee.name),
        message_id=message_id(settings, mail.id),
        at=context.now,
    )


async def _note(context: Context, claimed: Claimed, state: MailState, *, problem: str | None = None) -> None:
    """Note what became of an attempt, unless a later one has claimed the mail meanwhile."""
    async with transaction(context) as within:
        found = await queries.lock_mail(within.db, claimed.mail.id)
        if found is None or found[0].attempts != claimed.mail.attempts:
            return
        sent_at = context.now if state is MailState.SENT else None
        await queries.update_mail(within.db, claimed.mail.id, state=state, sent_at=sent_at, problem=problem)
