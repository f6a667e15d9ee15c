"""PostgreSQL's dialect for compiled reads: parameters as `$1`, and rows known at any depth."""

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg


class ReadCompiler(PGCompiler_psycopg):
    """Correlates a subquery with the rows of all queries around it, not of the nearest alone.

    A row that stands in a query around is always meant as that row, since each use of a table is an alias of its own.
    """

    def visit_table(self, table: Any, *options: Any, **named: Any) -> Any:
        self.tables_read.add(table)
        return super().visit_table(table, *options, **named)  # type: ignore[no-untyped-call]

    @cached_property
    def tables_read(self) -> set[sa.Table]:
        """The tables that the statement reads."""
        return set()

    def _enclosing_correlate_froms(self, entry: Any, asfrom: Any, lateral: Any) -> tuple[Any, Any]:
        around = entry["correlate_froms"]
        if asfrom and not lateral:
            around = around.difference(entry["asfrom_froms"])
        return around, around


class ReadDialect(PGDialect_psycopg):
    statement_compiler = ReadCompiler
    supports_statement_cache = False


DIALECT: Any = ReadDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
