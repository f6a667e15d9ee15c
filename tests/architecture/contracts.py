"""Rules on the GraphQL contracts: how API.md says that both read."""

import re
from collections.abc import Iterator

import graphql
from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema

VERBS = {"Add", "Create", "Delete", "Get", "List", "Make", "Remove", "Set", "Update"}
STATEMENT = re.compile(r"(can|has|is|needs|was)[A-Z]")


def read(sdl: str) -> GraphQLSchema:
    return graphql.build_schema(sdl)


def misnamed_types(schema: GraphQLSchema) -> list[str]:
    """Types that are not nouns in PascalCase."""
    return [
        each.name
        for each in _types(schema)
        if not re.fullmatch(r"([A-Z][a-z0-9]*)+", each.name) or re.findall(r"[A-Z][a-z0-9]*", each.name)[0] in VERBS
    ]


def misnamed_values(schema: GraphQLSchema) -> list[str]:
    """Values of enums that are not in SCREAMING_SNAKE."""
    enums = (each for each in _types(schema) if graphql.is_enum_type(each))
    names = [f"{each.name}.{value}" for each in enums for value in each.values]
    return [name for name in names if not re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name.partition(".")[2])]


def misnamed_fields(schema: GraphQLSchema) -> list[str]:
    """Fields, arguments and input fields that are not in camelCase."""
    names = [(where, name) for where, name, field in _fields(schema) for name in (name, *field.args)]
    names += [
        (each.name, name) for each in _types(schema) if graphql.is_input_object_type(each) for name in each.fields
    ]
    return [f"{where}.{name}" for where, name in names if not re.fullmatch(r"[a-z][a-zA-Z0-9]*", name)]


def misnamed_times(schema: GraphQLSchema) -> list[str]:
    """Moments whose names do not end in At, and other fields whose names do."""
    return [
        f"{where}.{name}"
        for where, name, field in _fields(schema)
        if (graphql.get_named_type(field.type).name == "DateTime") != name.endswith("At")
    ]


def misnamed_booleans(schema: GraphQLSchema) -> list[str]:
    """Booleans whose names are no statements."""
    return [
        f"{where}.{name}"
        for where, name, field in _fields(schema)
        if graphql.get_named_type(field.type).name == "Boolean" and not STATEMENT.match(name)
    ]


def unbounded_lists(schema: GraphQLSchema) -> list[str]:
    """Lists of things that neither take `first` nor are part of a connection, nor tell what came of a mutation.

    Plain values are part of a thing. What a mutation tells of is as long as what it was given.
    """
    told = _told_by_mutations(schema)
    return [
        f"{where}.{name}"
        for where, name, field in _fields(schema)
        if graphql.is_list_type(graphql.get_nullable_type(field.type))
        and not graphql.is_leaf_type(graphql.get_named_type(field.type))
        and not where.endswith("Connection")
        and "first" not in field.args
        and where not in told
    ]


def _told_by_mutations(schema: GraphQLSchema) -> set[str]:
    """Errors, and other types that only the results of mutations have."""
    members = {member.name for each in _types(schema) if graphql.is_union_type(each) for member in each.types}
    shown = {graphql.get_named_type(field.type).name for _, _, field in _fields(schema)}
    return members - shown


def floats(schema: GraphQLSchema) -> list[str]:
    """Where binary fractions are taken or given."""
    return ["Float"] if "Float" in schema.type_map else []


def _types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    own = (each for name, each in schema.type_map.items() if not name.startswith("__"))
    return [each for each in own if not graphql.is_specified_scalar_type(each)]


def _fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLField]]:
    for each in _types(schema):
        if graphql.is_object_type(each) or graphql.is_interface_type(each):
            for name, field in each.fields.items():
                yield each.name, name, field
