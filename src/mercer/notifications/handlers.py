"""Which mail follows which event."""

from mercer.fulfilment.events import ShipmentCreated
from mercer.identity.events import (
    CustomerRegistered,
    PasswordChanged,
    PasswordResetRequested,
    RegistrationRepeated,
    StaffCreated,
)
from mercer.notifications.jobs import send_mail
from mercer.notifications.models import MailTemplate, Recipient
from mercer.notifications.service import queue_mail
from mercer.orders.events import OrderCancelled, OrderPlaced
from mercer.platform.context import Context


async def ask_to_verify(context: Context, event: CustomerRegistered) -> None:
    """Have a new customer show that the address is his."""
    await _queue(context, MailTemplate.VERIFY_ADDRESS, Recipient(event.customer_id))


async def tell_of_registration(context: Context, event: RegistrationRepeated) -> None:
    """Tell a customer that somebody tried to register with his address."""
    await _queue(context, MailTemplate.ACCOUNT_EXISTS, Recipient(event.customer_id))


async def send_reset(context: Context, event: PasswordResetRequested) -> None:
    """Lead a customer to where he sets a new password. Nobody is written to when there is no such customer."""
    if event.customer_id is not None:
        await _queue(context, MailTemplate.PASSWORD_RESET, Recipient(event.customer_id))


async def tell_of_password(context: Context, event: PasswordChanged) -> None:
    """Tell somebody that his password was changed."""
    is_staff = event.staff_id is not None
    template = MailTemplate.STAFF_PASSWORD_CHANGED if is_staff else MailTemplate.PASSWORD_CHANGED
    await _queue(context, template, Recipient(event.customer_id, event.staff_id))


async def welcome_staff(context: Context, event: StaffCreated) -> None:
    """Tell a new member of staff that he has an account."""
    await _queue(context, MailTemplate.STAFF_WELCOME, Recipient(staff_id=event.staff_id))


async def confirm_order(context: Context, event: OrderPlaced) -> None:
    """Tell whoever bought an order what he bought."""
    await _queue(context, MailTemplate.ORDER_CONFIRMATION, Recipient(order_id=event.order_id))


async def tell_of_shipment(context: Context, event: ShipmentCreated) -> None:
    """Tell whoever bought an order that something of it is on its way."""
    recipient = Recipient(order_id=event.order_id, shipment_id=event.shipment_id)
    await _queue(context, MailTemplate.ORDER_SHIPPED, recipient)


async def tell_of_cancellation(context: Context, event: OrderCancelled) -> None:
    """Tell whoever bought an order that it is not delivered any more, if he had been told that it would be."""
    if event.was_placed:
        await _queue(context, MailTemplate.ORDER_CANCELLED, Recipient(order_id=event.order_id))


async def _queue(context: Context, template: MailTemplate, recipient: Recipient) -> None:
    await queue_mail(context, template=template, recipient=recipient, send=send_mail)
