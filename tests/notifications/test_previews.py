"""Who may see what a mail would say: whoever may see all that it tells of."""

from typing import Any

from tests.bounded_staff import codes, in_channels, somebody
from tests.fulfilment.buying import buy
from tests.people import person_id
from tests.selling import Selling

from mercer.fulfilment.models import ShippedLine
from mercer.fulfilment.service import create_shipment
from mercer.platform.transactions import transaction

PREVIEW = """query ($template: MailTemplate!, $id: ID!) {
    mailPreview(template: $template, language: "en", id: $id) { subject } }"""


async def test_a_mail_about_a_shipment(selling: Selling) -> None:
    """Its channel's shipments have to be seen too, not only its orders."""
    bought = await buy(selling, {"MUG-1-R": 1})
    async with transaction(selling.context) as context:
        lines = [ShippedLine(order_line_id=bought.lines["MUG-1-R"], quantity=1)]
        shipment = await create_shipment(context, order_id=bought.id, lines=lines, carrier=None, tracking_number=None)
    asked = {"template": "ORDER_SHIPPED", "id": str(shipment)}
    reads = ("mails.read", "orders.read", "personal_data.read")

    async def preview(*more: str, **bounds: Any) -> Any:
        named = {name.replace("_", "."): bound for name, bound in bounds.items()}
        return await somebody(selling.settings, selling.http, *reads, *more, bounds=named).send(PREVIEW, asked)

    american, german = in_channels(selling.channels["us"]), in_channels(selling.channels["eu"])
    needed = "This needs the permission shipments.read"
    assert codes(await preview()) == [("FORBIDDEN", f"{needed}.")]
    refused = await preview("shipments.read", shipments_read=german)
    assert codes(refused) == [("FORBIDDEN", f"{needed}; yours is limited by channel.")]
    shown = await preview("shipments.read", shipments_read=american)
    assert bought.number in shown.json()["data"]["mailPreview"]["subject"]


async def test_a_mail_to_a_customer(selling: Selling) -> None:
    asked = {"template": "PASSWORD_RESET", "id": str(person_id("customer"))}
    reads = {"customers.read", "personal_data.read"}
    for lacking in reads:
        caller = somebody(selling.settings, selling.http, "mails.read", *(reads - {lacking}))
        assert codes(await caller.send(PREVIEW, asked)) == [("FORBIDDEN", f"This needs the permission {lacking}.")]
    caller = somebody(selling.settings, selling.http, "mails.read", *reads)
    assert (await caller(PREVIEW, asked))["mailPreview"] is not None
