"""Money as SQL: minor units with the digits of their currency."""

import sqlalchemy as sa

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
