"""Mails about orders: to guests too, in the order's language, once."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from tests.fulfilment.buying import Bought, buy
from tests.notifications.office import Office, words
from tests.selling import Selling, a_selling_shop

from mercer.fulfilment.events import ShipmentCreated
from mercer.fulfilment.models import ShippedLine
from mercer.fulfilment.service import create_shipment
from mercer.notifications import handlers
from mercer.orders.events import OrderCancelled, OrderPlaced
from mercer.orders.service import cancel, order_of_token
from mercer.platform.events import Event
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction

SPACE = "\u00a0"
MAILS = "SELECT template, language, state, order_id, shipment_id, customer_id FROM notifications.mail ORDER BY id"


@pytest.fixture
async def selling(settings: Settings) -> AsyncIterator[Selling]:
    async with a_selling_shop(settings) as shop:
        yield shop


async def ship(office: Office, bought: Bought, sku: str, quantity: int, number: str | None = None) -> UUID:
    async with transaction(office.context) as context:
        return await create_shipment(
            context,
            order_id=bought.id,
            lines=[ShippedLine(order_line_id=bought.lines[sku], quantity=quantity)],
            carrier=None if number is None else "DHL",
            tracking_number=number,
        )


async def cancelled(office: Office, bought: Bought) -> None:
    async with transaction(office.context) as context:
        await cancel(context, order_id=bought.id, reason="Our stock was flooded")


async def test_a_guest_is_told_what_he_bought(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 2, "GLASS-1": 1})
    await office.work_off()
    (message,) = office.messages
    assert message["To"] == "Ada Lovelace <ada@example.org>"
    assert message["Subject"] == f"Your order {bought.number} at Larkmoor"
    text, html = words(message)
    # 3 x 12.50, delivery at 4.90, and 8.875 per cent on each: 2.22 + 1.11 + 0.43.
    for said in (
        "2 x Product MUG-1-R, Red",
        "1 x Product GLASS-1",
        "$25.00",
        "$12.50",
        "$37.50",
        "(Standard)",
        "$4.90",
        "$3.76",
        "$46.16",
        "1 Main St",
        "NEW YORK, NY 10001",
        "United States",
    ):
        assert said in text
        assert said in html
    assert text.count("1 Main St") == 1
    assert await office.sql(MAILS) == [("order_confirmation", "en", "sent", bought.id, None, None)]


async def test_the_link_opens_the_order_and_its_token_stands_nowhere(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 1})
    await office.work_off()
    text, html = words(office.messages[0])
    address = re.escape(f"https://larkmoor.example/orders/{bought.number}#token=")
    [token] = re.findall(rf"{address}(\S+)", text)
    assert f"#token={token}" in html
    async with transaction(office.context) as context:
        assert await order_of_token(context, token=token) == bought.id
    for table in ("platform.outbox", "platform.audit", "notifications.mail", "procrastinate.procrastinate_jobs"):
        for secret in (token, "ada@example.org", "Lovelace"):
            kept = await office.sql(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :it", it=f"%{secret}%")
            assert kept == [(0,)]


async def test_mails_are_in_the_orders_language(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-B": 2}, channel="eu", language="de-AT", email="joerg@example.org")
    await ship(office, bought, "MUG-1-B", 2, "RR1")
    await office.work_off()
    by_subject = {message["Subject"]: words(message) for message in office.messages}
    confirmed = by_subject[f"Ihre Bestellung {bought.number} bei Larkmoor"][0]
    shipped = by_subject[f"Ihre Bestellung {bought.number} bei Larkmoor ist unterwegs"][0]
    assert confirmed.startswith("Guten Tag Jörg Weiß,")
    assert f"Gesamt: 29,90{SPACE}€ (darin 4,77{SPACE}€ Steuern)" in confirmed
    assert "Deutschland" in confirmed
    assert "2 x Product MUG-1-B" in shipped
    assert "Versand mit: DHL" in shipped
    assert re.search(r"Sendung verfolgen: https://www\.dhl\.com/\S+RR1\s", shipped)
    assert {language for _, language, *_ in await office.sql(MAILS)} == {"de"}


async def test_each_parcel_has_its_mail(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    await office.work_off()
    shipments = [await ship(office, bought, "MUG-1-R", 1, "A1"), await ship(office, bought, "MUG-1-R", 2)]
    await office.work_off()
    told = sorted(words(message)[0] for message in office.messages[1:])
    assert [re.findall(r"\d x [^\r\n]*", each) for each in told] == [
        ["1 x Product MUG-1-R, Red"],
        ["2 x Product MUG-1-R, Red"],
    ]
    assert "Tracking number: A1" in told[0]
    assert "Tracking" not in told[1]
    mails = await office.sql(MAILS)
    assert sorted(mails[1:]) == sorted(("order_shipped", "en", "sent", bought.id, each, None) for each in shipments)


async def test_a_cancellation_is_told(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    await office.work_off()
    await cancelled(office, bought)
    await office.work_off()
    text, html = words(office.messages[1])
    assert office.messages[1]["Subject"] == f"Your order {bought.number} at Larkmoor was cancelled"
    assert "for $46.16 was cancelled" in text
    # What staff noted is theirs.
    assert "flooded" not in text + html


async def test_who_was_told_nothing_is_not_told_of_its_end(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3}, paid=None)
    await cancelled(office, bought)
    await office.work_off()
    assert (office.messages, await office.sql(MAILS)) == ([], [])


async def test_an_order_that_was_cancelled_meanwhile_is_not_confirmed(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    await cancelled(office, bought)
    await office.work_off()
    assert [message["Subject"] for message in office.messages] == [
        f"Your order {bought.number} at Larkmoor was cancelled"
    ]
    states = {template: state for template, _, state, *_ in await office.sql(MAILS)}
    assert states == {"order_confirmation": "skipped", "order_cancelled": "sent"}


async def test_an_event_that_comes_again_brings_no_second_mail(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    shipment_id = await ship(office, bought, "MUG-1-R", 1)
    await office.work_off()
    for event in (
        OrderPlaced(order_id=bought.id),
        ShipmentCreated(shipment_id=shipment_id, order_id=bought.id),
        OrderPlaced(order_id=bought.id),
    ):
        await office.announce(event)
    assert len(office.messages) == 2


async def test_an_event_handled_several_times_at_once_brings_one_mail(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})

    async def handle() -> None:
        async with transaction(office.context) as context:
            await handlers.confirm_order(context, OrderPlaced(order_id=bought.id))

    await asyncio.gather(*[handle() for _ in range(8)])
    await office.work_off()
    assert len(office.messages) == 1
    assert len(await office.sql(MAILS)) == 1


async def test_staff_may_send_it_again(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    await office.work_off()
    ((mail_id,),) = await office.sql("SELECT id::text FROM notifications.mail")
    resend = """mutation ($id: ID!) { mailResend(id: $id) {
        ... on Mail { id template order { number } shipment { id } customer { email } } } }"""
    again = (await selling.admin(resend, {"id": mail_id}))["mailResend"]
    assert again == {
        "id": again["id"],
        "template": "ORDER_CONFIRMATION",
        "order": {"number": bought.number},
        "shipment": None,
        "customer": None,
    }
    await office.work_off()
    assert len(office.messages) == 2
    assert len({message["Message-ID"] for message in office.messages}) == 2


@pytest.mark.parametrize(
    "event",
    [
        OrderPlaced(order_id=uuid4()),
        OrderCancelled(order_id=uuid4(), was_placed=True),
        ShipmentCreated(shipment_id=uuid4(), order_id=uuid4()),
    ],
    ids=lambda event: type(event).__name__,
)
async def test_of_what_there_is_not_nobody_is_told(office: Office, event: Event) -> None:
    await office.announce(event)
    assert (office.messages, await office.sql(MAILS)) == ([], [])


async def test_nobody_is_told_where_no_address_is_known(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    async with office.context.database.transaction() as connection:
        forget = """UPDATE orders."order" SET email = NULL, email_key = NULL, external_id = 'past:1' WHERE id = :id"""
        await connection.execute(sa.text("ALTER TABLE orders.order DISABLE TRIGGER USER"))
        await connection.execute(sa.text(forget), {"id": bought.id})
    await office.work_off()
    assert (office.messages, await office.sql(MAILS)) == ([], [])


PREVIEW = """query ($template: MailTemplate!, $language: String!, $id: ID!) {
    mailPreview(template: $template, language: $language, id: $id) { subject text html } }"""


async def test_staff_see_what_a_mail_about_an_order_would_say(selling: Selling, office: Office) -> None:
    bought = await buy(selling, {"MUG-1-R": 3})
    shipment_id = await ship(office, bought, "MUG-1-R", 1)
    kinds = {"ORDER_CONFIRMATION": bought.id, "ORDER_SHIPPED": shipment_id, "ORDER_CANCELLED": bought.id}
    for template, id in kinds.items():
        for language in ("en", "de-CH"):
            asked: dict[str, Any] = {"template": template, "language": language, "id": str(id)}
            seen = (await selling.admin(PREVIEW, asked))["mailPreview"]
            assert bought.number in seen["subject"]
            # It opens nothing.
            assert f"orders/{bought.number}#token={'x' * 43}" in seen["text"]
            for none in (str(uuid4()), "nonsense"):
                assert await selling.admin(PREVIEW, {**asked, "id": none}) == {"mailPreview": None}
    assert (await selling.admin(PREVIEW, {**asked, "template": "ORDER_SHIPPED"})) == {"mailPreview": None}
