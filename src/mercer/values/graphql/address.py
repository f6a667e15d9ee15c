"""Addresses as both APIs show them: kept as JSON in a column of the row that they belong to."""

from typing import Any

import sqlalchemy as sa
import strawberry

from mercer.platform.graphql.views import Row, computed, embedded


def part(row: Row, name: str) -> sa.ColumnElement[str]:
    """A field of the address that the row holds as JSON."""
    found: sa.ColumnElement[str] = row.c.address.op("->>", return_type=sa.Text)(sa.literal_column(f"'{name}'"))
    return found


def _part(name: str, *, total: bool = False, description: str | None = None) -> Any:
    return computed(lambda row: part(row, name), total=total, description=description)


@strawberry.type(description="Where something is delivered to, or who pays.")
class Address:
    first_name: str = _part("first_name", total=True)
    last_name: str = _part("last_name", total=True)
    company: str | None = _part("company")
    line1: str = _part("line1", total=True)
    line2: str | None = _part("line2")
    city: str = _part("city", total=True, description="Empty where addresses have none.")
    region: str | None = _part("region", description="State or province, as the country's post writes it: `NY`.")
    postal_code: str | None = _part("postal_code")
    country: str = _part("country", total=True, description="ISO 3166-1, two letters.")
    phone: str | None = _part("phone", description="E.164: `+12125550123`.")
    tax_id: str | None = _part("tax_id", description="A business's own: a VAT number.")


def address(table: sa.Table, *columns: str, description: str | None = None) -> Any:
    """The `Address`, or `MaskedAddress`, in the first of these columns of type jsonb that holds one, or null.

    The columns are of the row's own table. They hold a `values.address.Address` by field.
    """
    assert all(name in table.c for name in columns)
    return embedded(
        lambda row: {"address": sa.func.coalesce(*(row.c[name] for name in columns))}, description=description
    )
