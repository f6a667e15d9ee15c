"""Addresses as the admin API shows them: without `personal_data.read`, only where somebody lives, and not who he is."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import strawberry

from mercer.platform.graphql.views import PERSONAL_DATA, Row, computed, masked_name, shown
from mercer.values.graphql.address import part


def _shown(name: str, description: str | None = None) -> Any:
    return _masked(lambda row: shown(PERSONAL_DATA, part(row, name)), description=description)


def _name(name: str, *, total: bool = False) -> Any:
    return _masked(lambda row: masked_name(part(row, name)), total=total, description="Masked: `A***`.")


def _masked(
    expression: Callable[[Row], sa.ColumnElement[Any]], *, total: bool = False, description: str | None = None
) -> Any:
    return computed(expression, total=total, description=description, shown_to=PERSONAL_DATA)


def _plain(name: str, *, total: bool = False, description: str | None = None) -> Any:
    return computed(lambda row: part(row, name), total=total, description=description)


@strawberry.type(
    name="Address",
    description="Where something is delivered to, or who pays. Where a part is null, it may be masked.",
)
class MaskedAddress:
    first_name: str = _name("first_name", total=True)
    last_name: str = _name("last_name", total=True)
    company: str | None = _name("company")
    line1: str | None = _shown("line1")
    line2: str | None = _shown("line2")
    city: str = _plain("city", total=True, description="Empty where addresses have none.")
    region: str | None = _plain("region", description="State or province, as the country's post writes it: `NY`.")
    postal_code: str | None = _shown("postal_code")
    country: str = _plain("country", total=True, description="ISO 3166-1, two letters.")
    phone: str | None = _shown("phone", "E.164: `+12125550123`.")
    tax_id: str | None = _shown("tax_id", "A business's own: a VAT number.")
