"""Plans: the SQL of a root field, compiled once for each document and shape of arguments, and how it is run."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, FragmentDefinitionNode
from graphql.execution.values import VariableValues, get_argument_values

from .asking import Ask, ask
from .caching import Cached, Tagging, tagged
from .compilation import Compilation
from .dialect import DIALECT
from .inputs import ASKED, REQUEST, Given, put_together
from .planner import field_json, root_query
from .selection import Asked, deciding_variables, fields_below, has_variables, response_key
from .types import ViewField, ViewType, ViewTypes

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True)
class Taker:
    """A node that takes arguments. What it asks is `fixed` when none of them holds a variable."""

    node: FieldNode
    field: ViewField
    fixed: Ask | None


@dataclass(frozen=True)
class Outline:
    """What of a root field decides its SQL: which nodes ask for it, what directives decided, and the arguments below.

    Nodes are known by their identity: those who remember an outline keep its nodes alive, so that no others can take
    their place. All of them count, since operations and directives differ in which nodes of a document ask for a field.
    """

    key: Any
    nodes: tuple[FieldNode, ...]
    takers: tuple[Taker, ...]


@dataclass(frozen=True)
class Plan:
    """A compiled statement and where each of its parameters comes from."""

    sql: str
    parameters: tuple[tuple[str, Any], ...]
    tagging: Tagging | None = None
    """What its answers show, if they may be cached."""

    def values(self, asked: Sequence[Any], binds: Mapping[str, Any]) -> list[Any]:
        """The parameters' values: of an argument (by place), of the request (by name), or constant."""
        sources = {"asked": asked, "request": binds}
        return [where if kind == "constant" else sources[kind][where] for kind, where in self.parameters]  # type: ignore[index]


class Plans:
    """The plans of one schema, the least recently used forgotten first."""

    def __init__(self, types: ViewTypes, *, cached: Cached | None = None, most: int = 2_000) -> None:
        self.types = types
        self.cached = cached
        self.most = most
        self._deciders: OrderedDict[Any, tuple[tuple[FieldNode, ...], tuple[str, ...]]] = OrderedDict()
        self._outlines: OrderedDict[Any, Outline] = OrderedDict()
        self._plans: OrderedDict[Any, tuple[Outline, Plan]] = OrderedDict()

    def find(
        self, parent: ViewType, nodes: list[FieldNode], fragments: Fragments, variables: VariableValues
    ) -> tuple[Plan, list[Any]]:
        """The plan of a root field, and the values of its arguments. Raises `BadUserInput`, `GraphQLError`."""
        outline = self._outline(parent, nodes, fragments, variables)
        asks = self._asks(outline, variables)
        key = (outline.key, tuple([each.shape for each in asks]))
        found = _remember(self._plans, key, self.most)
        if found is None:
            job = self._compilation(outline, asks, fragments, variables)
            asked = Asked(response_key(nodes[0]), nodes)
            self._plans[key] = found = (outline, planned(job, parent, asked))
        return found[1], [value for each in asks for value in each.values]

    def compilation(
        self, parent: ViewType, nodes: list[FieldNode], fragments: Fragments, variables: VariableValues
    ) -> tuple[Compilation, list[Any]]:
        """What `find` compiles a root field from, and the values of its arguments."""
        outline = self._outline(parent, nodes, fragments, variables)
        asks = self._asks(outline, variables)
        values = [value for each in asks for value in each.values]
        return self._compilation(outline, asks, fragments, variables), values

    def _asks(self, outline: Outline, variables: VariableValues) -> list[Ask]:
        return [taker.fixed or self._ask(taker.node, taker.field, variables) for taker in outline.takers]

    def _ask(self, node: FieldNode, field: ViewField, variables: VariableValues) -> Ask:
        return ask(self.types, field, get_argument_values(field.definition, node, variables))

    def _compilation(
        self, outline: Outline, asks: list[Ask], fragments: Fragments, variables: VariableValues
    ) -> Compilation:
        arguments = given_arguments(outline.takers, asks)
        return Compilation(self.types, fragments, variables.coerced, arguments, cached=self.cached)

    def _outline(
        self, parent: ViewType, nodes: list[FieldNode], fragments: Fragments, variables: VariableValues
    ) -> Outline:
        place = (parent.name, *[id(node) for node in nodes])
        deciders = _remember(self._deciders, place, self.most)
        if deciders is None:
            deciders = (tuple(nodes), tuple(sorted(deciding_variables(nodes, fragments))))
            self._deciders[place] = deciders
        key = (place, tuple([variables.coerced[name] for name in deciders[1]]))
        found: Outline | None = _remember(self._outlines, key, self.most)
        if found is None:
            found = Outline(key, tuple(nodes), tuple(self._takers(parent, nodes, fragments, variables)))
            self._outlines[key] = found
        return found

    def _takers(
        self, parent: ViewType, nodes: Sequence[FieldNode], fragments: Fragments, variables: VariableValues
    ) -> Iterator[Taker]:
        """Every node that takes arguments and is not skipped, once."""

        def target(type_name: str, name: str) -> str | None:
            return parent.fields[name].target.name if type_name == parent.name else self.types.target(type_name, name)

        seen: set[int] = set()
        below = fields_below(parent.name, nodes, fragments, variables.coerced, target, self.types.names)
        for type_name, node in below:
            field = (
                parent.fields.get(node.name.value)
                if type_name == parent.name
                else self.types.field(type_name, node.name.value)
            )
            if field is not None and field.definition.args and id(node) not in seen:
                seen.add(id(node))
                yield Taker(node, field, None if has_variables(node) else self._ask(node, field, variables))


def given_arguments(takers: Sequence[Taker], asks: Sequence[Ask]) -> dict[int, dict[str, Given]]:
    """The arguments of each node as binds, named by the place of their value among all asked ones."""
    names = (f"{ASKED}{place}" for place in range(sum(len(each.values) for each in asks)))
    return {
        id(taker.node): {name: put_together(shape, names) for name, shape in each.shape}
        for taker, each in zip(takers, asks, strict=True)
    }


def planned(job: Compilation, parent: ViewType, asked: Asked) -> Plan:
    """The plan of a root field, with the tags of its answers if they may be cached."""
    if job.cached is not None and parent.name == "Query":
        rooted = root_query(job, parent, asked)
        found = tagged(rooted.query, rooted.owner, rooted.ids(), job.elsewhere, job.cached)
        if found is not None:
            statement, tagging = found
            plan = compiled(statement, tagging)
            if plan.tagging is not None:
                return plan
    return compiled(sa.select(field_json(job, parent, None, asked)))


def compiled(statement: sa.Select[Any], tagging: Tagging | None = None) -> Plan:
    """A statement as PostgreSQL takes it, its parameters numbered.

    It has no tags after all if it turns out to read a table that was not looked at.
    """
    made: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    parameters = tuple(_parameter(name, made.params[name]) for name in made.positiontup or ())
    is_tagged = tagging is not None and made.tables_read <= tagging.tables
    return Plan(str(made), parameters, tagging if is_tagged else None)


def _parameter(name: str, default: Any) -> tuple[str, Any]:
    if name.startswith(REQUEST):
        return "request", name.removeprefix(REQUEST)
    if name.startswith(ASKED):
        return "asked", int(name.removeprefix(ASKED))
    return "constant", default


def _remember(cache: OrderedDict[Any, Any], key: Any, most: int) -> Any:
    """What the cache holds, now its most recent; makes room when it holds nothing."""
    found = cache.get(key)
    if found is not None:
        cache.move_to_end(key)
    elif len(cache) >= most:
        cache.popitem(last=False)
    return found
