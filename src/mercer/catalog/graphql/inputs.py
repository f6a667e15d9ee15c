"""What mutations are given, as the verbs take it: only what is there, ids as ids, failures with their place."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from strawberry import UNSET, Some
from strawberry.utils.str_converters import to_camel_case

from mercer.catalog.models import Outcomes, Refusal
from mercer.catalog.service.costs import MANAGE
from mercer.platform.errors import DomainError, InvalidInput
from mercer.platform.graphql.mutations.errors import code_of

T = TypeVar("T")


NOTHING = UUID(int=0)
"""An id that nothing has."""


def cost_field() -> Any:
    """The field of an input by which a cost is given."""
    return strawberry.field(description="What one costs the shop: for `costs.manage`.", metadata={"needs": MANAGE})


def id_of(id: strawberry.ID) -> UUID:
    """The id; what is none stands for one that nothing has."""
    try:
        return UUID(id)
    except ValueError:
        return NOTHING


def ids_of(ids: list[strawberry.ID]) -> list[UUID]:
    return [id_of(id) for id in ids]


def given(input: Any) -> Any:
    """The fields of an input that are there, by name. Fields that are called `…_id` or `…_ids` hold ids."""
    return {
        field.name: _plain(value, field.name)
        for field in dataclasses.fields(input)
        if (value := getattr(input, field.name)) is not None and value is not UNSET
    }


def version_in(input: Any) -> int | None:
    """The version that whoever sends the input has seen, if he says which."""
    version: int | None = input.version.value if isinstance(input.version, Some) else None
    return version


def said(value: T | None) -> T | None:
    """An argument that may be left out, and None then."""
    return None if value is UNSET else value


@contextmanager
def placed(*place: str) -> Iterator[None]:
    """Say where in the arguments the cause of a failure stands: verbs know their own fields only."""
    try:
        yield
    except InvalidInput as error:
        fields = tuple(dataclasses.replace(each, path=(*place, *_camel(each.path))) for each in error.fields)
        raise InvalidInput(fields=fields) from None
    except DomainError as error:
        if error.path:
            error.at(*place, *_camel(error.path))
        raise


@strawberry.type(description="One of many things that was left as it is, and why.")
class Refused:
    id: strawberry.ID
    code: str = strawberry.field(description="As an `ErrorCode`.")
    message: str


def refused(outcomes: Outcomes) -> list[Refused]:
    """Those of many things that were left as they are."""
    return [
        Refused(id=strawberry.ID(str(each.id)), code=code_of(type(each.error)), message=_message(each))
        for each in outcomes.refused
    ]


def only(outcomes: Outcomes) -> UUID:
    """The one thing that a verb for many was called for. Raises what stood against it."""
    for each in outcomes.refused:
        raise each.error
    return outcomes.done[0]


def _message(refusal: Refusal) -> str:
    error = refusal.error
    if isinstance(error, InvalidInput):
        return " ".join(f"{'.'.join(_camel(each.path))}: {each.message}" for each in error.fields)
    return error.message


def _camel(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(to_camel_case(name) for name in path)


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, Some):
        return _plain(value.value, name)
    if isinstance(value, list):
        return [_plain(each, name.removesuffix("s")) for each in value]
    if name.endswith("_id"):
        return None if value is None else id_of(value)
    return given(value) if dataclasses.is_dataclass(value) else value
