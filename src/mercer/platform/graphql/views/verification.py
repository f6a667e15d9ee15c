"""The verifying mode: a statement's answer compared with that of the slow interpreter, within one snapshot."""

from collections.abc import Sequence
from typing import Any

import orjson
from graphql import FieldNode

from mercer.platform.context import Context
from mercer.platform.observability.statements import count_statement

from .interpreter import Interpreter
from .plans import Plan, Plans
from .rowwise import Statements
from .selection import Asked, response_key
from .types import ViewType


class AnswersDiffer(AssertionError):
    """A compiled read and the interpreter say different things: one of them is wrong."""


async def verified_answer(
    plans: Plans,
    plan: Plan,
    values: Sequence[Any],
    parent: ViewType,
    nodes: list[FieldNode],
    executor: Any,
    context: Context,
) -> tuple[Any, tuple[Any, ...] | None]:
    """The answer of a compiled read, after the interpreter has said the same, and the row that it came in."""
    async with context.database.reading() as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        count_statement()
        cursor = await connection.execute(plan.sql.encode(), values)
        row = await cursor.fetchone()
        answer = orjson.loads(row[0]) if row is not None and row[0] is not None else None
        job, asked = plans.compilation(parent, nodes, executor.fragment_definitions, executor.variable_values)
        interpreter = Interpreter(job, Statements(connection, asked, context.binds))
        expected = await interpreter.root(parent, Asked(response_key(nodes[0]), nodes))
    if answer != expected:
        raise AnswersDiffer(
            f"compiled: {orjson.dumps(answer).decode()}\ninterpreted: {orjson.dumps(expected).decode()}"
        )
    return answer, row
