"""Both GraphQL contracts, as they are committed."""

import pytest
from graphql import GraphQLSchema
from tests.architecture import contracts
from tests.architecture.sources import ROOT
from tests.architecture.verdict import obeyed


@pytest.fixture(params=["shop", "admin"])
def committed(request: pytest.FixtureRequest) -> GraphQLSchema:
    return contracts.read((ROOT / "schema" / f"{request.param}.graphql").read_text("utf-8"))


BROKEN = contracts.read(
    '''
    scalar DateTime
    enum Status { DRAFT, Published, ON__HOLD }
    input product_filter { Sku: String }
    """Fine."""
    interface Node { id: ID! }
    type GetProduct implements Node {
        id: ID!
        published: Boolean!
        isSold: Boolean!
        created: DateTime!
        updatedAt: DateTime!
        soldAt: String
        weight_grams: Int
        rating: Float
        tags: [String!]!
        status: [Status!]!
        media: [Media!]!
        variants(first: Int, sort_by: String): [Media!]!
    }
    type Media { url: String! }
    type MediaConnection { nodes: [Media!]! }
    type Settings { all: [Media] }
    type Query { product: GetProduct }
    '''
)


def test_types_are_nouns(committed: GraphQLSchema) -> None:
    obeyed(contracts.misnamed_types(committed), because="Types are nouns of the field, in PascalCase.")


def test_a_type_that_is_no_noun_is_seen() -> None:
    assert contracts.misnamed_types(BROKEN) == ["product_filter", "GetProduct"]


def test_values_of_enums_are_screaming(committed: GraphQLSchema) -> None:
    obeyed(contracts.misnamed_values(committed), because="Values of enums are in SCREAMING_SNAKE.")


def test_a_quiet_value_is_seen() -> None:
    assert contracts.misnamed_values(BROKEN) == ["Status.Published", "Status.ON__HOLD"]


def test_fields_are_in_camel_case(committed: GraphQLSchema) -> None:
    obeyed(contracts.misnamed_fields(committed), because="Fields and arguments are in camelCase.")


def test_a_field_in_another_case_is_seen() -> None:
    assert contracts.misnamed_fields(BROKEN) == ["GetProduct.weight_grams", "GetProduct.sort_by", "product_filter.Sku"]


def test_moments_end_in_at(committed: GraphQLSchema) -> None:
    obeyed(contracts.misnamed_times(committed), because="Names that end in At, and only those, are moments.")


def test_a_moment_by_another_name_is_seen() -> None:
    assert contracts.misnamed_times(BROKEN) == ["GetProduct.created", "GetProduct.soldAt"]


def test_booleans_are_statements(committed: GraphQLSchema) -> None:
    obeyed(contracts.misnamed_booleans(committed), because="`isPublished` is yes or no; `published` may be a moment.")


def test_a_boolean_that_states_nothing_is_seen() -> None:
    assert contracts.misnamed_booleans(BROKEN) == ["GetProduct.published"]


def test_lists_have_a_bound(committed: GraphQLSchema) -> None:
    obeyed(contracts.unbounded_lists(committed), because="Without a bound it grows until it is slow. Take `first`.")


def test_a_list_without_bound_is_seen() -> None:
    assert contracts.unbounded_lists(BROKEN) == ["GetProduct.media", "Settings.all"]


def test_numbers_are_exact(committed: GraphQLSchema) -> None:
    obeyed(contracts.floats(committed), because="Binary fractions cannot hold 0.10. `Decimal` is a string in JSON.")


def test_a_float_is_seen() -> None:
    assert contracts.floats(BROKEN) == ["Float"]
