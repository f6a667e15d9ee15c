"""One catalogue of tables, and the columns that they share. Each module has a PostgreSQL schema of its own name."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def identity() -> sa.Column[Any]:
    """A UUIDv7 primary key: opaque to clients, in the order of creation."""
    return sa.Column("id", sa.Uuid, primary_key=True, server_default=sa.text("uuidv7()"))


def reference(
    name: str, target: str, *, nullable: bool = False, cascade: bool = False, **options: Any
) -> sa.Column[Any]:
    """A foreign key. With `cascade` the row goes when the one that it belongs to goes."""
    key = sa.ForeignKey(target, ondelete="CASCADE" if cascade else None)
    return sa.Column(name, sa.Uuid, key, nullable=nullable, **options)


def text(name: str, **options: Any) -> sa.Column[Any]:
    """Text that is always there."""
    return sa.Column(name, sa.Text, nullable=False, **options)


def translations(name: str) -> sa.Column[Any]:
    """The translations of the text column `name`: `{"de": "Becher"}`. What is missing falls back to that column."""
    return sa.Column(f"{name}_translations", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb"))


def position() -> sa.Column[Any]:
    """The place among siblings, smallest first."""
    return sa.Column("position", sa.Integer, nullable=False, server_default=sa.text("0"))


def moment(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[Any]:
    """A time in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=sa.func.now() if now else None)


def one_of(column: str, values: type[Any]) -> sa.CheckConstraint:
    """Only the values of this enum."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)
