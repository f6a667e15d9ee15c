"""What a mail says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mercer.fulfilment.models import Shipment
from mercer.fulfilment.service import find_shipment
from mercer.identity.models import TokenPurpose
from mercer.identity.service import find_customer, find_staff, issue_token
from mercer.notifications.models import Addressee, MailPreview, MailTemplate, Recipient
from mercer.notifications.rules import KINDS, LANGUAGES, NO_TOKEN, link, spoken
from mercer.notifications.service.ordering import buyer_of, order_values, shipment_values
from mercer.orders.models import WholeOrder
from mercer.orders.service import find_whole_order
from mercer.platform.context import Context
from mercer.platform.mail import Templates, Written

TEMPLATES = Templates("mercer.notifications")


@dataclass(frozen=True)
class Letter:
    """A mail that could be written: to whom, and about what."""

    addressee: Addressee
    order: WholeOrder | None = None
    shipment: Shipment | None = None


async def find_letter(context: Context, *, recipient: Recipient, template: MailTemplate) -> Letter | None:
    """Whom a mail is for and what it is about, or None if one of them is gone."""
    if recipient.order_id is not None:
        return await _about_order(context, recipient.order_id, recipient.shipment_id, template)
    if recipient.customer_id is not None:
        customer = await find_customer(context, customer_id=recipient.customer_id)
        if customer is None:
            return None
        is_verified = customer.email_verified_at is not None
        has_reason = customer.blocked_at is None and not (is_verified and template is MailTemplate.VERIFY_ADDRESS)
        # Until the address is verified anybody may have given the name, to have us mail his words to others.
        return Letter(Addressee(customer.email, customer.name if is_verified else "", customer.language, has_reason))
    assert recipient.staff_id is not None
    staff = await find_staff(context, staff_id=recipient.staff_id)
    return None if staff is None else Letter(Addressee(staff.email, staff.name, LANGUAGES[0], staff.is_active))


async def write_mail(
    context: Context, *, template: MailTemplate, language: str, recipient: Recipient, letter: Letter
) -> Written:
    """Write a mail. The token that it brings is made now, and stands nowhere else."""
    purpose = KINDS[template].purpose
    token = None if letter.order is None else letter.order.token
    if purpose is not None and recipient.customer_id is not None:
        token = await issue_token(context, customer_id=recipient.customer_id, purpose=TokenPurpose(purpose))
    return _written(context, template, language, letter, token)


async def preview_mail(
    context: Context, *, template: MailTemplate, language: str, recipient_id: UUID
) -> MailPreview | None:
    """What a mail to this customer or member of staff, or about this order or shipment, would say.

    Its link opens nothing. None if there is no such.
    """
    recipient = await _recipient(context, template, recipient_id)
    letter = None if recipient is None else await find_letter(context, recipient=recipient, template=template)
    if letter is None:
        return None
    kind = KINDS[template]
    token = NO_TOKEN if kind.purpose is not None or kind.is_about_order else None
    written = _written(context, template, spoken(language), letter, token)
    return MailPreview(written.subject, written.text, written.html)


async def _recipient(context: Context, template: MailTemplate, id: UUID) -> Recipient | None:
    kind = KINDS[template]
    if kind.is_about_shipment:
        shipment = await find_shipment(context, shipment_id=id)
        return None if shipment is None else Recipient(order_id=shipment.order_id, shipment_id=id)
    if kind.is_about_order:
        return Recipient(order_id=id)
    return Recipient(staff_id=id) if kind.is_to_staff else Recipient(customer_id=id)


async def _about_order(
    context: Context, order_id: UUID, shipment_id: UUID | None, template: MailTemplate
) -> Letter | None:
    order = await find_whole_order(context, order_id=order_id)
    buyer = None if order is None else buyer_of(order, template)
    if buyer is None:
        return None
    shipment = None if shipment_id is None else await find_shipment(context, shipment_id=shipment_id)
    if shipment is None and KINDS[template].is_about_shipment:
        return None
    return Letter(buyer, order, shipment)


def _written(context: Context, template: MailTemplate, language: str, letter: Letter, token: str | None) -> Written:
    settings, addressee, kind = context.settings, letter.addressee, KINDS[template]
    number = "" if letter.order is None else letter.order.head.number
    values = {
        "shop": settings.shop_name,
        "color": settings.shop_color,
        "name": addressee.name,
        "email": addressee.email,
        "link": link(settings, kind, token, number=number),
        "hours": kind.valid_hours,
        **_about(letter, language),
    }
    return TEMPLATES.write(template, language=language, values=values)


def _about(letter: Letter, language: str) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    if letter.order is not None:
        values["order"] = order_values(letter.order, language)
    if letter.order is not None and letter.shipment is not None:
        values["shipment"] = shipment_values(letter.shipment, letter.order)
    return values
