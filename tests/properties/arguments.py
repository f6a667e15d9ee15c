"""Arguments that random documents give: of the kinds that the schema takes, with values that the small shop has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    EnumValueNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    IntValueNode,
    ListValueNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)
from hypothesis import strategies as st
from hypothesis_graphql import nodes

Draw = Callable[[st.SearchStrategy[Any]], Any]

SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "Decimal": st.decimals("-1", "100", places=2).map(lambda number: nodes.String(str(number))),
    "Date": st.dates().map(lambda day: nodes.String(day.isoformat())),
    "DateTime": st.datetimes().map(lambda moment: nodes.String(f"{moment.isoformat()}Z")),
}
"""What hypothesis-graphql cannot know of."""

WORDS = ("", "mug", "steel mug", "trav", "MUG-1", "the", "becher", "stahl", "'", "new", "äpfel")
CODES = ("material", "uses", "volume", "dishwasher", "since", "maker", "care", "unheard")
TEXTS = {
    "productType": ("drinkware", "bags", "unheard"),
    "tags": ("new", "bestseller", "unheard"),
    "attributes": ("steel", "glass", "clay", "coffee", "tea", "unheard"),
}
LONGEST_LIST = 3


@dataclass(frozen=True, repr=False)
class Arguments:
    """What there is to name: ids by the type that they are of, slugs, SKUs and codes by field, cursors by field."""

    ids: Mapping[str, Sequence[str]]
    keys: Mapping[tuple[str, str], Sequence[str]]
    cursors: Mapping[str, Sequence[str]]

    def fit(
        self, draw: Draw, type_name: str, name: str, field: GraphQLField, given: Mapping[str, ValueNode]
    ) -> dict[str, ValueNode]:
        """The arguments of a field, made valid: one key, a short page, a cursor only where its order is the usual."""
        if type_name == "Query" and "first" not in field.args:
            return self._one_key(draw, name, field)
        fitted: dict[str, ValueNode] = {}
        if "first" in field.args and ("after" in field.args or draw(st.booleans())):
            fitted["first"] = IntValueNode(value=str(draw(st.integers(0, 3))))
        if "after" in field.args and draw(st.integers(1, 4)) == 1:
            fitted["after"] = _text(draw, self.cursors[name])
        else:
            if "search" in field.args and draw(st.integers(1, 3)) == 1:
                fitted["search"] = _text(draw, WORDS)
            sort = given.get("sort")
            if isinstance(sort, ObjectValueNode) and (fitted.get("search", _EMPTY) != _EMPTY or not _is_by_rank(sort)):
                fitted["sort"] = sort
        wanted = given.get("filter")
        if isinstance(wanted, ObjectValueNode):
            fitted["filter"] = self._object(draw, field.args["filter"].type, wanted, "")
        return fitted

    def _one_key(self, draw: Draw, name: str, field: GraphQLField) -> dict[str, ValueNode]:
        if not field.args:
            return {}
        key = draw(st.sampled_from(sorted(field.args)))
        return {key: _text(draw, [*self.keys[name, key], "unheard"])}

    def _value(self, draw: Draw, type_: GraphQLInputType, value: ValueNode, about: str, name: str) -> ValueNode:
        kind = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if isinstance(value, NullValueNode) or isinstance(kind, GraphQLEnumType):
            return value
        if isinstance(kind, GraphQLInputObjectType):
            assert isinstance(value, ObjectValueNode)
            return self._object(draw, kind, value, about or name)
        if isinstance(kind, GraphQLList):
            items = value.values[:LONGEST_LIST] if isinstance(value, ListValueNode) else (value,)
            made = tuple(self._value(draw, kind.of_type, item, about or name, name) for item in items)
            return ListValueNode(values=_different(made) if name == "attributes" else made)
        assert isinstance(kind, GraphQLScalarType)
        if name == "code":
            return _text(draw, CODES)
        if name == "slug":
            return _text(draw, self.keys["category", "slug"])
        if kind.name == "ID":
            return _text(draw, [*self.ids["channel" if name == "channel" else about], "unheard"])
        return _text(draw, TEXTS[about]) if kind.name == "String" else value

    def _object(self, draw: Draw, type_: GraphQLInputType, value: ObjectValueNode, about: str) -> ObjectValueNode:
        assert isinstance(type_, GraphQLInputObjectType)
        return ObjectValueNode(
            fields=tuple(
                ObjectFieldNode(
                    name=part.name,
                    value=self._value(draw, type_.fields[part.name.value].type, part.value, about, part.name.value),
                )
                for part in value.fields
            )
        )


_EMPTY = StringValueNode(value="")


def _is_by_rank(sort: ObjectValueNode) -> bool:
    return any(isinstance(part.value, EnumValueNode) and part.value.value == "RELEVANCE" for part in sort.fields)


def _text(draw: Draw, choices: Sequence[str]) -> StringValueNode:
    return StringValueNode(value=draw(st.sampled_from(choices)))


def _different(items: tuple[ValueNode, ...]) -> tuple[ValueNode, ...]:
    """One item for each code."""
    by_code: dict[str, ValueNode] = {}
    for item in items:
        assert isinstance(item, ObjectValueNode)
        code = next(part.value for part in item.fields if part.name == NameNode(value="code"))
        assert isinstance(code, StringValueNode)
        by_code[code.value] = item
    return tuple(by_code.values())
