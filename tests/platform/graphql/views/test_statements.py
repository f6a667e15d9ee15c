"""Each root field is one SQL statement, whatever is asked of it."""

import pytest
from tests.callers import Caller

from mercer.platform.observability.statements import counting_statements

PRODUCT = """id name slug description tags productType { name } breadcrumbs { name }
    category { name breadcrumbs { name } } thumbnail { url } media { url alt }
    attributes { name value choices { name } } options { name values }
    priceRange { start { amount } stop { amount } }
    variants { sku available isAvailable price { amount before } options { name value } product { name } }"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename }", 0),
        ("{ __schema { queryType { name } } }", 0),
        ("{ channel { code } }", 1),
        (f'{{ product(slug: "steel-mug") {{ {PRODUCT} }} }}', 1),
        ('{ product(slug: "nowhere") { id } }', 1),
        (f"{{ products {{ nodes {{ {PRODUCT} }} totalCount facets {{ name values {{ count }} }} }} }}", 1),
        ('{ products(search: "mug", sort: {field: PRICE}, filter: {tags: {anyOf: ["new"]}}) { totalCount } }', 1),
        ("{ categories { nodes { children { name products(first: 1) { nodes { name } totalCount } } } } }", 1),
        ("{ a: channel { code } b: channel { code } products { totalCount } }", 3),
        ("{ channel { code } ... { channel { name } } }", 1),
        ("{ product { id } }", 0),
    ],
)
async def test_statements(unverified: Caller, query: str, expected: int) -> None:
    await unverified("{ __typename }")  # so that the channels are known
    with counting_statements() as statements:
        await unverified.send(query)
    assert statements.total == expected
