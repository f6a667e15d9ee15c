"""Rows that a mutation returns: named by their key, and read by their view after the commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

T = TypeVar("T")


@dataclass(frozen=True)
class RowKey:
    """A row of a view, to be read when it is shown."""

    view: type[Any]
    key: UUID

    @property
    def type_name(self) -> str:
        name: str = self.view.__strawberry_definition__.name
        return name


def row(view: type[T], key: UUID) -> T:
    """The object of this view type whose row has this key."""
    return cast("T", RowKey(view, key))


def rows(view: type[T], keys: Sequence[UUID]) -> list[T]:
    """The objects of this view type whose rows have these keys, in this order: read by one statement."""
    return [row(view, key) for key in keys]
