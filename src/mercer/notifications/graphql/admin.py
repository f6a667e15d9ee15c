"""Mails, as the admin API shows them: that they were sent, and what they would say now."""

from datetime import datetime

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from mercer.fulfilment.graphql.admin import Shipment
from mercer.identity.graphql.admin import Customer, StaffMember
from mercer.notifications import models, service, tables
from mercer.notifications.rules import KINDS, LANGUAGES
from mercer.orders.graphql.admin import Order
from mercer.orders.service import find_order
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Given,
    Listing,
    Listings,
    Sort,
    SortDirection,
    column,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.operators import DateTimeOperators
from mercer.platform.permissions import check_access
from mercer.platform.scopes import check_scope
from mercer.platform.transactions import transaction

strawberry.enum(models.MailTemplate, description=models.MailTemplate.__doc__)
strawberry.enum(models.MailState, description=models.MailState.__doc__)


@view(tables.mail)
class Mail:
    """A mail to a customer, a member of staff, or whoever bought an order. What it said is not kept."""

    id: strawberry.ID = column()
    template: models.MailTemplate = column()
    language: str = column()
    state: models.MailState = column()
    attempts: int = column(description="How often it was handed to the mail server.")
    problem: str | None = column(description="Why the last attempt failed.")
    message_id: str | None = column(description="What mail servers know it by.")
    created_at: datetime = column()
    sent_at: datetime | None = column()
    customer: Customer | None = one(
        on=lambda mail, customer: customer.c.id == mail.c.customer_id, needs="customers.read"
    )
    staff: StaffMember | None = one(on=lambda mail, staff: staff.c.id == mail.c.staff_id, needs="staff.read")
    order: Order | None = one(on=lambda mail, order: order.c.id == mail.c.order_id, needs="orders.read")
    shipment: Shipment | None = one(
        on=lambda mail, shipment: shipment.c.id == mail.c.shipment_id, needs="shipments.read"
    )


@strawberry.type
class MailTemplateLanguages:
    """A mail that there is, and the languages that it is written in."""

    template: models.MailTemplate
    languages: list[str]


@strawberry.type
class MailPreview:
    """What a mail would say now. Its link opens nothing."""

    subject: str
    text: str
    html: str


async def list_templates(first: int = 100) -> list[MailTemplateLanguages]:
    found = [MailTemplateLanguages(template=each, languages=list(LANGUAGES)) for each in models.MailTemplate]
    return found[: max(first, 0)]


async def preview(
    info: strawberry.Info[Context, None], template: models.MailTemplate, language: str, id: strawberry.ID
) -> MailPreview | None:
    actor, about = info.context.actor, given_id(id)
    async with transaction(info.context) as context:
        recipient = await service.find_recipient(context, template=template, id=about)
        if recipient is None:
            return None
        check_access(actor, _needed(template, recipient), operation=info.field_name)
        if recipient.order_id is not None:
            order = await find_order(context, order_id=recipient.order_id)
            for limited in _READS_OF_SHIPMENTS if KINDS[template].is_about_shipment else _READS_OF_ORDERS:
                check_scope(context, limited, channel_id=None if order is None else order.channel_id)
        found = await service.preview_mail(context, template=template, language=language, recipient=recipient)
    return None if found is None else MailPreview(subject=found.subject, text=found.text, html=found.html)


_READS_OF_ORDERS = ("orders.read",)
_READS_OF_SHIPMENTS = (*_READS_OF_ORDERS, "shipments.read")


def _needed(template: models.MailTemplate, recipient: models.Recipient) -> tuple[str, ...]:
    """What a preview needs besides: all that shows what the mail tells."""
    kind = KINDS[template]
    if kind.is_about_key:
        return ("staff.read", "api_keys.read")
    if recipient.is_staff:
        return ("staff.read",)
    if recipient.order_id is None:
        return ("personal_data.read", "customers.read")
    return ("personal_data.read", *(_READS_OF_SHIPMENTS if kind.is_about_shipment else _READS_OF_ORDERS))


@strawberry.type
class Query:
    mail: Mail | None = one(
        arguments={"id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value)}, needs="mails.read"
    )
    mails: Connection[Mail] = page(needs="mails.read")
    mail_templates: list[MailTemplateLanguages] = strawberry.field(
        resolver=list_templates, metadata={"needs": "mails.read"}, description="The mails that there are."
    )
    mail_preview: MailPreview | None = strawberry.field(
        resolver=preview,
        metadata={"needs": "mails.read"},
        description="What a mail to this customer or member of staff would say, or about this order, shipment or "
        "API key. One to a member of staff needs `staff.read` too, about a key also `api_keys.read`; one to a customer "
        "`personal_data.read` and `customers.read`; one about an order `personal_data.read` and `orders.read`, about "
        "a shipment also `shipments.read`.",
    )


@strawberry.input(description="What has become of mails.")
class MailStateOperators:
    eq: models.MailState | None = UNSET
    in_: list[models.MailState] | None = strawberry.field(name="in", default=UNSET)


@strawberry.input(description="Which mails.")
class MailTemplateOperators:
    eq: models.MailTemplate | None = UNSET
    in_: list[models.MailTemplate] | None = strawberry.field(name="in", default=UNSET)


def _is_one_of(column: sa.ColumnElement[str], given: Given) -> sa.ColumnElement[bool]:
    asked = [[given["eq"]]] if "eq" in given else []
    if "in" in given:
        asked.append(list(given["in"].items))
    return sa.and_(sa.true(), *(column.in_([each.constant.value for each in members]) for members in asked))


LISTINGS: Listings = {
    Mail: Listing(
        filters={
            "state": Filter(MailStateOperators, lambda row, given: _is_one_of(row.c.state, given)),
            "template": Filter(MailTemplateOperators, lambda row, given: _is_one_of(row.c.template, given)),
            "createdAt": Filter(DateTimeOperators, lambda row, given: given.compared(row.c.created_at)),
        },
        sorts={"CREATED_AT": Sort(lambda row: row.c.created_at)},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    )
}
