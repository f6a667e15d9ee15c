"""What a mail says."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from mercer.fulfilment.models import Shipment
from mercer.fulfilment.service import find_shipment
from mercer.identity.service import find_customer, find_made_key, issue_token
from mercer.notifications.models import Cause, Mail, MailPreview, MailTemplate, Recipient
from mercer.notifications.rules import KINDS, NO_TOKEN, link, span, spoken
from mercer.notifications.service.addressing import Letter, find_letter
from mercer.notifications.service.ordering import order_values, shipment_values
from mercer.notifications.service.telling import account_values
from mercer.orders.models import WholeOrder
from mercer.platform.context import Context
from mercer.platform.mail import Templates, Written

TEMPLATES = Templates("mercer.notifications")


async def write_mail(context: Context, *, mail: Mail, letter: Letter) -> Written:
    """Write a mail. The token that it brings is made now, and stands nowhere else."""
    purpose, recipient = KINDS[mail.template].purpose, mail.recipient
    token = None if letter.order is None else letter.order.token
    if purpose is not None:
        token = await issue_token(
            context,
            purpose=purpose,
            customer_id=recipient.customer_id,
            staff_id=recipient.staff_id,
            email_change_id=recipient.email_change_id,
        )
    return await _written(context, letter, language=mail.language, cause=mail.cause, token=token)


async def find_recipient(context: Context, *, template: MailTemplate, id: UUID) -> Recipient | None:
    """Whom a mail would be for: a customer, a member of staff, an order's buyer, or whoever made a key.

    `id` is his, or the order's, the shipment's or the key's. Nobody need have it. None if it names nothing.
    """
    kind = KINDS[template]
    if kind.is_about_shipment:
        shipment = await find_shipment(context, shipment_id=id)
        return None if shipment is None else Recipient(order_id=shipment.order_id, shipment_id=id)
    if kind.is_about_order:
        return Recipient(order_id=id)
    if kind.is_about_key:
        key = await find_made_key(context, api_key_id=id)
        return None if key is None or key.created_by is None else Recipient(staff_id=key.created_by, api_key_id=id)
    if kind.path is None or (kind.staff_path is not None and await find_customer(context, customer_id=id) is None):
        return Recipient(staff_id=id)
    return Recipient(customer_id=id)


async def preview_mail(
    context: Context, *, template: MailTemplate, language: str, recipient: Recipient
) -> MailPreview | None:
    """What a mail would say now. Its link opens nothing. None if whom it would be for is not there."""
    letter = await find_letter(context, recipient=recipient, template=template)
    if letter is None:
        return None
    kind = KINDS[template]
    token = NO_TOKEN if kind.purpose is not None or kind.is_about_order else None
    written = await _written(
        context, letter, language=spoken(language), cause=Cause(context.now, request_id=None), token=token
    )
    return MailPreview(written.subject, written.text, written.html)


async def _written(context: Context, letter: Letter, *, language: str, cause: Cause, token: str | None) -> Written:
    settings, addressee, kind = context.settings, letter.addressee, KINDS[letter.template]
    is_staff = letter.recipient.is_staff
    if letter.order is None:
        number, about = "", await account_values(context, letter=letter, language=language, cause=cause)
    else:
        number, about = letter.order.head.number, _order_values(letter.order, letter.shipment, language)
    values = {
        "shop": settings.shop_name,
        "color": settings.shop_color,
        "name": addressee.name,
        "email": addressee.email,
        "is_staff": is_staff,
        "link": link(settings, kind, token, is_to_staff=is_staff, number=number),
        "valid": span(kind.valid_hours, language),
        **about,
    }
    return TEMPLATES.write(letter.template, language=language, values=values)


def _order_values(order: WholeOrder, shipment: Shipment | None, language: str) -> Mapping[str, Any]:
    values: dict[str, Any] = {"order": order_values(order, language)}
    if shipment is not None:
        values["shipment"] = shipment_values(shipment, order)
    return values
