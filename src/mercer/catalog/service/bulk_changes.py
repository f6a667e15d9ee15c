"""Changing many products alike."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from mercer.catalog import tables
from mercer.catalog.errors import CategoryNotFound, ProductNotFound, TooMany
from mercer.catalog.models import Outcomes, ProductsChanges, Refusal
from mercer.catalog.queries import rows
from mercer.catalog.rules.changes import MOST_TAGS, PRODUCTS, distinct
from mercer.catalog.rules.faults import Faults
from mercer.catalog.service.editing import differing, referred_to
from mercer.catalog.service.product_changes import note_change
from mercer.catalog.service.search import refresh_search_of
from mercer.platform.context import Context


async def update_products(context: Context, *, ids: Sequence[UUID], changes: ProductsChanges) -> Outcomes:
    """Put products into a category, add tags to them and remove others. Unknown ones, and too many tags, are refused.

    Raises `CategoryNotFound`, `InvalidInput`.
    """
    faults = Faults()
    faults.check(("ids",), distinct, ids)
    values = faults.check_fields(changes, PRODUCTS)
    faults.refuse()
    kinds: dict[str, Any] = {}
    if "category_id" in changes:
        kinds["category_id"] = category_id = changes["category_id"]
        if category_id is not None:
            await referred_to(
                context, table=tables.category, id=category_id, missing=CategoryNotFound, at="category_id"
            )
    there = await rows.lock_many(context.db, tables.product, ids)
    done, refused, retagged = list[UUID](), list[Refusal](), list[UUID]()
    for id in ids:
        if id not in there:
            refused.append(Refusal(id=id, error=ProductNotFound(id=id)))
            continue
        tags = _tags(there[id]["tags"], values.get("add_tags") or (), values.get("remove_tags") or ())
        if len(tags) > MOST_TAGS:
            refused.append(Refusal(id=id, error=TooMany(most=MOST_TAGS)))
            continue
        changed = differing(there[id], {**kinds, "tags": tags})
        if changed:
            await note_change(context, before=there[id], values=changed, described={})
        if "tags" in changed:
            retagged.append(id)
        done.append(id)
    if retagged:
        await refresh_search_of(context, product_ids=retagged)
    return Outcomes(done=done, refused=refused)


def _tags(tags: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> list[str]:
    kept = [tag for tag in tags if tag not in removed]
    return kept + [tag for tag in added if tag not in kept]
