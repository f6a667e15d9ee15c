"""What a mail says."""

from uuid import UUID

from mercer.identity.models import TokenPurpose
from mercer.identity.service import find_customer, find_staff, issue_token
from mercer.notifications.models import Addressee, MailPreview, MailTemplate, Recipient
from mercer.notifications.rules import KINDS, LANGUAGES, NO_TOKEN, Kind, link, spoken
from mercer.platform.context import Context
from mercer.platform.mail import Templates, Written

TEMPLATES = Templates("mercer.notifications")


async def find_addressee(context: Context, *, recipient: Recipient, template: MailTemplate) -> Addressee | None:
    """Whom a mail is for, or None if he is gone."""
    if recipient.customer_id is not None:
        customer = await find_customer(context, customer_id=recipient.customer_id)
        if customer is None:
            return None
        is_verified = customer.email_verified_at is not None
        has_reason = customer.blocked_at is None and not (is_verified and template is MailTemplate.VERIFY_ADDRESS)
        # Until the address is verified anybody may have given the name, to have us mail his words to others.
        return Addressee(customer.email, customer.name if is_verified else "", customer.language, has_reason)
    assert recipient.staff_id is not None
    staff = await find_staff(context, staff_id=recipient.staff_id)
    return None if staff is None else Addressee(staff.email, staff.name, LANGUAGES[0], staff.is_active)


async def write_mail(
    context: Context, *, template: MailTemplate, language: str, recipient: Recipient, addressee: Addressee
) -> Written:
    """Write a mail. The token that it brings is issued now, and stands nowhere else."""
    kind = KINDS[template]
    token = None
    if kind.purpose is not None and recipient.customer_id is not None:
        token = await issue_token(context, customer_id=recipient.customer_id, purpose=TokenPurpose(kind.purpose))
    return _written(context, template, kind, language, addressee, token)


async def preview_mail(
    context: Context, *, template: MailTemplate, language: str, recipient_id: UUID
) -> MailPreview | None:
    """What a mail to this customer or member of staff would say. Its link opens nothing. None if there is no such."""
    kind = KINDS[template]
    recipient = Recipient(staff_id=recipient_id) if kind.is_to_staff else Recipient(customer_id=recipient_id)
    addressee = await find_addressee(context, recipient=recipient, template=template)
    if addressee is None:
        return None
    token = None if kind.purpose is None else NO_TOKEN
    written = _written(context, template, kind, spoken(language), addressee, token)
    return MailPreview(written.subject, written.text, written.html)


def _written(
    context: Context, template: MailTemplate, kind: Kind, language: str, addressee: Addressee, token: str | None
) -> Written:
    settings = context.settings
    values = {
        "shop": settings.shop_name,
        "color": settings.shop_color,
        "name": addressee.name,
        "email": addressee.email,
        "link": link(settings, kind, token),
        "hours": kind.valid_hours,
    }
    return TEMPLATES.write(template, language=language, values=values)
