"""What is sent to buy something: the first journey, as a storefront would ask for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from bench.load import http_request

SHOP = "/shop/graphql"
CHANNEL = "eu"
"""Its prices hold the tax, which is known from the first line on: the dearer way."""

_CART = """{ __typename ... on Cart { id lines { id quantity productName unitPrice { net gross } total { gross } }
    subtotal { gross } total { gross } } ... on Error { code message } }"""
_CREATE = """mutation Create($lines: [CartLineInput!]!) { cartCreate(input: {lines: $lines}) {
    __typename ... on CartCreated { token cart { id } } ... on Error { code message } } }"""
_ADD = f"mutation Add($id: ID!, $lines: [CartLineInput!]!) {{ cartLinesAdd(cartId: $id, lines: $lines) {_CART} }}"
_EMAIL = f"mutation Email($id: ID!, $email: String!) {{ cartCustomerSet(cartId: $id, email: $email) {_CART} }}"
_ADDRESS = """mutation Address($id: ID!, $to: AddressInput!) { cartAddressesSet(cartId: $id, shipping: $to) {
    __typename ... on Cart { id shippingMethods { id name price { amount } } } ... on Error { code message } } }"""
_METHOD = f"mutation Method($id: ID!, $method: ID!) {{ cartShippingMethodSet(cartId: $id, methodId: $method) {_CART} }}"
_READ = """query Cart($id: ID!) { cart(id: $id) {
    __typename shippingMethods { id name price { amount } }
    lines { id quantity unitPrice { net gross } total { gross } }
    subtotal { gross } shippingTotal { gross } discountTotal { gross } taxTotal { amount } total { net gross } } }"""
_COMPLETE = """mutation Complete($id: ID!, $total: Decimal!, $payment: PaymentInput!) {
    cartComplete(cartId: $id, expectedTotal: $total, payment: $payment) {
        __typename ... on Order { id number token status paymentStatus total { gross } }
        ... on PaymentActionRequired { order { number token } attemptId redirectUrl clientSecret }
        ... on PaymentDeclined { order { number token } isRetryable message }
        ... on CartChanged { changes { kind before after } }
        ... on InsufficientStock { available } ... on Error { code message } } }"""

_BERLIN = {
    "firstName": "Ada",
    "lastName": "Byron",
    "line1": "Hauptstr. 1",
    "city": "Berlin",
    "postalCode": "10115",
    "country": "DE",
}

Request = tuple[bytes, Mapping[str, str]]
"""A body and its headers."""


class Ready(msgspec.Struct, frozen=True):
    """A cart that somebody has filled, and what opens it. `total` is empty until it can be bought."""

    id: str
    token: str
    total: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"x-mercer-channel": CHANNEL, "x-mercer-cart": self.token}


def create(variant_ids: Sequence[str]) -> Request:
    return _body(_CREATE, lines=_lines(variant_ids)), {"x-mercer-channel": CHANNEL}


def add(cart: Ready, variant_ids: Sequence[str]) -> Request:
    return _body(_ADD, id=cart.id, lines=_lines(variant_ids)), cart.headers


def email(cart: Ready) -> Request:
    return _body(_EMAIL, id=cart.id, email="ada@example.com"), cart.headers


def address(cart: Ready) -> Request:
    return _body(_ADDRESS, id=cart.id, to=_BERLIN), cart.headers


def method(cart: Ready, method_id: str) -> Request:
    return _body(_METHOD, id=cart.id, method=method_id), cart.headers


def read(cart: Ready) -> Request:
    return _body(_READ, id=cart.id), cart.headers


def complete(cart: Ready, provider: str) -> Request:
    token = "ok" if provider == "simulator" else None
    payment = {"provider": provider, "token": token}
    return _body(_COMPLETE, id=cart.id, total=cart.total, payment=payment), cart.headers


def sent(port: int, request: Request, path: str = SHOP) -> bytes:
    """The bytes of a whole HTTP request."""
    body, headers = request
    return http_request(port, "POST", path, body, headers)


def _lines(variant_ids: Sequence[str]) -> list[dict[str, Any]]:
    return [{"variantId": id_, "quantity": 1} for id_ in variant_ids]


def _body(query: str, **variables: Any) -> bytes:
    return orjson.dumps({"query": query, "variables": variables})
