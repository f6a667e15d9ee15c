"""Tables, and the migrations that make them."""

from typing import Any

import sqlalchemy as sa
from tests.architecture import imports, tables
from tests.architecture.verdict import obeyed

from mercer.platform import migrations
from mercer.platform.tables import metadata

DECLARED = tables.declared()
ORDER = imports.modules()

UNINDEXED = {
    # Channels are few and hardly ever removed; an index on them would be written with every price, and never be read.
    "price.channel_id",
    "price_change.channel_id",
    "publication.channel_id",
}


def test_the_rules_see_every_table() -> None:
    # Platform is no module: its tables stand beside what writes them.
    owned = {table for table in metadata.tables.values() if table.schema != "platform"}
    assert {table for of_module in DECLARED.values() for table in of_module} == owned, (
        "A table that is not declared in its module's tables.py has no owner."
    )


def test_tables_stand_in_the_schema_of_their_module() -> None:
    obeyed(
        tables.foreign_schemas(DECLARED),
        because="The database is divided as the code is: who owns a table is in its name.",
    )


def test_a_table_in_the_wrong_schema_is_seen() -> None:
    assert tables.foreign_schemas({"cart": [_table("cart.line"), _table("orders.line"), _table("line")]}) == [
        "cart: orders.line",
        "cart: line",
    ]


def test_foreign_keys_point_down() -> None:
    obeyed(tables.upward_keys(DECLARED, order=ORDER), because="A row must not need what a higher module stores.")


def test_a_foreign_key_upwards_is_seen() -> None:
    down, up = _reference("channels.channel.id"), _reference("pricing.price.id")
    order = ["channels", "catalog", "pricing"]
    assert tables.upward_keys({"catalog": [_table("catalog.product", down, up)]}, order=order) == [
        "product.price_id -> pricing.price.id"
    ]


def test_foreign_keys_are_indexed() -> None:
    assert set(tables.unindexed_keys(DECLARED)) == UNINDEXED, (
        "Without an index that begins with it, removing what a key refers to reads the whole table."
    )


def test_a_foreign_key_without_index_is_seen() -> None:
    indexed = _table("catalog.media", product := _reference("catalog.product.id"))
    sa.Index("whole", product, indexed.c.id)
    partial = _table("catalog.draft", product := _reference("catalog.product.id"))
    sa.Index("partial", product, postgresql_where=product.is_not(None))
    second = _table("catalog.tag", product := _reference("catalog.product.id"))
    sa.Index("second", second.c.id, product)
    assert tables.unindexed_keys({"catalog": [indexed, partial, second]}) == ["draft.product_id", "tag.product_id"]


def test_tables_have_a_primary_key() -> None:
    obeyed(tables.keyless(DECLARED), because="Without a key a row cannot be named, replicated or removed by itself.")


def test_a_table_without_primary_key_is_seen() -> None:
    assert tables.keyless({"catalog": [_table("catalog.fine"), _table("catalog.loose", key=False)]}) == [
        "catalog.loose"
    ]


def test_times_have_a_zone() -> None:
    obeyed(tables.zoneless(DECLARED), because="A time without a zone means another moment in each session.")


def test_a_time_without_zone_is_seen() -> None:
    columns = sa.Column("at", sa.DateTime(timezone=True)), sa.Column("loose_at", sa.DateTime), sa.Column("on", sa.Date)
    assert tables.zoneless({"catalog": [_table("catalog.product", *columns)]}) == ["product.loose_at"]


def test_numbers_are_exact() -> None:
    obeyed(tables.inexact(DECLARED), because="Binary fractions cannot hold 0.10. Use bigint minor units, or numeric.")


def test_a_float_is_seen() -> None:
    columns = sa.Column("exact", sa.Numeric), sa.Column("real", sa.REAL), sa.Column("double", sa.Double)
    assert tables.inexact({"catalog": [_table("catalog.product", *columns)]}) == ["product.real", "product.double"]


def test_migrations_make_what_tables_declare(database_url: str) -> None:
    obeyed(migrations.differences(database_url), because='`make migration m="…"` writes what is missing.')


def test_what_no_migration_makes_is_seen(database_url: str) -> None:
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE TABLE channels.stray (id uuid PRIMARY KEY)"))
        connection.execute(sa.text("ALTER TABLE channels.channel DROP COLUMN name"))
        changes = {(change[0], change[-1].name) for change in migrations.pending_changes(connection)}
        connection.rollback()
    engine.dispose()
    assert changes == {("remove_table", "stray"), ("add_column", "name")}


def _table(name: str, *columns: sa.Column[Any], key: bool = True) -> sa.Table:
    schema, _, name = name.rpartition(".")
    return sa.Table(name, sa.MetaData(), sa.Column("id", sa.Uuid, primary_key=key), *columns, schema=schema or None)


def _reference(target: str) -> sa.Column[object]:
    return sa.Column(f"{target.split('.')[1]}_id", sa.Uuid, sa.ForeignKey(target))
