"""Executes documents: fields with sources are answered by one SQL statement each, all others by their resolvers."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFormattedError,
    GraphQLObjectType,
    execute,
    get_named_type,
)
from graphql.execution.executor import to_nodes
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from mercer.platform.context import Context

from .schema import Api
from .views.plans import Plans
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
            return self._read(parent_type, field_details_list, path, position_context)
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    async def _read(
        self, parent_type: GraphQLObjectType, field_details_list: Any, path: Path, position_context: Any
    ) -> Any:
        context, nodes = self.context_value, to_nodes(field_details_list)
        try:
            parent = self.plans.types[parent_type.name]
            plan, values = self.plans.find(parent, nodes, self.fragment_definitions, self.variable_values)
            bound = plan.values(values, context.binds)
            if not context.settings.verify_reads:
                answer = await context.database.fetch_value(plan.sql, bound)
                return None if answer is None else orjson.Fragment(answer)
            answer = await verified_answer(self.plans, plan, bound, parent, nodes, self, context)
        except Exception as error:  # noqa: BLE001 — whatever it is becomes this field's error
            type_ = parent_type.fields[nodes[0].name.value].type
            self.handle_field_error(error, type_, field_details_list, path)
            return None
        return self._complete(parent_type, _objects(answer), field_details_list, path, position_context)

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
