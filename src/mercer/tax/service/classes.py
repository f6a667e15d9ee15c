"""The verbs by which staff keep tax classes."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from uuid import UUID

from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.tax.errors import DefaultTaxClassNeeded, TaxClassCodeTaken, TaxClassInUse, TaxClassNotFound
from mercer.tax.events import TaxClassCreated, TaxClassDeleted, TaxClassUpdated
from mercer.tax.models import ClassChanges, KnownClass, TaxClass
from mercer.tax.queries import settings as queries
from mercer.tax.rules import class_faults, refuse

ENTITY = "TaxClass"


async def create_class(context: Context, *, tax_class: TaxClass) -> UUID:
    """Add a class. As the default, it takes that from the one that was. Raises `InvalidInput`, `TaxClassCodeTaken`."""
    refuse(class_faults(tax_class))
    await queries.lock_taxes(context.db)
    stored = await queries.load_classes(context.db)
    if any(tax_class.code == other.code for other in stored):
        raise TaxClassCodeTaken(tax_class=tax_class.code).at("code")
    return await add_class(context, tax_class=tax_class, stored=stored)


async def update_class(context: Context, *, class_id: UUID, changes: ClassChanges, version: int | None = None) -> None:
    """Change what a class is called, or make it the default.

    Raises `TaxClassNotFound`, `VersionConflict`, `InvalidInput`, `DefaultTaxClassNeeded`.
    """
    stored, before = await _locked(context, class_id, version)
    after = replace(before, **changes)
    refuse(class_faults(after))
    await write_class(context, before=before, after=after, stored=stored)


async def delete_class(context: Context, *, class_id: UUID, version: int | None = None) -> None:
    """Delete a class that nothing is of.

    Raises `TaxClassNotFound`, `VersionConflict`, `DefaultTaxClassNeeded`, `TaxClassInUse`.
    """
    _, before = await _locked(context, class_id, version)
    if before.is_default:
        raise DefaultTaxClassNeeded
    await queries.lock_class(context.db, class_id)
    rates, products = await queries.count_of_class(context.db, class_id)
    if rates or products:
        raise TaxClassInUse(rates=rates, products=products)
    await queries.delete_class(context.db, class_id)
    context.record(ENTITY, class_id, {"code": (before.code, None), "name": (before.name, None)})
    context.announce(TaxClassDeleted(tax_class_id=class_id))


async def add_class(context: Context, *, tax_class: TaxClass, stored: Iterable[KnownClass]) -> UUID:
    """Write a new class, checked, while nobody else changes taxes."""
    if tax_class.is_default:
        await _dethrone(context, stored)
    class_id = await queries.insert_class(context.db, tax_class)
    context.record(ENTITY, class_id, {name: (None, value) for name, value in asdict(tax_class).items()})
    context.announce(TaxClassCreated(tax_class_id=class_id))
    return class_id


async def write_class(context: Context, *, before: KnownClass, after: KnownClass, stored: Iterable[KnownClass]) -> bool:
    """Write a class, checked, if it differs, and say whether it did. Raises `DefaultTaxClassNeeded`."""
    if after == before:
        return False
    if before.is_default > after.is_default:
        raise DefaultTaxClassNeeded().at("is_default")
    if after.is_default > before.is_default:
        await _dethrone(context, stored)
    await queries.update_class(context.db, replace(after, version=before.version + 1))
    was, is_ = asdict(before), asdict(after)
    context.record(ENTITY, before.id, {name: (was[name], is_[name]) for name in ("name", "is_default")})
    context.announce(TaxClassUpdated(tax_class_id=before.id))
    return True


async def _dethrone(context: Context, stored: Iterable[KnownClass]) -> None:
    """Take being the default from the class that is it."""
    for each in stored:
        if each.is_default:
            await queries.update_class(context.db, replace(each, is_default=False, version=each.version + 1))
            context.record(ENTITY, each.id, {"is_default": (True, False)})
            context.announce(TaxClassUpdated(tax_class_id=each.id))


async def _locked(context: Context, class_id: UUID, version: int | None) -> tuple[list[KnownClass], KnownClass]:
    """All classes, which nobody else changes now, and the one with this id."""
    await queries.lock_taxes(context.db)
    stored = await queries.load_classes(context.db)
    found = next((each for each in stored if each.id == class_id), None)
    if found is None:
        raise TaxClassNotFound(id=class_id)
    if version not in {None, found.version}:
        raise VersionConflict(current=found.version).at("version")
    return stored, found
