"""Money as both APIs show it, and as SQL: minor units with the digits of their currency."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
import strawberry

from mercer.platform.graphql.views import Row, computed, embedded
from mercer.values.currency import USUAL_DIGITS, exceptions


def decimal_amount(amount: sa.ColumnElement[int], currency: sa.ColumnElement[str]) -> sa.ColumnElement[object]:
    """The amount with its currency's own digits: 1250 minor units are `12.50` EUR, `1250` JPY and `1.250` KWD."""
    unusual = [
        (currency.in_([sa.literal_column(f"'{code}'") for code in codes]), _unit(digits))
        for digits, codes in exceptions().items()
    ]
    return sa.cast(amount, sa.Numeric) * sa.case(*unusual, else_=_unit(USUAL_DIGITS))


def _unit(digits: int) -> sa.ColumnElement[object]:
    """One minor unit: `0.01` for two digits."""
    return sa.literal_column(f"{10**-digits:.{digits}f}", type_=sa.Numeric)


@strawberry.type(description="An amount of money.")
class Money:
    amount: Decimal = computed(
        lambda row: decimal_amount(row.c.amount, row.c.currency),
        total=True,
        description="With the currency's own digits: `12.50` EUR, `1250` JPY.",
    )
    currency: str = computed(lambda row: row.c.currency, total=True, description="ISO 4217.")


@strawberry.input(description="An amount of money.")
class AmountInput:
    amount: Decimal = strawberry.field(description="With the currency's own digits, at most.")
    currency: str = strawberry.field(description="ISO 4217.")


@strawberry.type(description="An amount without tax, the tax, and both together. What cannot be known yet is null.")
class TaxedMoney:
    net: Decimal | None = computed(lambda row: decimal_amount(row.c.net, row.c.currency))
    tax: Decimal | None = computed(lambda row: decimal_amount(row.c.tax, row.c.currency))
    gross: Decimal | None = computed(lambda row: decimal_amount(row.c.gross, row.c.currency))
    currency: str = computed(lambda row: row.c.currency, total=True, description="ISO 4217.")
    is_estimated: bool = computed(
        lambda row: row.c.is_estimated, total=True, description="Whether it may still change with the address."
    )


def money(name: str, *, total: bool = True, description: str | None = None) -> Any:
    """`Money` of the column `name`, in minor units, and the row's own `currency`."""
    return embedded(lambda row: _amount(row, name), total=total, description=description)


def taxed(name: str, *, is_estimated: Callable[[Row], Any] | None = None, description: str | None = None) -> Any:
    """`TaxedMoney` of the columns `<name>_net`, `<name>_tax` and `<name>_gross`, in minor units, and `currency`."""

    def values(row: Row) -> Mapping[str, sa.ColumnElement[Any]]:
        parts = {part: row.c[f"{name}_{part}"] for part in ("net", "tax", "gross")}
        estimated = sa.false() if is_estimated is None else is_estimated(row)
        return {**parts, "currency": row.c.currency, "is_estimated": estimated}

    return embedded(values, total=True, description=description)


def _amount(row: Row, name: str) -> Mapping[str, sa.ColumnElement[Any]]:
    return {"amount": row.c[name], "currency": row.c.currency}
