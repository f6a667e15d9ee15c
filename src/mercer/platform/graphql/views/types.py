"""The types of one schema, as the planner reads them: each field with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type

from .listings import Listing
from .sources import Source, View


@dataclass(frozen=True)
class ViewField:
    """A field with its source, and the type of what it leads to."""

    name: str
    source: Source
    definition: GraphQLField
    target: GraphQLNamedType
    column: str


@dataclass(frozen=True)
class ViewType:
    """An object type whose fields have sources."""

    name: str
    view: View | None
    fields: Mapping[str, ViewField]


@dataclass(frozen=True)
class ViewTypes:
    """All types of a schema that are read by views, and the listings of those that have connections."""

    schema: GraphQLSchema
    types: Mapping[str, ViewType]
    listings: Mapping[str, Listing]

    def __getitem__(self, name: str) -> ViewType:
        return self.types[name]

    def field(self, type_name: str, name: str) -> ViewField | None:
        """The field of a type, if it has a source."""
        type_ = self.types.get(type_name)
        return None if type_ is None else type_.fields.get(name)

    def names(self, type_name: str) -> frozenset[str] | None:
        """The names that an object type goes by: its own, and those of its interfaces and unions. None for others."""
        return self._names.get(type_name)

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        every = self.schema.type_map.values()
        unions = [each for each in every if isinstance(each, GraphQLUnionType)]
        return {
            each.name: frozenset(
                [each.name, *(one.name for one in each.interfaces), *(one.name for one in unions if each in one.types)]
            )
            for each in every
            if isinstance(each, GraphQLObjectType)
        }

    def target(self, type_name: str, name: str) -> str | None:
        """The name of the type that a field leads to; None for `__typename`."""
        type_ = self.schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        return get_named_type(type_.fields[name].type).name if name in type_.fields else None


def view_types(schema: GraphQLSchema, listings: Mapping[str, Listing]) -> ViewTypes:
    """Read the types of an assembled schema."""
    found = {}
    for type_ in schema.type_map.values():
        definition = type_.extensions.get("strawberry-definition")
        if isinstance(type_, GraphQLObjectType) and definition is not None:
            fields = {name: made for name, item in type_.fields.items() if (made := _view_field(name, item))}
            if fields:
                view = definition.origin.__dict__.get("__mercer_view__")
                found[type_.name] = ViewType(type_.name, view, fields)
    return ViewTypes(schema, found, listings)


def _view_field(name: str, definition: GraphQLField) -> ViewField | None:
    item: Any = definition.extensions.get("strawberry-definition")
    source = item.metadata.get("source") if item is not None else None
    if source is None:
        return None
    return ViewField(name, source, definition, get_named_type(definition.type), item.python_name)
