"""What a selection asks for: its fields merged as the specification's CollectFields does."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionNode,
    ValueNode,
    VariableNode,
)


@dataclass(frozen=True)
class Asked:
    """One response key with the nodes that ask for it; those after the first add to its sub-selection."""

    key: str
    nodes: list[FieldNode]

    @property
    def name(self) -> str:
        return self.nodes[0].name.value


def collect(
    nodes: Sequence[FieldNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    names: Container[str] | None = None,
) -> list[Asked]:
    """The sub-fields that these nodes ask for, each response key once, in the order of the document.

    `names` are those of the object's type, and of the interfaces and unions that it belongs to. They are needed where
    fragments may be about another type.
    """
    found: dict[str, list[FieldNode]] = {}
    visited: set[str] = set()
    for node in nodes:
        if node.selection_set:
            for field in _fields(node.selection_set.selections, fragments, variables, names, visited):
                found.setdefault(response_key(field), []).append(field)
    return [Asked(key, asking) for key, asking in found.items()]


def _fields(
    selections: Sequence[SelectionNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    names: Container[str] | None,
    visited: set[str],
) -> Iterator[FieldNode]:
    for node in selections:
        if not is_included(node, variables):
            continue
        match node:
            case FieldNode():
                yield node
            case InlineFragmentNode() if applies(node, names):
                yield from _fields(node.selection_set.selections, fragments, variables, names, visited)
            case FragmentSpreadNode() if node.name.value not in visited:
                visited.add(node.name.value)
                fragment = fragments[node.name.value]
                if applies(fragment, names):
                    yield from _fields(fragment.selection_set.selections, fragments, variables, names, visited)


def applies(fragment: InlineFragmentNode | FragmentDefinitionNode, names: Container[str] | None) -> bool:
    """Whether a fragment is about objects of these names."""
    return names is None or fragment.type_condition is None or fragment.type_condition.name.value in names


def response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def is_included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """What `@skip` and `@include` say of a node."""
    for directive in node.directives or ():
        if directive.name.value in {"skip", "include"}:
            wanted = directive.name.value == "include"
            if _condition(directive, variables) is not wanted:
                return False
    return True


def _condition(directive: DirectiveNode, variables: Mapping[str, Any]) -> bool:
    value = _condition_node(directive)
    if isinstance(value, VariableNode):
        condition: bool | None = variables[value.name.value]
        if condition is None:
            raise GraphQLError(f"Variable '${value.name.value}' of @{directive.name.value} must not be null.", value)
        return condition
    assert isinstance(value, BooleanValueNode)
    return value.value


def _condition_node(directive: DirectiveNode) -> ValueNode:
    assert directive.arguments, "validation requires `if`"
    return directive.arguments[0].value


def has_variables(node: FieldNode) -> bool:
    """Whether any of a node's arguments holds a variable, at any depth."""
    waiting: list[ValueNode] = [argument.value for argument in node.arguments or ()]
    while waiting:
        match waiting.pop():
            case VariableNode():
                return True
            case ListValueNode(values=values):
                waiting.extend(values)
            case ObjectValueNode(fields=fields):
                waiting.extend(field.value for field in fields)
    return False


def deciding_variables(nodes: Sequence[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]) -> frozenset[str]:
    """The variables by which directives below these nodes decide what is asked for."""
    found: set[str] = set()
    waiting: list[SelectionNode] = list(nodes)
    visited: set[str] = set()
    while waiting:
        node = waiting.pop()
        for directive in node.directives or ():
            if directive.name.value in {"skip", "include"}:
                condition = _condition_node(directive)
                if isinstance(condition, VariableNode):
                    found.add(condition.name.value)
        match node:
            case FragmentSpreadNode() if node.name.value not in visited:
                visited.add(node.name.value)
                waiting.extend(fragments[node.name.value].selection_set.selections)
            case FieldNode() | InlineFragmentNode() if node.selection_set:
                waiting.extend(node.selection_set.selections)
    return frozenset(found)


def fields_below(
    type_name: str,
    nodes: Sequence[FieldNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    target: Callable[[str, str], str | None],
    names: Callable[[str], Container[str] | None],
) -> Iterator[tuple[str, FieldNode]]:
    """These nodes and all below them that are not skipped, each with the name of the type that has the field.

    Fragments are entered once for each type.
    """
    waiting: list[tuple[str, SelectionNode]] = [(type_name, node) for node in reversed(nodes)]
    visited: set[tuple[str, str]] = set()
    while waiting:
        parent, node = waiting.pop()
        if not is_included(node, variables):
            continue
        below: Sequence[SelectionNode] = ()
        match node:
            case FieldNode():
                yield parent, node
                inner = target(parent, node.name.value)
                if node.selection_set and inner:
                    waiting.extend((inner, each) for each in reversed(node.selection_set.selections))
            case InlineFragmentNode() if applies(node, names(parent)):
                below = node.selection_set.selections
            case FragmentSpreadNode() if (parent, node.name.value) not in visited:
                visited.add((parent, node.name.value))
                fragment = fragments[node.name.value]
                below = fragment.selection_set.selections if applies(fragment, names(parent)) else ()
        waiting.extend((parent, each) for each in reversed(below))
