"""Whom a mail is for, and whether there is still a reason for it."""

from dataclasses import dataclass
from datetime import datetime

from mercer.fulfilment.models import Shipment
from mercer.fulfilment.service import find_shipment
from mercer.identity.models import Customer, EmailChange
from mercer.identity.service import find_customer, find_email_change, find_staff, is_token_needed
from mercer.notifications.models import Addressee, MailTemplate, Recipient
from mercer.notifications.rules import KINDS, LANGUAGES
from mercer.notifications.service.ordering import buyer_of
from mercer.orders.models import WholeOrder
from mercer.orders.service import find_whole_order
from mercer.platform.context import Context


@dataclass(frozen=True)
class Letter:
    """A mail that could be written: to whom, and about what."""

    template: MailTemplate
    recipient: Recipient
    addressee: Addressee
    order: WholeOrder | None = None
    shipment: Shipment | None = None
    change: EmailChange | None = None


async def find_letter(
    context: Context, *, recipient: Recipient, template: MailTemplate, since: datetime | None = None
) -> Letter | None:
    """Whom a mail is for and what it is about, or None if one of them is gone.

    There is no reason for a token any more if what it was asked for, `since` then, was done by another one.
    """
    if recipient.order_id is not None:
        return await _about_order(context, recipient, template)
    is_needed = await _is_token_needed(context, recipient, template, since)
    if recipient.customer_id is not None:
        return await _to_customer(context, recipient, template, is_needed=is_needed)
    assert recipient.staff_id is not None
    staff = await find_staff(context, staff_id=recipient.staff_id)
    if staff is None:
        return None
    is_to_be_told = template is not MailTemplate.STAFF_INVITATION or not staff.has_password
    has_reason = staff.is_active and is_needed and is_to_be_told
    addressee = Addressee(staff.email, staff.name, LANGUAGES[0], has_reason)
    return Letter(template, recipient, addressee)


async def _to_customer(
    context: Context, recipient: Recipient, template: MailTemplate, *, is_needed: bool
) -> Letter | None:
    assert recipient.customer_id is not None
    customer = await find_customer(context, customer_id=recipient.customer_id)
    change = None
    if recipient.email_change_id is not None:
        change = await find_email_change(context, email_change_id=recipient.email_change_id)
    if customer is None or (change is None and recipient.email_change_id is not None):
        return None
    has_reason = is_needed and customer.blocked_at is None and _is_to_be_told(customer, change, template)
    # Until an address is verified anybody may have given the name, to have us mail his words to others.
    is_known = customer.email_verified_at is not None and template is not MailTemplate.ADDRESS_CHANGE
    email, name = _address(customer, change, template), customer.name if is_known else ""
    return Letter(template, recipient, Addressee(email, name, customer.language, has_reason), change=change)


def _address(customer: Customer, change: EmailChange | None, template: MailTemplate) -> str:
    if change is not None and template is MailTemplate.ADDRESS_CHANGE:
        return change.new_email
    if change is not None and template is MailTemplate.ADDRESS_CHANGED:
        return change.old_email
    return customer.email


def _is_to_be_told(customer: Customer, change: EmailChange | None, template: MailTemplate) -> bool:
    is_verified = customer.email_verified_at is not None
    match template:
        case MailTemplate.VERIFY_ADDRESS:
            return not is_verified
        case MailTemplate.UNLOCK:
            return is_verified
        case MailTemplate.ADDRESS_CHANGE:
            return change is None or (change.confirmed_at is None and change.ended_at is None)
        case MailTemplate.ADDRESS_CHANGED:
            return change is None or change.undone_at is None
        case _:
            return True


async def _is_token_needed(
    context: Context, recipient: Recipient, template: MailTemplate, since: datetime | None
) -> bool:
    purpose = KINDS[template].purpose
    if purpose is None or since is None:
        return True
    return await is_token_needed(
        context, purpose=purpose, since=since, customer_id=recipient.customer_id, staff_id=recipient.staff_id
    )


async def _about_order(context: Context, recipient: Recipient, template: MailTemplate) -> Letter | None:
    assert recipient.order_id is not None
    order = await find_whole_order(context, order_id=recipient.order_id)
    buyer = None if order is None else buyer_of(order, template)
    if buyer is None:
        return None
    shipment = None
    if recipient.shipment_id is not None:
        shipment = await find_shipment(context, shipment_id=recipient.shipment_id)
    if shipment is None and KINDS[template].is_about_shipment:
        return None
    return Letter(template, recipient, buyer, order, shipment)
