"""What all changes of one thing share: it is locked, compared, written, noted in the audit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from mercer.catalog.errors import SlugTaken
from mercer.catalog.queries import rows, slugs
from mercer.catalog.queries.rows import Row, Table
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, VersionConflict

Missing = Callable[..., DomainError]
"""The failure when nothing has an id: `ProductNotFound`."""


async def locked(context: Context, *, table: Table, id: UUID, missing: Missing, version: int | None = None) -> Row:
    """The row of this id, which nobody else changes until the transaction ends.

    Raises `missing`, and `VersionConflict` when the row has another version than the one given.
    """
    row = await rows.lock(context.db, table, id)
    if row is None:
        raise missing(id=id)
    check_version(row, version)
    return row


def check_version(row: Row, version: int | None) -> None:
    """Refuse a row that has changed since it was read. Raises `VersionConflict`."""
    if version is not None and row["version"] != version:
        raise VersionConflict(current=row["version"]).at("version")


async def referred_to(context: Context, *, table: Table, id: UUID, missing: Missing, at: str) -> Row:
    """The row of this id, which the field `at` names, and which stays until the transaction ends. Raises `missing`."""
    row = await rows.refer_to(context.db, table, id)
    if row is None:
        raise missing(id=id).at(at)
    return row


def differing(before: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that are not so already."""
    return {name: value for name, value in values.items() if before[name] != value}


def changes_of(before: Row, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The values beside those before, for the audit."""
    return {name: (before[name], value) for name, value in values.items()}


def as_created(values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The values of something new, for the audit; what is empty is left out."""
    return {name: (None, value) for name, value in values.items() if value not in (None, "", {}, [], ())}


def as_deleted(before: Row, names: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """What something was that is gone, for the audit."""
    return {name: (before[name], None) for name in names}


async def save(context: Context, *, entity: str, table: Table, before: Row, values: Mapping[str, Any]) -> bool:
    """Write what differs, count the version on, and note it in the audit. Says whether anything differed."""
    changed = differing(before, values)
    if changed:
        await rows.update(context.db, table, before["id"], {**changed, "version": before["version"] + 1})
        context.record(entity, before["id"], changes_of(before, changed))
    return bool(changed)


async def take_slug(context: Context, *, of: slugs.Slugged, id: UUID | None, before: str | None, slug: str) -> None:
    """Make a slug this one's; the one before leads to it from now on. Lock the catalogue first. Raises `SlugTaken`."""
    if slug == before:
        return
    owner = await slugs.find_owner(context.db, of, slug)
    if owner is not None and owner != id:
        raise SlugTaken(slug=slug).at("slug")
    if id is not None and before is not None:
        await slugs.keep_former(context.db, of, id=id, before=before, now=slug)
