"""How deep and how wide a document is, with each fragment counted as often as it is spread."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from mercer.platform.graphql.limits import LimitExceeded
from mercer.platform.graphql.limits.cost import LIST, PAGE, PRODUCTS, Cost, Size, check_cost
from mercer.platform.settings import Settings

ROOT_FIELDS = 20
"""How many fields an operation may ask for at its root. Each is an SQL statement."""

FIELDS = 300
"""How many fields one selection may have. Validation compares those of the same name with each other."""

DIRECTIVES = 5
"""How many directives may stand at one place."""

LITERAL_DIGITS = 12
"""How many digits of a page's size are read. That is beyond any limit."""

ONE = Size()
VALUE = Cost({(): 1})


@dataclass(slots=True)
class Measure:
    """The size of one selection set, with all that it reaches."""

    depth: int = 0
    """Fields below each other."""
    nesting: int = 0
    """Selection sets below each other: those of fields, inline fragments and fragments."""
    fields: int = 0
    """Fields side by side."""
    aliases: int = 0
    cost: Cost = field(default_factory=Cost)
    page: Cost = field(default_factory=Cost)
    """What each row of the page costs, in the selection set of a connection."""

    def take(self, other: "Measure") -> None:
        """Add what stands at the same place: a fragment's selections."""
        self.depth = max(self.depth, other.depth)
        self.nesting = max(self.nesting, other.nesting)
        self.fields += other.fields
        self.aliases += other.aliases
        self.cost.add(other.cost, times=ONE)
        self.page.add(other.page, times=ONE)


class Measuring:
    """Measures one document, which need not be valid yet. Raises `LimitExceeded`."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, settings: Settings) -> None:
        self._schema = schema
        self._settings = settings
        self._operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        self._nesting_limit = 2 * settings.query_depth + 10
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}
        self._entered: set[str] = set()

    def costs(self) -> list[tuple[OperationDefinitionNode, Cost]]:
        """Check all against every limit; return the cost of each operation, which variables may still raise."""
        for name in self._fragments:
            self._fragment(name, level=1)
        return [(node, self._operation(node)) for node in self._operations]

    def _operation(self, node: OperationDefinitionNode) -> Cost:
        self._check_directives(node.directives)
        measure = self._selections(node.selection_set, self._schema.get_root_type(node.operation), level=1)
        if measure.depth > self._settings.query_depth:
            raise LimitExceeded(
                f"The operation is {measure.depth} fields deep. At most {self._settings.query_depth} are allowed.",
                code="TOO_DEEP",
            )
        if measure.fields > ROOT_FIELDS:
            raise LimitExceeded(
                f"The operation asks for {measure.fields} fields at its root. At most {ROOT_FIELDS} are allowed.",
                code="TOO_MANY_FIELDS",
            )
        return measure.cost

    def _selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None, *, level: int) -> Measure:
        measure = Measure()
        for selection in node.selections:
            self._check_directives(selection.directives)
            match selection:
                case FieldNode():
                    self._take_field(measure, selection, parent, level=level)
                case InlineFragmentNode():
                    inner = (
                        self._schema.get_type(selection.type_condition.name.value)
                        if selection.type_condition
                        else parent
                    )
                    measure.take(self._below(selection.selection_set, inner, level=level))
                case FragmentSpreadNode():
                    measure.take(self._fragment(selection.name.value, level=level))
            self._check(measure)
        return measure

    def _below(self, node: SelectionSetNode, parent: GraphQLNamedType | None, *, level: int) -> Measure:
        if level >= self._nesting_limit:
            raise LimitExceeded("The document nests too deeply.", code="TOO_DEEP")
        measure = self._selections(node, parent, level=level + 1)
        measure.nesting += 1
        return measure

    def _fragment(self, name: str, *, level: int) -> Measure:
        fragment = self._fragments.get(name)
        if fragment is None or name in self._entered:
            return Measure()  # validation will tell
        measure = self._measured.get(name)
        if measure is None:
            self._check_directives(fragment.directives)
            self._entered.add(name)
            on = self._schema.get_type(fragment.type_condition.name.value)
            measure = self._measured[name] = self._below(fragment.selection_set, on, level=level)
            self._entered.remove(name)
        elif level + measure.nesting > self._nesting_limit:
            raise LimitExceeded("The document nests too deeply.", code="TOO_DEEP")
        return measure

    def _take_field(self, measure: Measure, node: FieldNode, parent: GraphQLNamedType | None, *, level: int) -> None:
        measure.fields += 1
        measure.aliases += node.alias is not None
        name = node.name.value
        definition = _definition(parent, name)
        inner = Measure()
        if node.selection_set and name not in ("__schema", "__type"):
            of_type = get_named_type(definition.type) if definition else None
            inner = self._below(node.selection_set, of_type, level=level)
        measure.depth = max(measure.depth, 1 + inner.depth)
        measure.nesting = max(measure.nesting, inner.nesting)
        measure.aliases += inner.aliases
        is_page = parent is not None and parent.name.endswith("Connection") and name in ("nodes", "edges")
        into = measure.page if is_page else measure.cost
        into.add(VALUE, times=ONE)
        is_list = definition is not None and is_list_type(get_nullable_type(definition.type))
        into.add(inner.cost, times=_size(node, LIST) if is_list and not is_page else ONE)
        into.add(inner.page, times=_size(node, PAGE))

    def _check(self, measure: Measure) -> None:
        limit = self._settings.query_aliases
        if measure.aliases > limit:
            raise LimitExceeded(f"The operation has more than {limit} aliases.", code="TOO_MANY_ALIASES")
        if measure.fields > FIELDS:
            raise LimitExceeded(f"A selection has more than {FIELDS} fields.", code="TOO_MANY_FIELDS")
        for cost in (measure.cost, measure.page):
            check_cost(cost.least, limit=self._settings.query_cost)
            if len(cost.products) > PRODUCTS:
                raise LimitExceeded("Too many variables multiply each other as sizes of pages.", code="TOO_EXPENSIVE")

    def _check_directives(self, directives: Sequence[DirectiveNode] | None) -> None:
        if directives and len(directives) > DIRECTIVES:
            raise LimitExceeded(
                f"There are {len(directives)} directives at one place. At most {DIRECTIVES} are allowed.",
                code="TOO_MANY_DIRECTIVES",
            )


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType)):
        definition: GraphQLField | None = parent.fields.get(name)
        return definition
    return None


def _size(node: FieldNode, usual: int) -> Size:
    """How long a list may be: as the field says, or as it usually is."""
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            if isinstance(argument.value, IntValueNode):
                return Size(max(1, int(argument.value.value[:LITERAL_DIGITS])))
            if isinstance(argument.value, VariableNode):
                return Size(variable=argument.value.name.value)
    return Size(usual)
