"""Assembles one GraphQL schema from the modules' shares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import get_object_definition

from mercer.platform.module import GraphQL

from .mutations.assembly import mutation_type, mutations_in
from .scalars import SCALARS
from .views.arguments import add_page_arguments
from .views.caching import merge_cached
from .views.checks import check_views
from .views.listings import merge
from .views.plans import Plans
from .views.types import view_types


@dataclass(frozen=True)
class Api:
    """One of the two APIs: its schema, and the plans of what was read through it."""

    schema: GraphQLSchema
    sdl: str
    """The schema as text: the contract that is committed."""
    plans: Plans


def build_api(shares: Iterable[GraphQL]) -> Api:
    """The API that these shares make together. Raises `ViewsInvalid`."""
    shares = list(shares)
    for share in shares:
        for target, extension in share.extends.items():
            _add_fields(target, extension)
    by_type: dict[str, list[Any]] = {}
    for share in shares:
        for listed, listing in share.listings.items():
            by_type.setdefault(listed.__name__, []).append(listing)
    listings = {name: merge(parts) for name, parts in by_type.items()}
    queries = tuple(each for share in shares for each in _each(share.query))
    add_page_arguments(queries, listings)
    mutations, results = mutation_type([each for share in shares for each in mutations_in(share.mutations)])
    schema = strawberry.Schema(
        query=merge_types("Query", queries), mutation=mutations, config=StrawberryConfig(scalar_map=SCALARS)
    )
    core = schema._schema  # noqa: SLF001 — graphql-core's own, which Strawberry keeps to itself
    results.types.update(_python_types(core))
    types = view_types(core, listings)
    check_views(types)
    cached = merge_cached(share.cached for share in shares if share.cached)
    return Api(core, f"{schema.as_str()}\n", Plans(types, cached=cached))


def _each(query: type | tuple[type, ...]) -> tuple[type, ...]:
    return query if isinstance(query, tuple) else (query,)


def _python_types(schema: GraphQLSchema) -> Iterator[tuple[str, type]]:
    """The Python types of a schema's object types, by name."""
    for name, type_ in schema.type_map.items():
        declared = type_.extensions.get("strawberry-definition")
        if isinstance(type_, GraphQLObjectType) and declared is not None:
            yield name, declared.origin


def _add_fields(target: type, extension: type) -> None:
    into = get_object_definition(target, strict=True)
    known = {field.python_name for field in into.fields}
    added = get_object_definition(extension, strict=True).fields
    into.fields.extend(field for field in added if field.python_name not in known)
