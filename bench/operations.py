"""What is measured: the reads of a storefront, with values that fit the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg

HITS = 300
"""How many products the search finds, or as near to that as the catalogue has it."""

CATEGORY_SIZE = 500
"""How many products stand in the filtered category, or as near to that as the catalogue has it."""

_CARD = """
    id name slug thumbnail { url alt }
    priceRange { start { amount currency } stop { amount currency } }
    category { name slug }
    variants { id sku name available price { amount currency } }
"""
_LISTING = f"query Listing {{ products(first: 24) {{ nodes {{ {_CARD} }} pageInfo {{ hasNextPage endCursor }} }} }}"
_BY_PRICE = f"""query ByPrice {{ products(first: 24, sort: {{field: PRICE, direction: ASC}}) {{
    nodes {{ {_CARD} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
_SECOND_PAGE = f"""query SecondPage($after: String!) {{ products(first: 24, after: $after) {{
    nodes {{ {_CARD} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
_COUNTED = f"""query Counted {{ products(first: 24) {{
    nodes {{ {_CARD} }} totalCount pageInfo {{ hasNextPage endCursor }} }} }}"""
_SEARCH = f"""query Search($search: String!) {{ products(first: 24, search: $search) {{
    nodes {{ {_CARD} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
_FILTERED = f"""query Filtered($filter: ProductFilter!) {{ products(first: 24, filter: $filter) {{
    nodes {{ {_CARD} }} totalCount pageInfo {{ hasNextPage endCursor }}
    facets {{ name values {{ value label count }} }} }} }}"""
_PRODUCT = """query Product($slug: String!) { product(slug: $slug) {
    id name description media { url alt } attributes { name value } options { name values }
    variants { id sku available isAvailable price { amount currency } options { name value } }
    breadcrumbs { name slug } } }"""


@dataclass(frozen=True)
class Operation:
    """One GraphQL request. `note` says what was chosen for this catalogue."""

    name: str
    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    has_naive: bool = False


@dataclass(frozen=True)
class Choices:
    """What the catalogue's own operations ask for."""

    slug: str
    word: str
    hits: int
    category: str
    size: int
    cursor: str


FIRST_PAGE = Operation("listing", _LISTING, has_naive=True)


def operations(choices: Choices) -> list[Operation]:
    """All that are measured, in the order of the report."""
    price = {"gte": "10.00"}
    return [
        FIRST_PAGE,
        Operation("by price", _BY_PRICE),
        Operation("second page", _SECOND_PAGE, {"after": choices.cursor}),
        Operation("with totalCount", _COUNTED),
        Operation("product page", _PRODUCT, {"slug": choices.slug}, has_naive=True),
        Operation("search", _SEARCH, {"search": choices.word}, f"{choices.word!r} finds {choices.hits:,}"),
        Operation(
            "category, facets",
            _FILTERED,
            {"filter": {"category": {"slug": choices.category}, "price": price}},
            f"{choices.category!r} has {choices.size:,}",
        ),
        Operation("all, facets", _FILTERED, {"filter": {"price": price}}),
    ]


def counting(**arguments: Any) -> Operation:
    """How many products these arguments leave."""
    query = "query Count($search: String, $filter: ProductFilter) { products(search: $search, filter: $filter) "
    return Operation("count", query + "{ totalCount } }", arguments)


def choose(database_url: str) -> tuple[str, str, str]:
    """The slug of a product with variants; a word and a category whose size does not grow with the catalogue."""
    with psycopg.connect(database_url) as connection:
        slug = _value(connection, _RICH_PRODUCT)
        word = _value(connection, _WORD, {"hits": HITS})
        category = _value(connection, _CATEGORY, {"size": CATEGORY_SIZE})
    return slug, word, category


_RICH_PRODUCT = """
    SELECT product.slug FROM catalog.product
    JOIN catalog.publication ON publication.product_id = product.id AND publication.status = 'published'
    JOIN channels.channel ON channel.id = publication.channel_id AND channel.is_default
    JOIN catalog.variant ON variant.product_id = product.id
    WHERE publication.publish_at <= now() AND publication.unpublish_at IS NULL
    GROUP BY product.id ORDER BY count(*) DESC, product.id LIMIT 1
"""
_WORD = """
    SELECT word FROM catalog.product_search, string_to_table(name_key, ' ') AS word
    WHERE language = 'en' AND word ~ '^[a-z]{5,}$'
    GROUP BY word ORDER BY abs(count(*) - %(hits)s), word LIMIT 1
"""
_CATEGORY = """
    SELECT category.slug FROM catalog.product
    JOIN catalog.category_ancestor AS above USING (category_id)
    JOIN catalog.category ON category.id = above.ancestor_id
    GROUP BY category.id ORDER BY abs(count(*) - %(size)s), category.slug LIMIT 1
"""


def _value(connection: psycopg.Connection[Any], query: LiteralString, values: Mapping[str, int] | None = None) -> str:
    row = connection.execute(query, values).fetchone()
    assert row is not None, "the catalogue has products"
    return str(row[0])
