"""What an operation needs, found once for each document: by its root fields, and by those below that name more."""

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    get_named_type,
)

from mercer.platform.graphql.mutations import Mutation
from mercer.platform.permissions import Needs


def metadata_of(field: GraphQLField | GraphQLInputField) -> Mapping[str, object]:
    """What its declaration says of a field, besides its type."""
    declared = field.extensions.get("strawberry-definition")
    return declared.metadata if declared is not None else {}


def fields_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Iterator[GraphQLField]:
    """Every field that an operation names, fragments entered once for each type; skipped ones too."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    waiting: list[tuple[GraphQLNamedType | None, SelectionNode]]
    waiting = [(root, node) for node in operation.selection_set.selections]
    entered: set[tuple[str, str]] = set()
    while waiting:
        parent, node = waiting.pop()
        match node:
            case FieldNode():
                definition = getattr(parent, "fields", {}).get(node.name.value)
                if definition is None:
                    continue
                yield definition
                parent = get_named_type(definition.type)
                below = node.selection_set.selections if node.selection_set else ()
            case InlineFragmentNode():
                if node.type_condition is not None:
                    parent = schema.type_map.get(node.type_condition.name.value)
                below = node.selection_set.selections
            case _:
                name = node.name.value  # type: ignore[attr-defined]
                fragment = fragments.get(name)
                if fragment is None or (key := (str(parent), name)) in entered:
                    continue
                entered.add(key)
                parent = schema.type_map.get(fragment.type_condition.name.value)
                below = fragment.selection_set.selections
        waiting.extend((parent, each) for each in below)


def needs_of(fields: list[GraphQLField]) -> frozenset[Needs]:
    """What these fields need, taken together."""
    return frozenset(need for field in fields if (need := metadata_of(field).get("needs")) is not None)  # type: ignore[misc]


def mutations_of(fields: list[GraphQLField]) -> tuple[Mutation, ...]:
    """The mutations among these fields, as often as they are named."""
    return tuple(each for field in fields if isinstance(each := metadata_of(field).get("mutation"), Mutation))


def named_permissions(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Every permission that a schema names, with where it does: `products.manage` at `Mutation.productCreate`.

    Fields need one, or are masked without one; fields of inputs need one to be given.
    """
    for type_name, type_ in sorted(schema.type_map.items()):
        if not isinstance(type_, GraphQLObjectType | GraphQLInputObjectType):
            continue
        for name, field in type_.fields.items():
            said = metadata_of(field)
            for permission in (said.get("needs"), said.get("shown_to")):
                if isinstance(permission, str):
                    yield permission, f"{type_name}.{name}"


def permissions_in(schema: GraphQLSchema) -> frozenset[str]:
    """Every permission that a schema names."""
    return frozenset(permission for permission, _ in named_permissions(schema))
