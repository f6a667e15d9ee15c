"""Whatever a valid document asks for, the compiled SQL answers what the slow interpreter does.

`EXAMPLES=5000 pytest tests/properties` tries other documents than a usual run, and more of them.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx2
import hypothesis
import pytest
from anyio.from_thread import start_blocking_portal
from graphql import GraphQLSchema, print_ast
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from hypothesis_graphql import queries
from tests.callers import Caller, calling
from tests.fixtures import Known
from tests.people import authorization
from tests.properties.arguments import SCALARS, Arguments
from tests.properties.reshaping import Reshaped, flipped

from mercer.app import ADMIN, SHOP
from mercer.platform.settings import Settings

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
APIS = {"shop": SHOP.schema, "admin": ADMIN.schema}
Ask = Callable[[str, str, dict[str, Any], dict[str, str]], Any]
HEADERS = {"shop": authorization("customer"), "admin": authorization("administrator")}

CURSORS = """{
    products(first: 100) { edges { cursor } }
    categories { edges { cursor } }
    %s
}"""
OF_STAFF = " ".join(
    f"{name} {{ edges {{ cursor }} }}" for name in ("channels", "productTypes", "attributes", "warehouses")
)
CATALOGUE = (
    "attribute",
    "attributes",
    "categories",
    "category",
    "channel",
    "channels",
    "product",
    "productType",
    "productTypes",
    "productVariant",
    "products",
    "warehouse",
    "warehouses",
)
"""The root fields that documents ask for: those whose arguments are known here."""
KEYS = """{
    productTypes { nodes { id code } }
    attributes { nodes { id code } }
    warehouses { nodes { id code } }
}"""


@pytest.fixture(scope="session")
async def arguments(http: httpx2.AsyncClient, admin: Caller, known: Known) -> dict[str, Arguments]:
    """What documents may name, by API."""
    codes = await admin(KEYS)
    keys: dict[tuple[str, str], Any] = {
        ("product", "id"): list(known.products.values()),
        ("product", "slug"): list(known.slugs.values()),
        ("productVariant", "id"): list(known.variants.values()),
        ("productVariant", "sku"): list(known.variants),
        ("category", "id"): list(known.categories.values()),
        ("category", "slug"): list(known.categories),
        ("channel", "id"): list(known.channels.values()),
        ("channel", "code"): list(known.channels),
    }
    for many, one in (("productTypes", "productType"), ("attributes", "attribute"), ("warehouses", "warehouse")):
        keys |= {(one, key): [node[key] for node in codes[many]["nodes"]] for key in ("id", "code")}
    ids = {
        "ids": keys["product", "id"],
        "category": keys["category", "id"],
        "parent": keys["category", "id"],
        "channel": keys["channel", "id"],
    }
    made = {}
    for api, further in (("shop", ""), ("admin", OF_STAFF)):
        found = await Caller(http, f"/{api}/graphql", HEADERS[api])(CURSORS % further)
        cursors = {name: [edge["cursor"] for edge in page["edges"]] for name, page in found.items()}
        made[api] = Arguments(ids, keys, cursors)
    return made


@pytest.fixture(scope="session")
def ask(seeded: Settings) -> Iterator[Ask]:
    """Asks in a loop of its own: Hypothesis ends examples by an exception that a loop shared with fixtures dies of."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(calling(seeded)) as verified,
        portal.wrap_async_context_manager(calling(seeded.model_copy(update={"verify_reads": False}))) as unverified,
    ):
        clients = {"verified": verified, "passed on": unverified}

        def send(client: str, api: str, request: dict[str, Any], headers: dict[str, str]) -> Any:
            return portal.call(partial(clients[client].post, f"/{api}/graphql", json=request, headers=headers)).json()

        yield send


def documents(schema: GraphQLSchema) -> st.SearchStrategy[Any]:
    assert schema.query_type is not None
    made: st.SearchStrategy[Any] = queries(
        schema,
        custom_scalars={name: values for name, values in SCALARS.items() if name in schema.type_map},
        print_ast=lambda document: document,
        allow_x00=False,
        fields=tuple(name for name in CATALOGUE if name in schema.query_type.fields),
    )
    return made


@pytest.mark.usefixtures("anyio_backend")
@pytest.mark.timeout(60 + 3 * EXAMPLES)
@pytest.mark.parametrize("api", ["shop", "admin"])
@hypothesis.settings(
    max_examples=EXAMPLES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_compiled_and_interpreted_reads_agree(
    api: str, data: st.DataObject, arguments: dict[str, Arguments], ask: Ask
) -> None:
    schema = APIS[api]
    reshaped = Reshaped(schema, data.draw, arguments[api])
    query = print_ast(reshaped.document(data.draw(documents(schema))))
    headers = HEADERS[api] | {
        "X-Mercer-Channel": data.draw(st.sampled_from(["us", "eu"])),
        "Accept-Language": data.draw(st.sampled_from(["en", "de", "fr"])),
    }
    for variables in (reshaped.variables, flipped(reshaped.variables)):
        verified = ask("verified", api, {"query": query, "variables": variables}, headers)
        assert "errors" not in verified, (query, variables, verified)
        assert ask("passed on", api, {"query": query, "variables": variables}, headers) == verified
