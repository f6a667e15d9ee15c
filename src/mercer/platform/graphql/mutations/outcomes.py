"""What came of a mutation, as it is remembered for an idempotency key: types, ids and error fields."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, get_type_hints
from uuid import UUID

import msgspec

from mercer.platform.errors import DomainError

from .rows import RowKey

Outcome = dict[str, Any]


def stored(result: Any) -> Outcome:
    """A result, or a domain error, as JSON values."""
    match result:
        case DomainError():
            return {"error": type(result).__name__, "path": list(result.path), "fields": _fields(result)}
        case RowKey():
            return {"row": result.type_name, "key": str(result.key)}
        case _ if hasattr(result, "__strawberry_definition__"):
            return {"type": type(result).__strawberry_definition__.name, "fields": _fields(result)}
    raise TypeError(f"a mutation cannot return {result!r}")


def restored(outcome: Outcome, types: Mapping[str, type], errors: Mapping[str, type[DomainError]]) -> Any:
    """What `stored` was given. `types` are the API's, by name."""
    if "error" in outcome:
        kind = errors[outcome["error"]]
        error = kind(**_restored_fields(kind, outcome["fields"], types, errors))
        return error.at(*outcome["path"])
    if "row" in outcome:
        return RowKey(types[outcome["row"]], UUID(outcome["key"]))
    made = types[outcome["type"]]
    return made(**_restored_fields(made, outcome["fields"], types, errors))


def _fields(value: Any) -> dict[str, Any]:
    return {each.name: _stored_value(getattr(value, each.name)) for each in dataclasses.fields(value)}


def _stored_value(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_stored_value(each) for each in value]
    # A member of an enum that is a type of the API has its definition too.
    is_made = hasattr(value, "__strawberry_definition__") and not isinstance(value, Enum)
    if is_made or isinstance(value, RowKey):
        return stored(value)
    return msgspec.to_builtins(value)


def _restored_fields(
    kind: type, values: Mapping[str, Any], types: Mapping[str, type], errors: Mapping[str, type[DomainError]]
) -> dict[str, Any]:
    hints = get_type_hints(kind)

    def value_of(value: Any, hint: Any) -> Any:
        if _is_outcome(value):
            return restored(value, types, errors)
        if isinstance(value, list) and any(map(_is_outcome, value)):
            return [restored(each, types, errors) for each in value]
        return msgspec.convert(value, type=hint, strict=False)

    return {name: value_of(value, hints[name]) for name, value in values.items()}


def _is_outcome(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() in ({"row", "key"}, {"type", "fields"})
