"""What variants cost the shop. Whoever says so needs a permission besides that for products, as he does to see it."""

from collections.abc import Iterable, Mapping
from typing import Any

from mercer.catalog.models import Cost, VariantChanges
from mercer.catalog.queries.rows import Row
from mercer.platform.context import Context
from mercer.platform.permissions import check_access
from mercer.values.currency import to_decimal

MANAGE = "costs.manage"


def check_costs(context: Context, variants: Iterable[VariantChanges]) -> None:
    """Raise `PermissionMissing` or `SecondFactorMissing` if a cost is given by somebody who may not say it."""
    if any("cost" in each for each in variants) and not context.actor.may(MANAGE):
        check_access(context.actor, [MANAGE], operation=context.origin.operation)


def as_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with a cost as it is stored."""
    if "cost" not in values:
        return dict(values)
    cost: Cost | None = values["cost"]
    others = {name: value for name, value in values.items() if name != "cost"}
    return {
        **others,
        "cost_amount": None if cost is None else cost.amount,
        "cost_currency": None if cost is None else cost.currency,
    }


def told_costs(row: Row, changed: Iterable[str]) -> dict[str, Any]:
    """Those fields of a row that changed, as the audit tells them: the cost as one."""
    names = dict.fromkeys("cost" if name in {"cost_amount", "cost_currency"} else name for name in changed)
    return {name: _told(row) if name == "cost" else row[name] for name in names}


def told_cost(cost: Cost) -> dict[str, str]:
    """A cost as the audit tells it."""
    return {"amount": str(to_decimal(cost.amount, cost.currency)), "currency": cost.currency}


def _told(row: Row) -> dict[str, str] | None:
    amount, currency = row.get("cost_amount"), row.get("cost_currency")
    return None if amount is None or currency is None else told_cost(Cost(amount=amount, currency=currency))
