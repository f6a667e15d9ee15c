"""Executes documents: fields with sources are answered by one SQL statement each, all others by their resolvers."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLList,
    GraphQLObjectType,
    GraphQLResolveInfo,
    execute,
    get_named_type,
)
from graphql.execution.executor import to_nodes
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from mercer.platform.context import Context
from mercer.platform.errors import RequestRefused

from .mutations.rows import RowKey
from .schema import Api
from .views.keyed import KEY, KEYS, keyed_row, keyed_rows
from .views.plans import Plan, Plans
from .views.types import ViewType
from .views.verification import verified_answer

FormatError = Callable[[GraphQLError], GraphQLFormattedError]


class Answered(dict[str, Any]):
    """An object that a statement has answered, by response key, for the verifying mode to complete."""


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Passes the JSON that a statement made on, instead of completing it field by field."""

    context_value: Context

    def __init__(self, *args: Any, plans: Plans, **options: Any) -> None:
        super().__init__(*args, **options)
        self.plans = plans

    def execute_field(
        self, parent_type: GraphQLObjectType, source: Any, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        if isinstance(source, Answered):
            return self._complete(parent_type, source[str(path.key)], field_details_list, path, position_context)
        name = field_details_list[0].node.name.value
        if parent_type is self.schema.query_type and self.plans.types.field(parent_type.name, name):
            return self._read_field(parent_type, field_details_list, path, position_context)
        if self.context_value.provenance is not None and name != "__typename":
            self.context_value.provenance.refuse()
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    async def _read_field(
        self, parent_type: GraphQLObjectType, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        """The value of a root field that has a source."""
        nodes = to_nodes(field_details_list)
        try:
            answer = await self._read(self.plans.types[parent_type.name], nodes, self.context_value)
        except Exception as error:  # noqa: BLE001 — whatever it is becomes this field's error
            type_ = parent_type.fields[nodes[0].name.value].type
            self.handle_field_error(error, type_, field_details_list, path)
            return None
        if not self.context_value.settings.verify_reads:
            return answer
        return self._complete(parent_type, answer, field_details_list, path, position_context)

    async def _read(self, parent: ViewType, nodes: list[FieldNode], context: Context) -> Any:
        """What a statement answers: finished JSON, or objects to be completed in the verifying mode."""
        plan, values = self.plans.find(parent, nodes, self.fragment_definitions, self.variable_values)
        bound = plan.values(values, context.binds)
        if not context.settings.verify_reads:
            # Staff filter by what few rows have and by what most have: one plan for all values can take seconds.
            is_planned_anew = context.origin.api == "admin"
            row = await context.database.fetch_row(plan.sql, bound, is_planned_anew=is_planned_anew)
            _note(plan, row, context)
            return None if row is None or row[0] is None else orjson.Fragment(row[0])
        answer, row = await verified_answer(self.plans, plan, bound, parent, nodes, self, context)
        _note(plan, row, context)
        return _objects(answer)

    def complete_abstract_value(
        self,
        return_type: GraphQLAbstractType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if isinstance(result, RowKey):
            type_ = cast("GraphQLObjectType", self.schema.type_map[result.type_name])
            return self._read_row(type_, field_details_list, info, path, result, position_context)
        return super().complete_abstract_value(return_type, field_details_list, info, path, result, position_context)

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if isinstance(result, RowKey):
            return self._read_row(return_type, field_details_list, info, path, result, position_context)
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)

    def complete_list_value(
        self,
        return_type: GraphQLList[Any],
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if isinstance(result, list) and result and all(isinstance(each, RowKey) for each in result):
            return self._read_rows(return_type, field_details_list, info, path, result, position_context)
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    async def _read_row(
        self,
        type_: GraphQLObjectType,
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        row: RowKey,
        position_context: Any,
    ) -> Any:
        """The object that a mutation returned, or that its payload holds, read by its view."""
        nodes = to_nodes(field_details_list)
        parent = keyed_row(self.plans.types, type_.name, nodes[0].name.value)
        answer = await self._read(parent, nodes, self.context_value.with_binds({KEY: row.key}))
        if answer is None:
            raise ResultGone
        if not self.context_value.settings.verify_reads:
            return answer
        completed = self.complete_object_value(type_, field_details_list, info, path, answer, position_context)
        return await completed if inspect.isawaitable(completed) else completed

    async def _read_rows(
        self,
        type_: GraphQLList[Any],
        field_details_list: Any,
        info: GraphQLResolveInfo[Any],
        path: Path,
        rows: list[RowKey],
        position_context: Any,
    ) -> Any:
        """The objects of a list, read by one statement."""
        nodes = to_nodes(field_details_list)
        parent = keyed_rows(self.plans.types, rows[0].type_name, nodes[0].name.value)
        answer = await self._read(parent, nodes, self.context_value.with_binds({KEYS: [row.key for row in rows]}))
        if not self.context_value.settings.verify_reads:
            return answer
        completed = self.complete_list_value(type_, field_details_list, info, path, answer, position_context)
        return await completed if inspect.isawaitable(completed) else completed

    def _complete(
        self, parent_type: GraphQLObjectType, value: Any, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        """Complete a value as a resolver's: the check of the verifying mode that it is of the schema's type."""
        nodes = to_nodes(field_details_list)
        name = nodes[0].name.value
        if name == "__typename":
            return value
        definition = parent_type.fields[name]
        info = self.build_resolve_info(definition, nodes, parent_type, path)
        inner = get_named_type(definition.type)
        if isinstance(inner, GraphQLEnumType):
            value = _members(value, inner)
        return self.complete_value(definition.type, field_details_list, info, path, value, position_context)


class ResultGone(RequestRefused):
    """What a mutation made was removed by another one before it could be read, or is beyond what its caller may see."""

    def __init__(self) -> None:
        super().__init__(
            "It was done, but the result cannot be shown: it is gone already, or not yours to see.", code="RESULT_GONE"
        )


def _note(plan: Plan, row: tuple[Any, ...] | None, context: Context) -> None:
    """Note what a statement's answer shows, if anybody asks."""
    if context.provenance is None:
        return
    if plan.tagging is None:
        context.provenance.refuse()
    else:
        plan.tagging.note(context.provenance, row)


def _objects(value: Any) -> Any:
    if isinstance(value, dict):
        return Answered({key: _objects(item) for key, item in value.items()})
    return [_objects(item) for item in value] if isinstance(value, list) else value


def _members(value: Any, type_: GraphQLEnumType) -> Any:
    """An enum's members by the names that an answer's JSON has."""
    if isinstance(value, list):
        return [_members(item, type_) for item in value]
    return None if value is None else type_.values[value].value


async def execute_document(
    api: Api,
    document: DocumentNode,
    /,
    *,
    operation_name: str | None,
    variables: Mapping[str, Any],
    context: Context,
    format_error: FormatError,
) -> bytes:
    """The response of one operation as JSON. Errors are put as `format_error` says; none is raised."""
    result = execute(
        api.schema,
        document,
        context_value=context,
        variable_values=dict(variables),
        operation_name=operation_name,
        executor_class=Executor,
        hide_suggestions=not context.settings.allows_introspection,
        plans=api.plans,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [format_error(error) for error in result.errors]
    if result.data is not None or _was_executed(result.errors):
        answer["data"] = result.data
    return orjson.dumps(answer)


def _was_executed(errors: list[GraphQLError] | None) -> bool:
    """Whether a null answer is one of execution, which has a path, and not of a request that never began."""
    return any(error.path for error in errors or ())
