"""The one place where failures become the errors that clients read."""

from collections.abc import Sequence

import structlog
from graphql import GraphQLError, GraphQLFormattedError
from strawberry.exceptions import StrawberryInputCoercionError

from mercer.platform.errors import RequestRefused
from mercer.platform.observability.requests import current_request, new_id
from mercer.platform.settings import Environment, Settings

NULL_REFUSED = "A value that has to be there is null. Leave the field out, so that it stays as it is."
SORRY = "Something went wrong on our side."

log = structlog.get_logger()


class OperationRefused(RequestRefused):
    """An operation that is not executed: it cannot be parsed, is not valid, or its variables do not fit it."""

    def __init__(self, errors: Sequence[GraphQLError], *, code: str, status: int) -> None:
        super().__init__(errors[0].message, code=code, status=status)
        self.errors = errors


def describe_failure(failure: Exception, settings: Settings) -> GraphQLFormattedError:
    """The member of `errors` that tells the client of a failure: `message`, `extensions {code errorId}`, where it was.

    What nobody expected is logged, under the id that the client reads; its message is told only in development. In
    tests it is raised again.
    """
    where = failure if isinstance(failure, GraphQLError) else None
    cause = cause_of(failure)
    error_id = _error_id()
    match cause:
        case RequestRefused():
            message, code = cause.message, cause.code
        case StrawberryInputCoercionError() if "set to null" in cause.message:  # it speaks of Python's types
            message, code = NULL_REFUSED, "BAD_USER_INPUT"
        case GraphQLError():
            message, code = (where or cause).message, "BAD_USER_INPUT"
        case _:
            message, code = _report(cause, where, error_id=error_id, settings=settings), "INTERNAL"
    description: GraphQLFormattedError = {"message": message}
    if where and where.locations:
        description["locations"] = [{"line": place.line, "column": place.column} for place in where.locations]
    if where and where.path:
        description["path"] = where.path
    description["extensions"] = {"code": code, "errorId": error_id}
    return description


def describe_refusal(refused: RequestRefused, settings: Settings) -> list[GraphQLFormattedError]:
    """All that an answer's `errors` says of a request that is not carried out."""
    if not isinstance(refused, OperationRefused):
        return [describe_failure(refused, settings)]
    descriptions = [describe_failure(error, settings) for error in refused.errors]
    for description in descriptions:
        description["extensions"]["code"] = refused.code
    return descriptions


def cause_of(failure: Exception) -> Exception:
    """What was raised, behind what GraphQL made of it."""
    while isinstance(failure, GraphQLError) and failure.original_error is not None:
        failure = failure.original_error
    return failure


def _report(unexpected: Exception, where: GraphQLError | None, *, error_id: str, settings: Settings) -> str:
    """Log what nobody expected; return what the client may know of it."""
    if settings.environment is Environment.TEST:
        raise unexpected
    log.error("unexpected_failure", error_id=error_id, path=where and where.path, exc_info=unexpected)
    if settings.environment is Environment.DEVELOPMENT:
        return f"{SORRY} {type(unexpected).__name__}: {unexpected}"
    return SORRY


def _error_id() -> str:
    record = current_request.get()
    return record.id if record is not None else new_id()
