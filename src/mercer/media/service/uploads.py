"""How pictures come in, and who uses them."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from uuid import UUID

from mercer.media import queries
from mercer.media.errors import PictureUnknown
from mercer.media.events import PictureUploaded
from mercer.media.models import Drawn, Picture, PictureState
from mercer.media.providers.drawing import in_thread, redrawn
from mercer.media.rules.sizes import CACHE_BRIEFLY, CACHE_FOR_EVER, SHOWN, full_path
from mercer.platform.context import Context
from mercer.platform.jobs.declaration import Job
from mercer.platform.storage import storage_of
from mercer.platform.transactions import transaction


async def store_picture(context: Context, *, content: bytes, then: Job) -> Picture:
    """Take a file as a picture: check it, draw it anew, store that. `then` is the job that makes its renditions.

    It opens its own transaction, after the object is stored: killed in between, it leaves an object for the sweeper.
    Raises `PictureRefused`, `StorageUnavailable`.
    """
    drawn = await in_thread(redrawn, content, context.settings.upload_pixels)
    path = full_path(secrets.token_hex(16), drawn.format)
    await storage_of(context.settings).put(path, drawn.content, media_type=drawn.format, cache=CACHE_FOR_EVER)
    async with transaction(context) as within:
        picture = await queries.insert_picture(within.db, _row(within, drawn, path))
        within.record("Picture", picture.id, {"path": (None, path), "size": (None, f"{drawn.width}x{drawn.height}")})
        within.announce(PictureUploaded(picture_id=picture.id))
        within.enqueue(then, picture_id=str(picture.id))
    return picture


async def take_picture(context: Context, *, picture_id: UUID) -> Picture:
    """Use a picture from now on, so that it is kept. Locks it; its user refers to it by a foreign key.

    Raises `PictureUnknown`.
    """
    picture = await queries.mark_used(context.db, picture_id)
    if picture is None:
        raise PictureUnknown(picture_id=picture_id)
    return picture


async def release_pictures(context: Context, *, picture_ids: Collection[UUID]) -> None:
    """Use these pictures no longer. They go a day later, unless something else refers to them."""
    if picture_ids:
        await queries.mark_unused(context.db, picture_ids, now=context.now)


async def place_drawings(context: Context, *, drawings: Iterable[tuple[str, str]]) -> None:
    """Put SVG of our own under these paths, where it is missing or differs. Raises `StorageUnavailable`."""
    storage = storage_of(context.settings)
    for path, drawing in drawings:
        if await storage.read(path) != drawing.encode():
            await storage.put(path, drawing.encode(), media_type=SHOWN["svg"], cache=CACHE_BRIEFLY)


def _row(context: Context, drawn: Drawn, path: str) -> dict[str, object]:
    return {
        "path": path,
        "sha256": hashlib.sha256(drawn.content).hexdigest(),
        "media_type": drawn.format,
        "width": drawn.width,
        "height": drawn.height,
        "byte_size": len(drawn.content),
        "state": PictureState.PROCESSING,
        "created_at": context.now,
        "created_by": context.actor.id,
        "unused_since": context.now,
    }
