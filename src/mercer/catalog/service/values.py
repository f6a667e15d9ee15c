"""Setting a product's attribute values."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from mercer.catalog.models import AttributeSetting
from mercer.catalog.queries import values as queries
from mercer.catalog.rules.faults import Faults
from mercer.catalog.rules.settings import cells_set, named_choices, shown
from mercer.catalog.rules.values import AttributeCells
from mercer.platform.context import Context

Written = Mapping[str, tuple[UUID, AttributeCells | None, AttributeCells | None]]
"""By the attribute's code: its id, the value before and the value after."""


async def find_changed_values(
    context: Context,
    *,
    product_id: UUID,
    product_type_id: UUID,
    is_new_type: bool,
    settings: Sequence[AttributeSetting],
    faults: Faults,
) -> Written:
    """Which attribute values of a product differ from what is set. What is wrong is noted.

    With another product type, values of attributes that it does not have go.
    """
    if not settings and not is_new_type:
        return {}
    standing = await queries.load_values(context.db, product_id)
    wanted = {setting["code"] for setting in settings} | (standing.keys() if is_new_type else set())
    attributes = await queries.lock_attributes(
        context.db, product_type_id, codes=wanted, choices=named_choices(settings)
    )
    before = {code: cells for code, (_, cells) in standing.items()}
    after = cells_set(settings, attributes=attributes, before=before, faults=faults)
    changed: dict[str, tuple[UUID, AttributeCells | None, AttributeCells | None]] = {
        code: (attributes[code].id, before.get(code), cells)
        for code, cells in after.items()
        if before.get(code) != cells
    }
    if is_new_type:
        gone = standing.keys() - attributes.keys()
        changed |= {code: (standing[code][0], standing[code][1], None) for code in sorted(gone)}
    return changed


async def write_values(context: Context, *, product_id: UUID, changed: Written) -> Mapping[str, tuple[Any, Any]]:
    """Write a product's changed values. Returns them as the audit shows them."""
    if not changed:
        return {}
    await queries.write_values(context.db, product_id, {id: after for id, _, after in changed.values()})
    return await describe_values(context, changed=changed)


async def describe_values(context: Context, *, changed: Written) -> Mapping[str, tuple[Any, Any]]:
    """Changed values as the audit shows them."""
    cells = [value for _, before, after in changed.values() for value in (before, after) if value is not None]
    codes = await queries.load_choice_codes(context.db, {choice for value in cells for choice in value.choices})
    return {
        f"attributes.{code}": (shown(before, codes), shown(after, codes))
        for code, (_, before, after) in changed.items()
    }
