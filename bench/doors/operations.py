"""What is sent to the doors. `NUMBER` in a request is another number each time, so that each changes something."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from bench.doors.app import PASSWORD
from bench.doors.people import Place
from bench.load import NUMBER
from bench.measuring import Asked
from bench.operations import FIRST_PAGE

SHOP = "/shop/graphql"
ADMIN = "/admin/graphql"

_RENAME = """mutation Rename($id: ID!, $input: ProductUpdateInput!) {
    productUpdate(id: $id, input: $input) { __typename ... on Product { id name } ... on Error { code message } } }"""
_ADJUST = """mutation Adjust($input: StockAdjustInput!) {
    stockAdjust(input: $input) { __typename ... on StockMovement { onHand reason } ... on Error { code message } } }"""
_SIGN_IN = """mutation SignIn($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password) {
        __typename ... on Session { token } ... on Error { code message } } }"""
_ME = "query Me { me { id name email permissions roles { code name } } }"

KEYED = {"idempotency-key": f"bench-{NUMBER}"}


def listing(path: str = SHOP, headers: Mapping[str, str] | None = None) -> Asked:
    """The listing that is measured among the reads, too."""
    return Asked(path, _body(FIRST_PAGE.query), headers or {})


def listing_by_get(path: str = SHOP) -> Asked:
    """The same, as browsers and caches between may ask for it."""
    return Asked(f"{path}?{urlencode({'query': FIRST_PAGE.query})}")


def rename(place: Place, name: str, headers: Mapping[str, str]) -> Asked:
    return Asked(ADMIN, _body(_RENAME, id=place.product_id, input={"name": f"{name} {NUMBER}"}), headers)


def adjust(place: Place, headers: Mapping[str, str]) -> Asked:
    adjustment = {"variantId": place.variant_id, "warehouseId": place.warehouse_id, "delta": 1, "reason": "Found"}
    return Asked(ADMIN, _body(_ADJUST, input=adjustment), {**headers, **KEYED})


def sign_in(path: str, email: str) -> Asked:
    return Asked(path, _body(_SIGN_IN, email=email, password=PASSWORD))


def me(headers: Mapping[str, str]) -> Asked:
    return Asked(ADMIN, _body(_ME), headers)


def _body(query: str, **variables: Any) -> bytes:
    return orjson.dumps({"query": query, "variables": variables})
