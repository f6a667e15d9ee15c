"""From a document's text to what can be executed: parsed, within the limits, valid, and remembered."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    IntValueNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from mercer.platform.errors import RequestRefused
from mercer.platform.graphql.failures import OperationRefused
from mercer.platform.graphql.limits.cost import PAGE, Cost
from mercer.platform.graphql.limits.measure import LITERAL_DIGITS, Measuring
from mercer.platform.graphql.limits.text import check_text
from mercer.platform.graphql.mutations import Mutation
from mercer.platform.graphql.needs import fields_of, mutations_of, needs_of
from mercer.platform.permissions import Needs
from mercer.platform.settings import Settings

REMEMBERED_DOCUMENTS = 1_000
REMEMBERED_CHARACTERS = 4_000_000
"""How much text is remembered for each API, in all. Parsed, it takes some fifty times as much memory."""

ERRORS = 10
"""How many errors of one document are told."""


# Comparing fields of the same name takes quadratic time: this is some 50 ms of it, far beyond any honest document.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a document."""

    node: OperationDefinitionNode
    cost: Cost
    default_sizes: Mapping[str, int]
    """How long a page is by default, for each variable that may say so."""
    needs: frozenset[Needs]
    """What whoever sends it must have."""
    mutations: tuple[Mutation, ...]

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None

    @property
    def label(self) -> str:
        """What logs and metrics call it: its name, else that of its first field."""
        first = self.node.selection_set.selections[0]
        return self.name or (first.name.value if isinstance(first, FieldNode) else "anonymous")

    @property
    def is_query(self) -> bool:
        return self.node.operation.value == "query"

    def cost_with(self, variables: Mapping[str, Any]) -> int:
        """How many values it asks for, with these variables as the client sent them."""
        return self.cost.total({name: _size(variables.get(name), size) for name, size in self.default_sizes.items()})


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A valid document."""

    node: DocumentNode
    operations: Mapping[str | None, Operation]

    def operation(self, name: str | None) -> Operation:
        """The operation of this name, or the only one. Raises `RequestRefused`."""
        if name is not None:
            operation = self.operations.get(name)
        elif len(self.operations) == 1:
            operation = next(iter(self.operations.values()))
        else:
            raise _operation_not_found("The document has several operations: name the one to run.")
        if operation is None:
            raise _operation_not_found(f"The document has no operation named {name!r}.")
        return operation


class Documents:
    """The documents that the clients of one API send, each parsed and checked once while it is remembered."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._settings = settings
        self._rules = (
            specified_rules if settings.allows_introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        )
        self._remembered: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0

    def get(self, text: str) -> Document:
        """The document of this text. Raises `RequestRefused`: it exceeds a limit, or it is not valid."""
        document = self._remembered.get(text)
        if document is not None:
            self._remembered.move_to_end(text)
            return document
        document = self._read(text)
        self._remembered[text] = document
        self._characters += len(text)
        while len(self._remembered) > REMEMBERED_DOCUMENTS or self._characters > REMEMBERED_CHARACTERS:
            forgotten, _ = self._remembered.popitem(last=False)
            self._characters -= len(forgotten)
        return document

    def _read(self, text: str) -> Document:
        check_text(text, tokens=self._settings.query_tokens, depth=self._settings.query_depth)
        try:
            node = parse(text)
        except GraphQLSyntaxError as error:
            raise OperationRefused([error], code="GRAPHQL_PARSE_FAILED", status=400) from None
        costs = Measuring(self._schema, node, self._settings).costs()
        errors = validate(
            self._schema, node, self._rules, max_errors=ERRORS, hide_suggestions=not self._settings.allows_introspection
        )
        if "\\u" in text or "\0" in text:
            errors += _null_characters(node)
        if errors:
            raise OperationRefused(errors, code="GRAPHQL_VALIDATION_FAILED", status=422)
        operations = [self._operation(node, each, cost) for each, cost in costs]
        return Document(node=node, operations={operation.name: operation for operation in operations})

    def _operation(self, document: DocumentNode, node: OperationDefinitionNode, cost: Cost) -> Operation:
        fields = list(fields_of(self._schema, document, node))
        return Operation(node, cost, _default_sizes(node), needs_of(fields), mutations_of(fields))


def _operation_not_found(message: str) -> RequestRefused:
    return RequestRefused(message, code="OPERATION_NOT_FOUND", status=422)


def _default_sizes(node: OperationDefinitionNode) -> dict[str, int]:
    defaults = {
        definition.variable.name.value: definition.default_value for definition in node.variable_definitions or ()
    }
    return {
        name: int(default.value[:LITERAL_DIGITS]) if isinstance(default, IntValueNode) else PAGE
        for name, default in defaults.items()
    }


def _size(value: object, default: int) -> int:
    return value if isinstance(value, int) else default


class _NullCharacters(Visitor):
    """Finds what PostgreSQL cannot store in text."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[GraphQLError] = []

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        if "\0" in node.value:
            self.errors.append(GraphQLError("A text may not hold the null character.", node))


def _null_characters(node: DocumentNode) -> list[GraphQLError]:
    visitor = _NullCharacters()
    visit(node, visitor)
    return visitor.errors
