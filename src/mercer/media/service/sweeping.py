"""How what nobody uses goes: rows first, then objects. Objects that no row knows go too."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from mercer.media import queries
from mercer.media.errors import PictureInUse, PictureUnknown
from mercer.media.events import PictureRemoved
from mercer.media.rules.sizes import FOLDER, is_unchanging
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Job
from mercer.platform.storage import storage_of
from mercer.platform.transactions import transaction

KEPT = timedelta(days=1)
"""How long a picture is kept that nothing uses."""

_BATCH = 50


async def delete_picture(context: Context, *, picture_id: UUID, then: Job) -> None:
    """Remove a picture that nothing uses. `then` is the job that removes its objects.

    Raises `PictureUnknown`, `PictureInUse`.
    """
    if await queries.load_picture(context.db, picture_id, is_locked=True) is None:
        raise PictureUnknown(picture_id=picture_id).at("id")
    paths = await queries.load_paths(context.db, picture_id)
    if not await queries.delete_unless_used(context.db, picture_id):
        raise PictureInUse(picture_id=picture_id).at("id")
    _tell(context, picture_id, paths, reason=None)
    context.enqueue(then, paths=paths)


async def erase_objects(context: Context, *, paths: Sequence[str]) -> None:
    """Remove objects whose picture is gone. Raises `StorageUnavailable`."""
    await storage_of(context.settings).remove([path for path in paths if is_unchanging(path)])


async def sweep_pictures(context: Context) -> int:
    """Remove pictures that nothing has used for a day, and say how many. What a row refers to stays.

    It opens its own transactions, some pictures each. Raises `StorageUnavailable`.
    """
    removed = 0
    while True:
        paths: list[str] = []
        async with transaction(context) as within:
            unused = await queries.lock_unused(within.db, before=context.now - KEPT, limit=_BATCH)
            for id in unused:
                of_picture = await queries.load_paths(within.db, id)
                if await queries.delete_unless_used(within.db, id):
                    paths += of_picture
                    removed += 1
                    _tell(within, id, of_picture, reason="unused")
        await storage_of(context.settings).remove(paths)
        if len(unused) < _BATCH:
            return removed


async def sweep_objects(context: Context) -> int:
    """Remove objects that no row knows, left by uploads and sweeps that were killed, and say how many.

    Those of the last day stay: their rows may be on their way. Raises `StorageUnavailable`.
    """
    storage, removed = storage_of(context.settings), 0
    async for found in storage.list(FOLDER):
        folders: dict[str, list[str]] = defaultdict(list)
        for each in found:
            if each.modified_at < context.now - KEPT:
                folders[each.path.rpartition("/")[0]].append(each.path)
        async with transaction(context) as within:
            unknown = await queries.select_unknown(within.db, folders)
        paths = [path for folder in sorted(unknown) for path in folders[folder]]
        await storage.remove(paths)
        removed += len(paths)
    return removed


def _tell(context: Context, id: UUID, paths: Sequence[str], *, reason: str | None) -> None:
    context.record("Picture", id, {"path": (paths[0], None)}, reason=reason)
    context.announce(PictureRemoved(picture_id=id))
