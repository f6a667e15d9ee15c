"""Random questions about the small shop: whatever its API can be asked for, some levels deep."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

FILTERS = (
    "",
    "filter: {isAvailable: {eq: true}}",
    "filter: {isAvailable: {eq: false}}",
    "filter: {price: {lte: 15}}",
    'filter: {category: {slug: "mugs"}}',
    'filter: {tags: {anyOf: ["new"]}}',
    'filter: {attributes: [{code: "material", in: ["steel"]}]}',
    'search: "mug"',
)
SORTS = ("", "sort: {field: NAME}", "sort: {field: PRICE, direction: DESC}", "sort: {field: PUBLISHED_AT}")
SIZES = ("", "first: 1", "first: 3")
DEPTH = 4


class Questions:
    """Random documents over a schema, with arguments that lead somewhere; `keys` are by root field and argument."""

    def __init__(self, schema: GraphQLSchema, random: Random, keys: Mapping[tuple[str, str], Sequence[str]]) -> None:
        assert schema.query_type is not None
        self._query = schema.query_type
        self._random = random
        self._keys = keys
        self._roots = sorted(
            name
            for name in {*(name for name, _ in keys), "products", "categories", "channel"}
            if name in self._query.fields
        )

    def draw(self) -> str:
        roots = self._random.sample(self._roots, self._random.choice((1, 1, 1, 2)))
        asked = [self._field(name, self._query.fields[name], DEPTH) for name in roots]
        return f"{{ {' '.join(asked)} }}"

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        asked = self._arguments(name, field)
        type_ = get_named_type(field.type)
        below = self._below(type_, depth) if isinstance(type_, GraphQLObjectType) else ""
        return f"{name}{f'({asked})' if asked else ''} {below}".strip()

    def _below(self, type_: GraphQLObjectType, depth: int) -> str:
        fields = {
            name: field
            for name, field in type_.fields.items()
            if not any(is_required_argument(each) for each in field.args.values())
        }
        leaves = [name for name, field in fields.items() if is_leaf_type(get_named_type(field.type))]
        branches = [name for name in fields if name not in leaves]
        chosen = self._random.sample(leaves, min(len(leaves), self._random.randint(1, 3)))
        if branches and (depth > 0 or not chosen):
            chosen += self._random.sample(branches, min(len(branches), self._random.randint(0 if chosen else 1, 2)))
        chosen = chosen or ["__typename"]
        asked = [name if name == "__typename" else self._field(name, fields[name], depth - 1) for name in chosen]
        return f"{{ {' '.join(asked)} }}"

    def _arguments(self, name: str, field: GraphQLField) -> str:
        choose = self._random.choice
        named = [key for key in self._keys if key[0] == name and key[1] in field.args]
        if named:
            key = choose(named)
            return f'{key[1]}: "{choose(self._keys[key])}"'
        if "filter" in field.args and "price" in _inputs(field, "filter"):
            return ", ".join(filter(None, (choose(FILTERS), choose(SORTS), choose(SIZES))))
        return choose(SIZES) if "first" in field.args else ""


def _inputs(field: GraphQLField, argument: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(get_named_type(field.args[argument].type), "fields", {})
    return found
