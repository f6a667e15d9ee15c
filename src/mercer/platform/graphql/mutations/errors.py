"""Domain errors as the types of one API: `interface Error`, and a type for each."""

import dataclasses
import re
import types
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import strawberry

from mercer.platform.errors import DomainError

_OWN = {"code", "message", "path"}
_PLAIN = {str, int, bool, Decimal, datetime}


def code_of(error: type[DomainError]) -> str:
    """`SlugTaken` → `SLUG_TAKEN`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", error.__name__).upper()


class ErrorTypes:
    """The error types of one API. Each mirrors a domain error: same name, same fields, its docstring as message."""

    def __init__(self, errors: Iterable[type[DomainError]]) -> None:
        self.by_name: Mapping[str, type[DomainError]] = {
            error.__name__: error for error in sorted(set(errors), key=lambda error: error.__name__)
        }
        self._codes = Enum("ErrorCode", {code_of(error): code_of(error) for error in self.by_name.values()})  # type: ignore[misc]
        self._codes.__doc__ = "What went wrong, for programs."
        self._values: dict[type, type] = {}
        self._interface = self._error_interface()
        self._mirrors = {error: self._mirror(error) for error in self.by_name.values()}

    def __getitem__(self, error: type[DomainError]) -> type:
        return self._mirrors[error]

    def shown(self, error: DomainError) -> Any:
        """An error as the API shows it."""
        kind = type(error)
        values = {field.name: self._shown(getattr(error, field.name)) for field in _fields(kind)}
        own = {"code": self._codes[code_of(kind)], "message": error.message, "path": list(error.path)}
        return self._mirrors[kind](**own, **values)

    def _error_interface(self) -> type:
        codes = strawberry.enum(self._codes, description="What went wrong, for programs.")
        annotations = {"code": codes, "message": str, "path": list[str]}
        made = type("Error", (), {"__annotations__": annotations})
        return strawberry.interface(made, description="A failure that the caller can act on.")

    def _mirror(self, error: type[DomainError]) -> type:
        hints = get_type_hints(error)
        annotations = {field.name: self._annotation(hints[field.name]) for field in _fields(error)}
        if clash := _OWN & annotations.keys():
            raise TypeError(f"{error.__name__} may not have a field {', '.join(clash)}: every error has one")
        mirror = type(error.__name__, (self._interface,), {"__annotations__": annotations})
        return strawberry.type(mirror, description=(error.__doc__ or "").strip())

    def _annotation(self, hint: Any) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if hint in _PLAIN:
            return hint
        if hint is UUID:
            return strawberry.ID
        if origin in {tuple, list}:
            return list[self._annotation(arguments[0])]  # type: ignore[misc]
        if origin in {Union, types.UnionType}:
            inner = [self._annotation(each) for each in arguments if each is not type(None)]
            return Union[(*inner, None)]
        if isinstance(hint, type) and issubclass(hint, Enum):
            # Both APIs show it, and views may: its type is made once.
            is_made = hasattr(hint, "__strawberry_definition__")
            return hint if is_made else strawberry.enum(hint, description=hint.__doc__)
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            return self._value_type(hint)
        raise TypeError(f"an error's field cannot be a {hint}")

    def _value_type(self, kind: type) -> type:
        if kind not in self._values:
            hints = get_type_hints(kind)
            annotations = {field.name: self._annotation(hints[field.name]) for field in _fields(kind)}
            mirror = type(kind.__name__, (), {"__annotations__": annotations})
            self._values[kind] = strawberry.type(mirror, description=(kind.__doc__ or "").strip())
        return self._values[kind]

    def _shown(self, value: Any) -> Any:
        if isinstance(value, (tuple, list)):
            return [self._shown(each) for each in value]
        if type(value) in self._values:
            kind = type(value)
            return self._values[kind](**{each.name: self._shown(getattr(value, each.name)) for each in _fields(kind)})
        return strawberry.ID(str(value)) if isinstance(value, UUID) else value


_fields: Callable[[Any], tuple[dataclasses.Field[Any], ...]] = dataclasses.fields
