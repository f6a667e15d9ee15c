"""The first sale, by GraphQL alone: the whole first journey as it is promised, for a guest and for a customer.

The documents are the promise's own: `…` is what a shop fills in, `...` what it asks for.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.books import booked_money, faults, provider_money
from tests.callers import Caller, shop_caller
from tests.journeys.sale_documents import (
    ADMIN_ORDER,
    ADMIN_ORDERS,
    CART,
    CART_ADDRESSES_SET,
    CART_COMPLETE,
    CART_CREATE,
    CART_CUSTOMER_SET,
    CART_LINES_ADD,
    CART_LINES_UPDATE,
    CART_SHIPPING_METHOD_SET,
    MAILS,
    ME,
    MOVEMENTS,
    MY_CART,
    ORDER,
    ORDER_CANCEL,
    ORDER_PAYMENT_CONTINUE,
    ORDER_PAYMENT_START,
    PASSWORD,
    REGISTER,
    SHIPMENT_CREATE,
    SHIPMENT_OF_THE_REST,
    SIGN_IN,
    VERIFY,
    asked,
    filled,
    levels,
    mails_to,
    moved,
    trail,
)
from tests.journeys.test_browse import LISTING, PRODUCT
from tests.journeys.test_build_a_catalogue import create_staff, sign_in
from tests.notifications.office import words
from tests.platform.mail.post import Post, running
from tests.trading import Trade, a_trade

from mercer.platform.settings import Settings


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with running(Post()) as post:
        yield post


@pytest.fixture
async def trade(fresh: Settings, post: Post, tmp_path: Path) -> AsyncIterator[Trade]:
    settings = fresh.model_copy(
        update={
            "smtp_url": post.url,
            "data_dir": tmp_path,
            "shop_name": "Larkmoor",
            "mail_sender": "shop@larkmoor.example",
        }
    )
    async with a_trade(settings) as trade:
        yield trade


async def test_a_guest_buys_after_a_decline_and_3d_secure_and_is_sent_two_parcels(trade: Trade, post: Post) -> None:
    guest = shop_caller(trade.http, **{"X-Mercer-Channel": "us"})
    order = await guest_buys(trade, guest)
    await trade.work()
    assert (await asked(guest, ORDER, order["number"], order["token"])) == {
        "status": "OPEN",
        "paymentStatus": "PAID",
        "fulfilmentStatus": "UNFULFILLED",
        "lines": [
            {"sku": "MUG-1-R", "productName": "Steel Mug", "quantity": 1, "shippedQuantity": 0},
            {"sku": "TRAVEL-1", "productName": "Travel Mug", "quantity": 3, "shippedQuantity": 0},
        ],
        "total": {"gross": "117.04"},
    }
    assert (await asked(guest, ORDER, order["number"], order["token"][:-1] + "x")) is None
    assert (await asked(guest, ORDER, "US-9999", order["token"])) is None
    await create_staff(trade.settings)
    staff = await sign_in(trade.http)
    await staff_ship_in_two_parts(trade, staff, order["id"])
    assert (await asked(guest, ORDER, order["number"], order["token"]))["fulfilmentStatus"] == "FULFILLED"
    assert await levels(staff, "MUG-1-R") == {"us-east": (4, 0, 0), "both": (2, 0, 0)}
    assert await levels(staff, "TRAVEL-1") == {"us-east": (0, 0, 0), "both": (4, 0, 0)}
    moves = (await asked(staff, MOVEMENTS))["nodes"]
    assert sorted(
        (
            each["kind"],
            each["variant"]["sku"],
            each["warehouse"]["code"],
            (each["onHand"], each["allocated"], each["held"]),
        )
        for each in moves
        if each["subjectId"]
    ) == [
        ("ALLOCATED", "MUG-1-R", "us-east", (0, 1, 0)),
        ("ALLOCATED", "TRAVEL-1", "us-east", (0, 3, 0)),
        ("HELD", "MUG-1-R", "us-east", (0, 0, 1)),
        ("HELD", "TRAVEL-1", "us-east", (0, 0, 3)),
        ("HOLD_RELEASED", "MUG-1-R", "us-east", (0, 0, -1)),
        ("HOLD_RELEASED", "TRAVEL-1", "us-east", (0, 0, -3)),
        ("SHIPPED", "MUG-1-R", "us-east", (-1, -1, 0)),
        ("SHIPPED", "TRAVEL-1", "us-east", (-2, -2, 0)),
        ("SHIPPED", "TRAVEL-1", "us-east", (-1, -1, 0)),
    ]
    assert await trail(staff, order["id"]) == (
        True,
        [
            ("CAPTURE", "117.04", {"PROVIDER_CLEARING": "117.04", "RECEIVABLE": "-117.04"}),
            ("SALE", "117.04", {"RECEIVABLE": "117.04", "SALES": "-102.50", "SHIPPING": "-5.00", "TAX": "-9.54"}),
        ],
        {"PROVIDER_CLEARING": "117.04", "RECEIVABLE": "0.00", "SALES": "-102.50", "SHIPPING": "-5.00", "TAX": "-9.54"},
    )
    check_mails_to_the_guest(post)
    await trade.settle()
    assert await faults(trade.now_context, settled=True) == []
    assert await provider_money(trade.now_context) == await booked_money(trade.now_context) == {"USD": 11_704}


def check_mails_to_the_guest(post: Post) -> None:
    """What his mails say."""
    mails = mails_to(post, "ada@example.org")
    assert [message["Subject"] for message in mails] == [
        "Your order US-1001 at Larkmoor",
        "Your order US-1001 at Larkmoor is on its way",
        "Your order US-1001 at Larkmoor is on its way",
    ]
    confirmed, first, second = (words(message)[0] for message in mails)
    assert all(said in confirmed for said in ("1 x Steel Mug", "3 x Travel Mug", "$117.04", "$9.54"))
    assert "1 x Travel Mug" in first
    assert "1Z999AA10123456784" in first
    assert all(said in second for said in ("1 x Steel Mug", "2 x Travel Mug"))


async def guest_buys(trade: Trade, guest: Caller) -> Any:
    """Browse, fill a cart, be declined, pay with 3-D Secure."""
    listed = (await asked(guest, LISTING))["nodes"]
    assert [each["name"] for each in listed] == ["Steel Mug", "American Mug", "Travel Mug"]
    product = await asked(guest, PRODUCT)
    [mug] = [each["id"] for each in product["variants"] if each["available"] == 7]
    [travel] = [each["id"] for each in listed[2]["variants"]]
    created = await asked(guest, CART_CREATE, mug)
    cart_id = created["cart"]["id"]
    holder = replace(guest, headers=guest.headers | {"X-Mercer-Cart": created["token"]})
    lines = (await asked(holder, CART_LINES_ADD, cart_id, travel))["lines"]
    assert [each["quantity"] for each in lines] == [1, 2]
    lines = (await asked(holder, CART_LINES_UPDATE, cart_id, lines[1]["id"]))["lines"]
    assert [each["quantity"] for each in lines] == [1, 3]
    assert await asked(holder, CART_CUSTOMER_SET, cart_id, "ada@example.org") == {"email": "ada@example.org"}
    addressed = await asked(holder, CART_ADDRESSES_SET, cart_id, "Ada", "Byron", "1 Main St", "New York", "2125550123")
    assert addressed == {"shippingAddress": {"phone": "+12125550123"}, "billingAddress": {"line1": "5 High St"}}
    assert await guest(filled(CART, cart_id)) == {"cart": None}
    methods = (await asked(holder, CART, cart_id))["shippingMethods"]
    assert [(each["name"], each["price"]["amount"]) for each in methods] == [("Standard", "5.00"), ("Express", "15.00")]
    chosen = await asked(holder, CART_SHIPPING_METHOD_SET, cart_id, methods[0]["id"])
    assert chosen == {"shippingMethod": {"id": methods[0]["id"]}}
    # 8.875 per cent, a line at a time, half up: 1.109375, 7.9875, and 0.44375 for the delivery.
    assert await asked(holder, CART, cart_id) == {
        "shippingMethods": methods,
        "lines": [
            {
                "id": lines[0]["id"],
                "quantity": 1,
                "unitPrice": {"net": "12.50", "gross": "13.61"},
                "total": {"gross": "13.61"},
            },
            {
                "id": lines[1]["id"],
                "quantity": 3,
                "unitPrice": {"net": "30.00", "gross": "32.66"},
                "total": {"gross": "97.99"},
            },
        ],
        "subtotal": {"gross": "111.60"},
        "shippingTotal": {"gross": "5.44"},
        "discountTotal": {"gross": "0.00"},
        "taxTotal": {"amount": "9.54"},
        "total": {"net": "107.50", "gross": "117.04"},
    }
    return await guest_pays(trade, guest, holder, cart_id)


async def guest_pays(trade: Trade, guest: Caller, holder: Caller, cart_id: str) -> Any:
    """Be taken for somebody else, be declined, and pay after 3-D Secure."""
    assert await asked(guest, CART_COMPLETE, cart_id, "117.04", 'token: "ok"') == {
        "code": "CART_NOT_FOUND",
        "message": "There is no such cart, or what was shown does not open it.",
    }
    declined = await asked(holder, CART_COMPLETE, cart_id, "117.04", 'token: "decline"')
    number, token = declined["order"]["number"], declined["order"]["token"]
    assert declined == {
        "order": {"number": "US-1001", "token": token},
        "isRetryable": True,
        "message": "The card has insufficient funds.",
    }
    payment = 'provider: "simulator", token: "3ds", returnUrl: "https://larkmoor.example/orders/US-1001"'
    action = await asked(guest, ORDER_PAYMENT_START, token, payment)
    assert action["order"] == {"number": number, "token": token}
    assert action["clientSecret"]
    page = await trade.http.get(action["redirectUrl"])
    assert (page.status_code, "117.04 USD" in page.text, "US-1001" in page.text) == (200, True, True)
    back = await trade.decide(action["redirectUrl"], "approve")
    assert (back.status_code, back.headers["location"]) == (303, "https://larkmoor.example/orders/US-1001")
    paid = await asked(guest, ORDER_PAYMENT_CONTINUE, token, action["attemptId"])
    assert paid == {
        "id": paid["id"],
        "number": number,
        "token": token,
        "status": "OPEN",
        "paymentStatus": "PAID",
        "total": {"gross": "117.04"},
    }
    # Asked again, whatever he asks: it is bought, once.
    assert await asked(holder, CART_COMPLETE, cart_id, "117.04", 'token: "ok"') == paid
    assert await asked(guest, ORDER_PAYMENT_CONTINUE, token, action["attemptId"]) == paid
    return paid


async def staff_ship_in_two_parts(trade: Trade, staff: Caller, order_id: str) -> None:
    """One piece, then the rest."""
    listed = await asked(staff, ADMIN_ORDERS)
    assert listed == {
        "nodes": [
            {
                "number": "US-1001",
                "status": "OPEN",
                "paymentStatus": "PAID",
                "fulfilmentStatus": "UNFULFILLED",
                "customer": None,
                "total": {"gross": "117.04"},
            }
        ],
        "totalCount": 1,
    }
    lines = {each["sku"]: each["id"] for each in (await asked(staff, ADMIN_ORDER, order_id))["lines"]}
    part = await moved(staff, SHIPMENT_CREATE, order_id, lines["TRAVEL-1"], "UPS", "1Z999AA10123456784")
    assert part["order"] == {"status": "OPEN", "fulfilmentStatus": "PARTIAL"}
    await trade.work()
    assert (await moved(staff, ORDER_CANCEL, order_id, "Changed their mind"))["code"] == "ORDER_SHIPPED"
    rest = await moved(staff, SHIPMENT_OF_THE_REST, order_id)
    assert rest["order"] == {"status": "COMPLETED", "fulfilmentStatus": "FULFILLED"}
    assert (await moved(staff, SHIPMENT_OF_THE_REST, order_id)) == rest
    await trade.work()
    told = [each["kind"] for each in (await asked(staff, ADMIN_ORDER, order_id))["timeline"]]
    assert [each for each in told if each in {"CREATED", "PLACED", "COMPLETED"}] == ["CREATED", "PLACED", "COMPLETED"]


async def test_a_customers_carts_become_one_which_he_buys_and_staff_cancel(trade: Trade, post: Post) -> None:
    german = shop_caller(trade.http, **{"X-Mercer-Channel": "eu", "Accept-Language": "de"})
    customer = await a_customer(trade, german, post)
    order = await customer_buys(trade, german, customer)
    await trade.work()
    mine = await customer(ME)
    assert mine == {
        "me": {"email": "jo@example.org"},
        "mySessions": {"totalCount": 1},
        "myOrders": {
            "nodes": [{"number": "EU-1001", "status": "OPEN", "paymentStatus": "PAID", "total": {"gross": "45.87"}}]
        },
    }
    await create_staff(trade.settings)
    staff = await sign_in(trade.http)
    assert await levels(staff, "MUG-1-B") == {"eu-central": (4, 2, 0)}
    [seen] = (await asked(staff, ADMIN_ORDERS))["nodes"]
    assert (seen["number"], seen["customer"], seen["total"]) == (
        "EU-1001",
        {"email": "jo@example.org"},
        {"gross": "45.87"},
    )
    cancelled = await moved(staff, ORDER_CANCEL, order["id"], "The warehouse was flooded")
    assert cancelled == {"status": "CANCELLED", "paymentStatus": "REFUNDED", "fulfilmentStatus": "CANCELLED"}
    assert await moved(staff, ORDER_CANCEL, order["id"], "The warehouse was flooded") == cancelled
    await trade.work()
    await sold_and_taken_back(trade, staff, order["id"])
    assert (await moved(staff, SHIPMENT_OF_THE_REST, order["id"]))["code"] == "ORDER_STATUS_CONFLICT"
    subjects = [message["Subject"] for message in mails_to(post, "jo@example.org")]
    assert subjects[1:] == [
        "Ihre Bestellung EU-1001 bei Larkmoor",
        "Ihre Bestellung EU-1001 bei Larkmoor wurde storniert",
    ]
    assert [
        (each["template"], each["language"], each["state"], each["order"])
        for each in (await asked(staff, MAILS))["nodes"][::-1]
        if each["template"] != "STAFF_INVITATION"
    ] == [
        ("VERIFY_ADDRESS", "de", "SENT", None),
        ("ORDER_CONFIRMATION", "de", "SENT", {"number": "EU-1001"}),
        ("ORDER_CANCELLED", "de", "SENT", {"number": "EU-1001"}),
    ]
    await trade.settle()
    assert await faults(trade.now_context, settled=True) == []
    assert await provider_money(trade.now_context) == await booked_money(trade.now_context) == {"EUR": 0}


async def a_customer(trade: Trade, german: Caller, post: Post) -> Caller:
    """Somebody registers, follows the mail, and signs in."""
    assert await asked(german, REGISTER, "jo@example.org", PASSWORD, "Jo Weiß") == {"email": "jo@example.org"}
    await trade.work()
    [code] = re.findall(r"#token=(\S+)", words(post.messages[0])[0])
    assert await asked(german, VERIFY, code) == {"isVerified": True}
    token = (await asked(german, SIGN_IN, "jo@example.org", PASSWORD))["token"]
    return replace(german, headers=german.headers | {"Authorization": f"Bearer {token}"})


async def customer_buys(trade: Trade, german: Caller, customer: Caller) -> Any:
    """He has a cart, fills another one as a guest, signs in with it, and buys all of it."""
    mug, glass = trade.variants["MUG-1-B"], trade.variants["GLASS-1"]
    own = await asked(customer, CART_CREATE, mug)
    assert own["token"] is None
    added = filled(CART_LINES_ADD, own["cart"]["id"], glass).replace("quantity: 2", "quantity: 1")
    assert "lines" in (await customer(added))["cartLinesAdd"]
    guests = await asked(german, CART_CREATE, mug)
    with_token = replace(customer, headers=customer.headers | {"X-Mercer-Cart": guests["token"]})
    cart = await asked(with_token, MY_CART)
    assert (cart["id"], cart["email"]) == (guests["cart"]["id"], "jo@example.org")
    assert [(each["sku"], each["productName"], each["quantity"]) for each in cart["lines"]] == [
        ("MUG-1-B", "Stahlbecher", 2),
        ("GLASS-1", "Äpfel Glass", 1),
    ]
    cart_id = cart["id"]
    # The id of the cart that he had leads to the one that took it in; the guest's token opens nothing any more.
    assert (await asked(customer, CART, own["cart"]["id"]))["subtotal"] == {"gross": "40.97"}
    guest = replace(german, headers=german.headers | {"X-Mercer-Cart": guests["token"]})
    assert await asked(guest, CART, cart_id) is None
    address = (
        CART_ADDRESSES_SET.split("billing:", maxsplit=1)[0]
        .rstrip(", \n")
        .replace(
            'region: "NY", postalCode: "10001", country: "US", phone: "+1…"',
            'region: null, postalCode: "50667", country: "DE", phone: null',
        )
    )
    told = ") { ... on Cart { billingAddress { line1 } shippingMethods { id name } } ... on Error { code message } } }"
    addressed = await asked(customer, address + told, cart_id, "Jo", "Weiß", "Hauptstr. 1", "Köln")
    assert addressed["billingAddress"] == {"line1": "Hauptstr. 1"}
    [method] = addressed["shippingMethods"]
    await asked(customer, CART_SHIPPING_METHOD_SET, cart_id, method["id"])
    # Prices hold 19 per cent, taken out a line at a time: 5.106, 1.435, and 0.782 of the delivery.
    assert await totals(customer, cart_id) == {
        "subtotal": {"gross": "40.97"},
        "shippingTotal": {"gross": "4.90"},
        "discountTotal": {"gross": "0.00"},
        "taxTotal": {"amount": "7.33"},
        "total": {"net": "38.54", "gross": "45.87"},
    }
    changed = await asked(customer, CART_COMPLETE, cart_id, "45.86", 'token: "ok"')
    assert changed["changes"] == [{"kind": "TOTAL", "before": "45.86", "after": "45.87"}]
    paid = await asked(customer, CART_COMPLETE, cart_id, "45.87", 'token: "ok"')
    assert (paid["number"], paid["status"], paid["paymentStatus"], paid["total"]) == (
        "EU-1001",
        "OPEN",
        "PAID",
        {"gross": "45.87"},
    )
    return paid


async def totals(caller: Caller, cart_id: str) -> Mapping[str, Any]:
    cart = await asked(caller, CART, cart_id)
    return {name: value for name, value in cart.items() if name not in {"shippingMethods", "lines"}}


async def sold_and_taken_back(trade: Trade, staff: Caller, order_id: str) -> None:
    """All is as if nothing had been, and every step of it is on record."""
    assert await levels(staff, "MUG-1-B") == {"eu-central": (4, 0, 0)}
    assert await levels(staff, "GLASS-1") == {"both": (1, 0, 0)}
    is_settled, posted, balances = await trail(staff, order_id)
    assert is_settled
    assert sorted(posted) == [
        ("CANCELLATION", "45.87", {"RECEIVABLE": "-45.87", "SALES": "34.42", "SHIPPING": "4.12", "TAX": "7.33"}),
        ("CAPTURE", "45.87", {"PROVIDER_CLEARING": "45.87", "RECEIVABLE": "-45.87"}),
        ("REFUND", "45.87", {"PROVIDER_CLEARING": "-45.87", "RECEIVABLE": "45.87"}),
        ("SALE", "45.87", {"RECEIVABLE": "45.87", "SALES": "-34.42", "SHIPPING": "-4.12", "TAX": "-7.33"}),
    ]
    assert set(balances.values()) == {"0.00"}
    assert await trade.rows("SELECT sum(quantity - released) FROM inventory.allocation") == [(0,)]
