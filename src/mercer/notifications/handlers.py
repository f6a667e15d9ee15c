"""Which mail follows which event."""

from uuid import UUID

from mercer.fulfilment.events import ShipmentCreated
from mercer.identity.events import (
    AccountHeldUp,
    ApiKeyCreated,
    CustomerEmailChanged,
    CustomerEmailRestored,
    CustomerRegistered,
    EmailChangeRequested,
    EmailChangeTaken,
    FactorAdded,
    FactorRemoved,
    PasswordChanged,
    PasswordResetRequested,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    RegistrationRepeated,
    SessionReplayed,
    StaffCreated,
    StaffInvited,
    StaffRecoveryBegun,
    VerificationRequested,
)
from mercer.identity.service import find_made_key, list_administrators
from mercer.notifications.jobs import send_mail
from mercer.notifications.models import MailTemplate, Recipient
from mercer.notifications.service import queue_mail
from mercer.orders.events import OrderCancelled, OrderPlaced
from mercer.platform.context import Context


async def ask_to_verify(context: Context, event: CustomerRegistered | VerificationRequested) -> None:
    """Have a customer show that the address is his. Nobody is written to when nobody has it."""
    await _tell(context, MailTemplate.VERIFY_ADDRESS, event.customer_id)


async def tell_of_registration(context: Context, event: RegistrationRepeated) -> None:
    """Tell a customer that somebody tried to register with his address."""
    await _tell(context, MailTemplate.ACCOUNT_EXISTS, event.customer_id)


async def send_reset(context: Context, event: PasswordResetRequested) -> None:
    """Lead a customer to where he sets a new password. Nobody is written to when there is no such customer."""
    await _tell(context, MailTemplate.PASSWORD_RESET, event.customer_id)


async def tell_of_password(context: Context, event: PasswordChanged) -> None:
    """Tell somebody that his password was changed."""
    await _tell(context, MailTemplate.PASSWORD_CHANGED, event.customer_id, event.staff_id)


async def confirm_address(context: Context, event: EmailChangeRequested) -> None:
    """Have a customer show that the address that he wants is his: it is written to there."""
    await _about_change(context, MailTemplate.ADDRESS_CHANGE, event.customer_id, event.email_change_id)


async def tell_of_address(context: Context, event: CustomerEmailChanged) -> None:
    """Tell a customer where he was reached before that his address is another one, and how he gets it back."""
    await _about_change(context, MailTemplate.ADDRESS_CHANGED, event.customer_id, event.email_change_id)


async def tell_of_old_address(context: Context, event: CustomerEmailRestored) -> None:
    """Tell a customer that he has his address back."""
    await _about_change(context, MailTemplate.ADDRESS_RESTORED, event.customer_id, event.email_change_id)


async def tell_of_wanted_address(context: Context, event: EmailChangeTaken) -> None:
    """Tell a customer that somebody wanted his address."""
    await _tell(context, MailTemplate.ADDRESS_TAKEN, event.customer_id)


async def tell_of_factor(context: Context, event: FactorAdded | FactorRemoved) -> None:
    """Tell somebody that he has one second factor more, or less."""
    template = MailTemplate.FACTOR_ADDED if isinstance(event, FactorAdded) else MailTemplate.FACTOR_REMOVED
    await _tell(context, template, event.customer_id, event.staff_id)


async def tell_of_codes(context: Context, event: RecoveryCodesMade | RecoveryCodeUsed) -> None:
    """Tell somebody that he has new recovery codes, or that one was used."""
    is_new = isinstance(event, RecoveryCodesMade)
    template = MailTemplate.RECOVERY_CODES_MADE if is_new else MailTemplate.RECOVERY_CODE_USED
    await _tell(context, template, event.customer_id, event.staff_id)


async def tell_of_replay(context: Context, event: SessionReplayed) -> None:
    """Tell somebody that somebody else may have had his session, which is over."""
    recipient = Recipient(event.customer_id, event.staff_id, session_id=event.session_id)
    await _queue(context, MailTemplate.SESSION_REPLAYED, recipient)


async def send_unlock(context: Context, event: AccountHeldUp) -> None:
    """Let somebody try again at whose account others guessed. Nobody is written to when there is no such account."""
    await _tell(context, MailTemplate.UNLOCK, event.customer_id, event.staff_id)


async def invite_staff(context: Context, event: StaffCreated | StaffInvited) -> None:
    """Lead a new member of staff to where he sets a password, if he has none."""
    await _tell(context, MailTemplate.STAFF_INVITATION, None, event.staff_id)


async def recover_staff(context: Context, event: StaffRecoveryBegun) -> None:
    """Lead a member of staff whom another one recovers to where he sets a new password."""
    await _tell(context, MailTemplate.STAFF_RECOVERY, None, event.staff_id)


async def tell_of_key(context: Context, event: ApiKeyCreated) -> None:
    """Tell of a new API key whoever made it, for only he knows whether it was he, and all administrators.

    It acts for the shop, and whoever took its maker's account over may read his mail too.
    """
    key = await find_made_key(context, api_key_id=event.api_key_id)
    told = set(await list_administrators(context))
    if key is not None and key.created_by is not None:
        told.add(key.created_by)
    for staff_id in sorted(told):
        await _queue(context, MailTemplate.API_KEY_CREATED, Recipient(staff_id=staff_id, api_key_id=event.api_key_id))


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


async def _tell(
    context: Context, template: MailTemplate, customer_id: UUID | None, staff_id: UUID | None = None
) -> None:
    if customer_id is not None or staff_id is not None:
        await _queue(context, template, Recipient(customer_id, staff_id))


async def _about_change(context: Context, template: MailTemplate, customer_id: UUID, email_change_id: UUID) -> None:
    await _queue(context, template, Recipient(customer_id, email_change_id=email_change_id))


async def _queue(context: Context, template: MailTemplate, recipient: Recipient) -> None:
    await queue_mail(context, template=template, recipient=recipient, send=send_mail)
