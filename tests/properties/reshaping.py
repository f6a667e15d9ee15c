"""Random documents made to fit the small shop: their arguments name what exists, and their selections are small.

Hypothesis-graphql says which fields and which kinds of arguments; what is asked of it here is what it leaves out:
ids that exist, pages of a few nodes, fragments, merged fields, directives and variables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    ConstValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_required_argument,
    parse_type,
    value_from_ast_untyped,
)
from hypothesis import strategies as st
from tests.properties.arguments import Arguments, Draw

Copied = TypeVar("Copied", bound=Node)

DEEPEST = 6
"""How many fields may lie within each other."""
WIDEST = 5
"""How many fields are asked for at one place."""


@dataclass
class Reshaped:
    """A document as it is made, and the variables that it needs."""

    schema: GraphQLSchema
    draw: Draw
    arguments: Arguments
    fragments: list[FragmentDefinitionNode] = field(default_factory=list)
    definitions: list[VariableDefinitionNode] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)

    def document(self, document: DocumentNode) -> DocumentNode:
        """The document with everything made to fit."""
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        assert self.schema.query_type is not None
        selections = self._set(self.schema.query_type, operation.selection_set.selections[:2], 0)
        made = _copy(operation, selection_set=selections, variable_definitions=tuple(self.definitions))
        return DocumentNode(definitions=(made, *self.fragments))

    def _set(self, type_: GraphQLObjectType, selections: Sequence[SelectionNode], depth: int) -> SelectionSetNode:
        """The selections, some of them moved into fragments."""
        kept = [each for each in selections if isinstance(each, FieldNode)][:WIDEST]
        shaped = (self._field(type_, node, depth) for node in kept)
        made: list[SelectionNode] = [self._around(type_, node) for node in shaped if node is not None]
        if not made or self._one_in(6):
            made.append(FieldNode(name=NameNode(value="__typename"), arguments=(), directives=()))
        return SelectionSetNode(selections=tuple(made))

    def _field(self, type_: GraphQLObjectType, node: FieldNode, depth: int) -> FieldNode | None:
        if node.name.value == "__typename":
            return node
        definition = type_.fields[node.name.value]
        inner = get_named_type(definition.type)
        arguments = self._arguments(type_, node, definition)
        if not isinstance(inner, GraphQLObjectType):
            return _copy(node, arguments=arguments, directives=())
        if depth == DEEPEST:
            return None
        below = node.selection_set.selections if node.selection_set else ()
        return _copy(node, arguments=arguments, directives=(), selection_set=self._set(inner, below, depth + 1))

    def _arguments(
        self, type_: GraphQLObjectType, node: FieldNode, definition: GraphQLField
    ) -> tuple[ArgumentNode, ...]:
        given = {each.name.value: each.value for each in node.arguments or ()}
        fitted = self.arguments.fit(self.draw, type_.name, node.name.value, definition, given)
        made = []
        for name, value in fitted.items():
            argument = definition.args[name]
            if self._one_in(3):
                optional = not is_required_argument(argument) and not isinstance(argument.type, GraphQLNonNull)
                value = self._variable(str(argument.type), value, may_be_left_out=optional)  # noqa: PLW2901
            made.append(ArgumentNode(name=NameNode(value=name), value=value))
        return tuple(made)

    def _variable(self, type_: str, value: ValueNode, *, may_be_left_out: bool = False) -> VariableNode:
        """A variable of this value: sent with the request, or its default."""
        name = f"v{len(self.definitions)}"
        variable = VariableNode(name=NameNode(value=name))
        is_default = may_be_left_out and self._one_in(2)
        if not is_default:
            self.variables[name] = value_from_ast_untyped(value)
        made: TypeNode = parse_type(type_)
        self.definitions.append(
            VariableDefinitionNode(
                variable=variable,
                type=made,
                default_value=cast("ConstValueNode", value) if is_default else None,
                directives=(),
            )
        )
        return variable

    def _around(self, type_: GraphQLObjectType, node: FieldNode) -> SelectionNode:
        """The field as it is, in a fragment, conditionally, or twice."""
        match self.draw(st.sampled_from(["plain", "plain", "plain", "inline", "spread", "condition", "twice"])):
            case "inline":
                return self._inline(type_, node)
            case "spread":
                spread = self._spread(type_, node)
                return self._inline(type_, spread, spread) if self._one_in(3) else spread
            case "condition":
                return _copy(node, directives=(self._condition(),))
            case "twice":
                again = _copy(node, directives=(self._condition(),)) if self._one_in(2) else node
                return self._inline(type_, again, self._spread(type_, self._part(node)))
            case _:
                return node

    def _part(self, node: FieldNode) -> FieldNode:
        """The same field with the first half of what it selects."""
        if node.selection_set is None:
            return node
        selections = node.selection_set.selections
        return _copy(
            node, selection_set=_copy(node.selection_set, selections=selections[: max(1, len(selections) // 2)])
        )

    def _inline(self, type_: GraphQLObjectType, *nodes: SelectionNode) -> InlineFragmentNode:
        return InlineFragmentNode(
            type_condition=_named(type_) if self._one_in(2) else None,
            directives=(self._condition(),) if self._one_in(4) else (),
            selection_set=SelectionSetNode(selections=nodes),
        )

    def _spread(self, type_: GraphQLObjectType, node: SelectionNode) -> FragmentSpreadNode:
        name = NameNode(value=f"F{len(self.fragments)}")
        self.fragments.append(
            FragmentDefinitionNode(
                name=name,
                type_condition=_named(type_),
                directives=(),
                variable_definitions=(),
                selection_set=SelectionSetNode(selections=(node,)),
            )
        )
        return FragmentSpreadNode(name=name, arguments=(), directives=(self._condition(),) if self._one_in(4) else ())

    def _condition(self) -> DirectiveNode:
        value: ValueNode = BooleanValueNode(value=self.draw(st.booleans()))
        if self.draw(st.booleans()):
            value = self._variable("Boolean!", value)
        return DirectiveNode(
            name=NameNode(value=self.draw(st.sampled_from(["include", "skip"]))),
            arguments=(ArgumentNode(name=NameNode(value="if"), value=value),),
        )

    def _one_in(self, number: int) -> bool:
        return bool(self.draw(st.integers(1, number)) == number)


def flipped(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables with what decides what is asked for the other way round."""
    return {name: (not value if isinstance(value, bool) else value) for name, value in variables.items()}


def _named(type_: GraphQLObjectType) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=type_.name))


def _copy(node: Copied, **changes: Any) -> Copied:
    return replace(node, **changes)
