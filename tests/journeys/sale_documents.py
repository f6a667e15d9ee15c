"""What the first journey asks, as API.md has it, and what is looked at afterwards."""

from email.message import EmailMessage
from typing import Any

from tests.callers import Caller
from tests.platform.mail.post import Post

CART_CREATE = """
mutation{ cartCreate(input: {lines: [{variantId: "…", quantity: 1}]}) { ... on CartCreated { token cart { id } } ... on Error { code message } } }
"""  # noqa: E501 — as it is promised, here and below
CART_LINES_ADD = """
mutation{ cartLinesAdd(cartId: "…", lines: [{variantId: "…", quantity: 2}]) { ... on Cart { lines { id quantity } } ... on Error { code message } } }
"""  # noqa: E501
CART_LINES_UPDATE = """
mutation{ cartLinesUpdate(cartId: "…", lines: [{lineId: "…", quantity: 3}]) { ... on Cart { lines { id quantity } } ... on Error { code message } } }
"""  # noqa: E501
CART_CUSTOMER_SET = """
mutation{ cartCustomerSet(cartId: "…", email: "…") { ... on Cart { email } ... on Error { code message } } }
"""
CART_ADDRESSES_SET = """
mutation{ cartAddressesSet(cartId: "…", shipping: {firstName: "…", lastName: "…", company: null, line1: "…", line2: null, city: "…",
            region: "NY", postalCode: "10001", country: "US", phone: "+1…", taxId: null}, billing: {firstName: "Bill", lastName: "Byron",
            line1: "5 High St", city: "New York", region: "NY", postalCode: "10002", country: "US"}) {
            ... on Cart { shippingAddress { phone } billingAddress { line1 } } ... on Error { code message } } }
"""  # noqa: E501
CART = """
query   { cart(id: "…") { shippingMethods { id name price { amount } } lines { id quantity unitPrice { net gross } total { gross } }
            subtotal { gross } shippingTotal { gross } discountTotal { gross } taxTotal { amount } total { net gross } } }
"""  # noqa: E501
CART_SHIPPING_METHOD_SET = """
mutation{ cartShippingMethodSet(cartId: "…", methodId: "…") { ... on Cart { shippingMethod { id } } ... on Error { code message } } }
"""  # noqa: E501
OUTCOME = """
            ... on Order { id number token status paymentStatus total { gross } }
            ... on PaymentActionRequired { order { number token } attemptId redirectUrl clientSecret }
            ... on PaymentDeclined { order { number token } isRetryable message } ... on CartChanged { changes { kind before after } }
            ... on InsufficientStock { available } ... on Error { code message } }
"""  # noqa: E501
CART_COMPLETE = f"""
mutation{{ cartComplete(cartId: "…", expectedTotal: "…", payment: {{provider: "simulator", …}}) {{ {OUTCOME} }}
"""
ORDER_PAYMENT_START = f"""
mutation{{ orderPaymentStart(token: "…", payment: {{…}}) {{ {OUTCOME} }}
"""
ORDER_PAYMENT_CONTINUE = f"""
mutation{{ orderPaymentContinue(token: "…", attemptId: "…") {{ {OUTCOME} }}
"""
ORDER = """
query   { order(number: "…", token: "…") { status paymentStatus fulfilmentStatus lines { sku productName quantity shippedQuantity } total { gross } } }
"""  # noqa: E501

REGISTER = """
mutation{ customerRegister(input: {email: "…", password: "…", name: "…"}) { ... on MailSent { email } ... on Error { code message } } }
"""  # noqa: E501
VERIFY = 'mutation{ customerVerify(token: "…") { ... on EmailVerified { isVerified } ... on Error { code message } } }'
SIGN_IN = (
    'mutation{ sessionCreate(email: "…", password: "…") { ... on Session { token } ... on Error { code message } } }'
)
MY_CART = "query   { myCart { id email lines { id sku productName quantity } } }"
ME = """
query   { me { email } mySessions { totalCount } myOrders { nodes { number status paymentStatus total { gross } } } }
"""

ADMIN_ORDERS = """
query   { orders(filter: {status: {in: [OPEN, COMPLETED, CANCELLED]}}, first: 50) { nodes { number status paymentStatus fulfilmentStatus customer { email } total { gross } } totalCount } }
"""  # noqa: E501
ADMIN_ORDER = """
query   { order(id: "…") { number lines { id sku quantity shippedQuantity } timeline { kind actorKind } } }
"""
SHIPMENT_CREATE = """
mutation{ shipmentCreate(input: {orderId: "…", lines: [{orderLineId: "…", quantity: 1}], carrier: "…", trackingNumber: "…"}) {
            ... on Shipment { id order { status fulfilmentStatus } } ... on Error { code message } } }
"""  # noqa: E501
SHIPMENT_OF_THE_REST = """
mutation{ shipmentCreate(input: {orderId: "…"}) { ... on Shipment { id order { status fulfilmentStatus } } ... on Error { code message } } }
"""  # noqa: E501
ORDER_CANCEL = """
mutation{ orderCancel(id: "…", reason: "…") { ... on Order { status paymentStatus fulfilmentStatus } ... on Error { code message } } }
"""  # noqa: E501
STOCK = 'query { productVariant(sku: "…") { stock { warehouse { code } onHand allocated held } } }'
MOVEMENTS = """
query   { stockMovements(first: 100, sort: {field: MOVED_AT, direction: ASC}) { nodes { kind subjectId variant { sku } warehouse { code } onHand allocated held } } }
"""  # noqa: E501
TRAIL = """
query   { moneyTrail(orderId: "…") { isSettled transactions { kind amount { amount currency } entries { account amount { amount } } }
            balances { account balance { amount } } } }
"""  # noqa: E501
MAILS = "query { mails(first: 50) { nodes { template language state order { number } } } }"
PASSWORD = "a-cup-of-tea-at-five"


def filled(document: str, *values: str) -> str:
    """A document with what a shop fills in, in turn."""
    for value in values:
        assert "…" in document
        document = document.replace("…", value, 1)
    assert "…" not in document
    return document


async def asked(caller: Caller, document: str, *values: str) -> Any:
    """What comes of a filled document: the value of its one field."""
    [value] = (await caller(filled(document, *values))).values()
    return value


async def moved(staff: Caller, document: str, *values: str) -> Any:
    """As `asked`, of what moves goods or money: it takes a key."""
    [value] = (await staff(filled(document, *values), idempotency_key=f"once {abs(hash(values))}")).values()
    return value


def mails_to(post: Post, address: str) -> list[EmailMessage]:
    return [message for message in post.messages if message["To"].addresses[0].addr_spec == address]


async def levels(staff: Caller, sku: str) -> dict[str, tuple[int, int, int]]:
    """What is on hand, sold and held, by warehouse."""
    found = (await asked(staff, STOCK, sku))["stock"]
    return {each["warehouse"]["code"]: (each["onHand"], each["allocated"], each["held"]) for each in found}


async def trail(staff: Caller, order_id: str) -> tuple[bool, list[tuple[str, str, dict[str, str]]], dict[str, str]]:
    """Whether an order is settled, what was posted for it, and where its money is."""
    found = await asked(staff, TRAIL, order_id)
    posted = [
        (
            each["kind"],
            each["amount"]["amount"],
            {entry["account"]: entry["amount"]["amount"] for entry in each["entries"]},
        )
        for each in found["transactions"]
    ]
    return found["isSettled"], posted, {each["account"]: each["balance"]["amount"] for each in found["balances"]}
