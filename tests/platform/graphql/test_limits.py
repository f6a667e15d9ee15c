"""What a document may ask for, and that a refusal costs next to nothing."""

import sys
from types import FrameType
from typing import Any

import pytest
from graphql import build_schema, get_introspection_query
from tests.keys import SECRET_KEY

from mercer.platform.errors import RequestRefused
from mercer.platform.graphql.documents import Documents
from mercer.platform.settings import load_settings

SCHEMA = build_schema("""
type Query {
  a: Query
  b(x: String, ids: [[Int]]): String
  product(id: ID): Product
  products(first: Int, last: Int, filter: Filter): ProductConnection!
}
input Filter { and: [Filter!] name: String }
type ProductConnection { edges: [ProductEdge!]! nodes: [Product!]! totalCount: Int! facets: [Facet!]! }
type ProductEdge { cursor: String! node: Product! }
type Facet { name: String! }
type Product { id: ID! name: String! variants(first: Int): [Variant!]! related(first: Int): ProductConnection! }
type Variant { id: ID! sku: String! }
""")

MOST_CALLS = 500_000
"""How many function calls refusing any of these documents may take."""


def documents(**settings: Any) -> Documents:
    return Documents(SCHEMA, load_settings(secret_keys=SECRET_KEY, **settings))


def refusal(text: str, **settings: Any) -> RequestRefused:
    checking = documents(**settings)
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        with pytest.raises(RequestRefused) as refused:
            checking.get(text)
    finally:
        sys.setprofile(None)
    assert calls < MOST_CALLS
    return refused.value


def chain(length: int, body: str = "...f{next}", end: str = "b") -> str:
    """Fragments that spread each other, each with this body."""
    links = [f"fragment f{at} on Query {{ {body.replace('{next}', str(at + 1))} }}" for at in range(length)]
    return f"{{ ...f0 }} {' '.join(links)} fragment f{length} on Query {{ {end} }}"


def cost(text: str, **variables: Any) -> int:
    return documents().get(text).operation(None).cost_with(variables)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("{ a { " + "b " * 500_000, "DOCUMENT_TOO_LONG", id="a megabyte"),
        pytest.param("#" + "x" * 100_000 + "\n{ b }", "DOCUMENT_TOO_LONG", id="a long comment"),
        pytest.param("{" + " ".join(f"a{n}: b" for n in range(10_000)) + "}", "TOO_MANY_TOKENS", id="10,000 aliases"),
        pytest.param("{ b" + "@a" * 40_000 + "}", "TOO_MANY_TOKENS", id="40,000 directives"),
        pytest.param("{ b(x: " + '" ' * 40_000, "TOO_MANY_TOKENS", id="quotes"),
        pytest.param("{ b(x: " + '"' * 90_000, "TOO_MANY_TOKENS", id="more quotes"),
        pytest.param("{ b(x: " + '"""\n \\"""' * 9_000, "GRAPHQL_PARSE_FAILED", id="block strings without an end"),
        pytest.param("{a" * 50 + "}" * 50, "TOO_DEEP", id="depth 50"),
        pytest.param("{a" * 20_000, "TOO_DEEP", id="depth 20,000"),
        pytest.param("{ b(ids: " + "[" * 50_000, "TOO_DEEP", id="nested lists"),
        pytest.param("{ products(filter: " + "{and: [" * 10_000, "TOO_DEEP", id="nested objects"),
        pytest.param("{" + "... {" * 40 + "b" + "}" * 41, "TOO_DEEP", id="inline fragments"),
        pytest.param(chain(600), "TOO_DEEP", id="a chain of fragments"),
        pytest.param(f"{{ b }} {chain(600)[10:]}", "TOO_DEEP", id="a chain that is not used"),
        pytest.param(
            "{" + " ".join(f"...f{at}" for at in range(600, 0, -20)) + "}" + chain(600)[9:],
            "TOO_DEEP",
            id="a chain from its end",
        ),
        pytest.param(
            "{ ...f0 }" + "".join(f"fragment f{at} on Query {{ ...f{(at + 1) % 600} }}" for at in range(600)),
            "TOO_DEEP",
            id="a circle of fragments",
        ),
        pytest.param(chain(100, "...f{next} ...f{next} a { ...f{next} }"), "TOO_DEEP", id="a bomb of fragments"),
        pytest.param(chain(14, "a { ...f{next} } ...f{next}"), "TOO_EXPENSIVE", id="a wide bomb"),
        pytest.param(chain(12, "x: a { ...f{next} } y: a { ...f{next} }"), "TOO_MANY_ALIASES", id="a bomb of aliases"),
        pytest.param(chain(13, "a { ...f{next} } a { ...f{next} }"), "TOO_EXPENSIVE", id="a bomb of fields"),
        pytest.param("{ products(first: 1000000) { nodes { id } } }", "TOO_EXPENSIVE", id="a million rows"),
        pytest.param("{ a {" + "b " * 4_900 + "} }", "TOO_MANY_FIELDS", id="one field 4,900 times"),
        pytest.param(
            "{ a {" + "".join(f'b(x: "{n}") ' for n in range(300)) + "} }", "GRAPHQL_VALIDATION_FAILED", id="conflicts"
        ),
        pytest.param("{ product(id: " + "9" * 5_000 + ") { id } }", "NUMBER_TOO_LONG", id="a number of 5,000 digits"),
        pytest.param("query ($n: Int = " + "9" * 5_000 + ") { b }", "NUMBER_TOO_LONG", id="such a default"),
    ],
)
def test_an_attack_is_refused_at_once(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_a_refusal_says_the_limit() -> None:
    assert refusal("{a" * 15 + "{b" + "}" * 16).message == "The operation is 16 fields deep. At most 15 are allowed."
    assert refusal("{" + "b " * 21 + "}").message == (
        "The operation asks for 21 fields at its root. At most 20 are allowed."
    )
    assert refusal("{ b @skip(if: true)" + " @skip(if: true)" * 5 + "}").message == (
        "There are 6 directives at one place. At most 5 are allowed."
    )
    assert refusal("{ x: b y: b }", query_aliases=1).message == "The operation has more than 1 aliases."
    assert refusal("{ b b b }", query_tokens=4).message == "The document has more than 4 tokens."
    assert refusal("{ products(first: 500) { nodes { id name } } }", query_cost=1000).message == (
        "The operation asks for up to 1501 values. At most 1000 are allowed: ask for shorter pages, or less."
    )


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("{a" * 14 + "{b" + "}" * 15, {}),
        ("{b}", {"query_tokens": 3}),
        ("{ x: b }", {"query_aliases": 1}),
        ("{ a { b } b }", {"query_cost": 3}),
        ("{a" * 99 + "{b" + "}" * 100, {"query_depth": 100}),
        ("{" + "...{" * 100 + "b" + "}" * 101, {"query_depth": 100}),
        (chain(98, "a { ...f{next} }"), {"query_depth": 100, "query_aliases": 0}),
        ("{ products(filter: " + "{and: [" * 57 + "{}" + "]}" * 57 + ") { totalCount } }", {"query_depth": 100}),
    ],
)
def test_what_is_just_within_the_limits_is_valid(text: str, settings: dict[str, int]) -> None:
    assert len(documents(**settings).get(text).operations) == 1


def test_aliases_count_as_often_as_their_fragment_is_spread() -> None:
    text = "{ a { ...f } product { id } ...f } fragment f on Query { x: b y: b z: b }"
    assert len(documents(query_aliases=6).get(text).operations) == 1
    assert refusal(text, query_aliases=5).code == "TOO_MANY_ALIASES"


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{ b }", {}, 1),
        ("{ a { b } }", {}, 2),
        ("{ product { variants { id sku } } }", {}, 2 + 10 * 2),
        ("{ product { variants(first: 50) { id sku } } }", {}, 2 + 50 * 2),
        ("{ products { nodes { id name } } }", {}, 1 + 24 * 3),
        ("{ products(first: 5) { nodes { id } totalCount } }", {}, 2 + 5 * 2),
        ("{ products(last: 5) { edges { cursor node { id } } } }", {}, 1 + 5 * 4),
        ("{ products(first: 0) { nodes { id } } }", {}, 1 + 1 * 2),
        ("{ products(first: 5) { facets { name } } }", {}, 2 + 10),
        ("{ products(first: 5) { nodes { related(first: 3) { nodes { id } } } } }", {}, 1 + 5 * (2 + 3 * 2)),
        ("query ($n: Int) { products(first: $n) { nodes { id } } }", {}, 1 + 24 * 2),
        ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": None}, 1 + 24 * 2),
        ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": 7}, 1 + 7 * 2),
        ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": "7"}, 1 + 24 * 2),
        ("query ($n: Int) { products(first: $n) { nodes { id } } }", {"n": -7}, 1 + 2),
        ("query ($n: Int = 9) { products(first: $n) { nodes { id } } }", {}, 1 + 9 * 2),
        (
            """query ($n: Int, $m: Int) { products(first: $n) { ...page } }
            fragment page on ProductConnection { nodes { related(first: $m) { nodes { id } } } }""",
            {"n": 4, "m": 6},
            1 + 4 * (2 + 6 * 2),
        ),
        ("{ a { ...f } ...f } fragment f on Query { product { id } }", {}, 1 + 2 + 2),
    ],
)
def test_the_cost_is_the_number_of_values(text: str, variables: dict[str, Any], expected: int) -> None:
    assert cost(text, **variables) == expected


def test_the_schema_may_be_read_only_where_that_is_allowed() -> None:
    text = get_introspection_query()
    assert len(documents().get(text).operations) == 1
    assert refusal(text, environment="production").code == "GRAPHQL_VALIDATION_FAILED"
    assert len(documents(environment="production", introspection=True).get(text).operations) == 1
    circle = "{ __schema { types {" + "fields { type {" * 4 + "name" + "} }" * 4 + "} } }"
    assert refusal(circle).message == "Maximum introspection depth exceeded"


def test_suggestions_are_given_only_where_the_schema_may_be_read() -> None:
    told = "Cannot query field 'produkt' on type 'Query'."
    assert refusal("{ produkt }").message.startswith(f"{told} Did you mean")
    assert refusal("{ produkt }", environment="production").message == told


def test_a_document_is_parsed_once_while_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercer.platform.graphql.documents.REMEMBERED_DOCUMENTS", 2)
    remembering = documents()
    first = remembering.get("{ b }")
    assert remembering.get("{ b }") is first
    remembering.get("{ a { b } }")
    assert remembering.get("{ b }") is first
    remembering.get("{ product { id } }")
    assert remembering.get("{ b }") is first, "used last but one"
    remembering.get("{ a { b } }")
    remembering.get("{ product { id } }")
    assert remembering.get("{ b }") is not first


def test_the_text_that_is_remembered_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mercer.platform.graphql.documents.REMEMBERED_CHARACTERS", 30)
    remembering = documents()
    first = remembering.get("{ b }")
    remembering.get("{ b } # twenty characters")
    assert remembering.get("{ b }") is first
    remembering.get("{ b } # more than twenty characters")
    assert remembering.get("{ b }") is not first
