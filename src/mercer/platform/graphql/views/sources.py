"""Where in the database each field of a GraphQL type finds its value, and what one needs to ask for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.unset import UNSET

from mercer.platform.permissions import Needs

from .inputs import REQUEST, Given

Row = Any
"""A row as SQL sees it: its columns are `row.c.name`."""

Condition = sa.ColumnElement[bool]
Relation = Callable[[Row, Row], Condition]
"""The condition between a parent's row and a related one. Root fields have no parent: theirs is None."""

T = TypeVar("T", bound=type)


@dataclass(frozen=True)
class Entity:
    """The thing that rows belong to and are outdated with: a variant belongs to its product, and so does a product.

    `id` is the thing's id: a column of the row.
    """

    name: str
    id: Callable[[Row], sa.ColumnElement[Any]]


@dataclass(frozen=True)
class View:
    """A type's rows: their table, its key, and which of them this API may see, on every path that leads to them."""

    table: sa.Table
    rows: Callable[[Row], Condition] | None
    key: str
    entity: Entity | None = None
    """None for rows that are shared by many things, and for those that are shown with the one row that they are of."""


@dataclass(frozen=True)
class Column:
    """The row's column of that name; the field's own when none is given."""

    name: str | None = None


@dataclass(frozen=True)
class Computed:
    """A SQL expression over the row. `total` says that it is never null."""

    expression: Callable[[Row], sa.ColumnElement[Any]]
    total: bool


@dataclass(frozen=True)
class Embedded:
    """An object made of the row's own values. `total` says that none of them is null in this row."""

    values: Callable[[Row], Mapping[str, sa.ColumnElement[Any]]]
    total: bool


@dataclass(frozen=True)
class Argument:
    """An argument of a field, and what it asks of the rows."""

    type: Any
    condition: Callable[[Row, Given], Condition]


@dataclass(frozen=True)
class One:
    """The related row, or null. `arguments` ask for it by one of several keys."""

    on: Relation | None
    table: sa.FromClause | None
    order_by: Callable[[Row], tuple[sa.ColumnElement[Any], ...]] | None
    arguments: Mapping[str, Argument]
    total: bool


@dataclass(frozen=True)
class Many:
    """The related rows in order: as many as `first` asks for, `most` at the most."""

    on: Relation
    order_by: Callable[[Row], tuple[sa.ColumnElement[Any], ...]]
    table: sa.FromClause | None
    most: int


@dataclass(frozen=True)
class Page:
    """A connection: related rows filtered, sorted and paged as their type's listing says."""

    on: Relation | None


Source = Column | Computed | Embedded | One | Many | Page


class _Columns(dict[str, sa.ColumnElement[Any]]):
    __getattr__ = dict.__getitem__


def row_of(values: Mapping[str, sa.ColumnElement[Any]]) -> Row:
    """A row whose columns are these expressions."""
    return SimpleNamespace(c=_Columns(values))


def view(
    table: sa.Table,
    *,
    rows: Callable[[Row], Condition] | None = None,
    key: str = "id",
    entity: Entity | None = None,
) -> Callable[[T], T]:
    """Make a class a GraphQL type whose objects are rows of the table. `entity` is what cached answers know them by."""

    def decorate(cls: T) -> T:
        made = strawberry.type(cls, description=cls.__doc__)
        made.__mercer_view__ = View(table, rows, key, entity)  # type: ignore[attr-defined]
        return made

    return decorate


def _field(
    source: Source,
    description: str | None,
    *arguments: StrawberryArgument,
    needs: Needs | None = None,
    shown_to: str | None = None,
) -> Any:
    said = {"needs": needs, "shown_to": shown_to}
    metadata = {"source": source, **{name: value for name, value in said.items() if value is not None}}
    field = strawberry.field(metadata=metadata, description=description)
    field.arguments = list(arguments)
    return field


def argument(name: str, type_: Any, default: Any = UNSET, description: str | None = None) -> StrawberryArgument:
    """An argument of a field that has no resolver."""
    return StrawberryArgument(name, None, StrawberryAnnotation(type_), description=description, default=default)


def column(name: str | None = None, *, description: str | None = None, needs: Needs | None = None) -> Any:
    """The row's column of that name (the field's own by default)."""
    return _field(Column(name), description, needs=needs)


def computed(
    expression: Callable[[Row], sa.ColumnElement[Any]],
    *,
    total: bool = False,
    description: str | None = None,
    needs: Needs | None = None,
    shown_to: str | None = None,
) -> Any:
    """A SQL expression over the row. Declare it `total` when it is never null.

    `shown_to` is the permission without which it is masked: see `masking`.
    """
    return _field(Computed(expression, total), description, needs=needs, shown_to=shown_to)


def translated(name: str, *, description: str | None = None) -> Any:
    """A text column in the request's language, or as it stands."""
    return _field(Computed(lambda row: translation(row, name), total=True), description)


def embedded(
    values: Callable[[Row], Mapping[str, sa.ColumnElement[Any]]],
    *,
    total: bool = False,
    description: str | None = None,
    needs: Needs | None = None,
    shown_to: str | None = None,
) -> Any:
    """An object made of the row's own values, by field name. `shown_to`: as of `computed`."""
    return _field(Embedded(values, total), description, needs=needs, shown_to=shown_to)


def one(
    table: sa.FromClause | None = None,
    *,
    on: Relation | None = None,
    order_by: Callable[[Row], tuple[sa.ColumnElement[Any], ...]] | None = None,
    arguments: Mapping[str, Argument] | None = None,
    total: bool = False,
    description: str | None = None,
    needs: Needs | None = None,
) -> Any:
    """The related row (the first in order), or null. The table is that of the field's type unless another is given."""
    source = One(on, table, order_by, arguments or {}, total)
    taken = [argument(name, item.type | None) for name, item in source.arguments.items()]
    return _field(source, description, *taken, needs=needs)


def many(
    table: sa.FromClause | None = None,
    *,
    on: Relation,
    order_by: Callable[[Row], tuple[sa.ColumnElement[Any], ...]],
    most: int = 100,
    description: str | None = None,
    needs: Needs | None = None,
) -> Any:
    """The related rows, in order."""
    return _field(Many(on, order_by, table, most), description, argument("first", int, most), needs=needs)


def page(*, on: Relation | None = None, description: str | None = None, needs: Needs | None = None) -> Any:
    """A connection over the rows of the type that it is a connection of."""
    return _field(Page(on), description, needs=needs)


def related_any(cls: type, name: str, row: Row, condition: Callable[[Row], Condition]) -> Condition:
    """Whether any row of the list `name` that the type `cls` declares meets a condition."""
    source = strawberry_field(cls, name).metadata["source"]
    target = source.table if source.table is not None else _item_view(cls, name).table
    related = target.alias()
    conditions = [source.on(row, related), condition(related)]
    if source.table is None and (rows := _item_view(cls, name).rows):
        conditions.append(rows(related))
    return sa.exists().select_from(related).where(*conditions)


def strawberry_field(cls: type, name: str) -> Any:
    """The field of that Python name of a Strawberry type."""
    return next(item for item in cls.__strawberry_definition__.fields if item.python_name == name)  # type: ignore[attr-defined]


def _item_view(cls: type, name: str) -> View:
    found: View = strawberry_field(cls, name).type.of_type.__mercer_view__
    return found


def request(name: str, type_: Any) -> sa.BindParameter[Any]:
    """What differs from request to request: the channel, the language, the moment. Modules provide the values."""
    # Not `required`: where a list of constants stands beside it, SQLAlchemy would ask for its value while compiling.
    return sa.bindparam(f"{REQUEST}{name}", value=None, type_=type_)


LANGUAGE = request("language", sa.Text)
LANGUAGE_PARENT = request("language_parent", sa.Text)


def translation(row: Row, name: str) -> sa.ColumnElement[str]:
    """A text column's translation: into the request's language, else that of any region, else the column itself."""
    translations = row.c[f"{name}_translations"]
    return sa.func.coalesce(
        translations.op("->>", return_type=sa.Text)(LANGUAGE),
        translations.op("->>", return_type=sa.Text)(LANGUAGE_PARENT),
        row.c[name],
    )
