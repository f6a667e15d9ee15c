"""Cursors: where a page ended, as the sort's value and the row's key. Opaque to clients, checked on return."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from mercer.platform.errors import BadUserInput

from .json import MOMENT

_LARGEST = 2**63 - 1


def cursor(order: str, value: sa.ColumnElement[Any], key: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """The cursor of a row as SQL. `order` names the sort that it belongs to."""
    if isinstance(value.type, sa.DateTime):
        value = sa.func.to_char(sa.func.timezone("UTC", value), sa.literal_column(f"'{MOMENT}'"))
    text = sa.cast(sa.func.json_build_array(sa.literal_column(f"'{order}'"), value, key), sa.Text)
    encoded = sa.func.encode(
        sa.func.convert_to(text, sa.literal_column("'UTF8'")), sa.literal_column("'base64'"), type_=sa.Text
    )
    return sa.func.translate(encoded, sa.literal_column("E'\\n'"), sa.literal_column("''"), type_=sa.Text)


def read_cursor(text: str, order: str, type_: Any) -> tuple[Any, UUID]:
    """The sort's value and the key in a client's cursor. Raises `BadUserInput` for one that is not of this order."""
    try:
        found, value, key = orjson.loads(base64.b64decode(text.encode(), validate=True))
        if found == order and isinstance(key, str):
            return _value(value, type_), UUID(key)
    except (ValueError, TypeError, OverflowError):
        pass
    raise BadUserInput("This cursor does not belong to this list in this order.")


def _value(value: Any, type_: Any) -> Any:
    if isinstance(type_, sa.DateTime):
        return datetime.fromisoformat(value).astimezone(UTC)
    if isinstance(type_, sa.Integer) and type(value) is int and abs(value) <= _LARGEST:
        return value
    if isinstance(type_, sa.Text) and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError(value)
