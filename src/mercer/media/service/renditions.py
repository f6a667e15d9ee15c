"""How a picture gets its other sizes."""

from uuid import UUID

from mercer.media import queries
from mercer.media.events import PictureReady
from mercer.media.models import Drawn, Picture, PictureState, Rendition
from mercer.media.providers.drawing import in_thread, resized
from mercer.media.rules.sizes import CACHE_FOR_EVER, formats_of, rendition_path, widths_of
from mercer.platform.context import Context
from mercer.platform.storage import storage_of
from mercer.platform.transactions import transaction

SHARED = "catalog"
"""The tag of all cached answers. Which of them show a picture is not known here, and seldom does any so early."""


async def make_renditions(context: Context, *, picture_id: UUID) -> None:
    """Make what is missing of a picture's renditions, each width in a transaction of its own.

    Done again, or interrupted and done again, it goes on. A picture that is gone is no fault.
    One whose object is gone has failed. Raises `StorageUnavailable`.
    """
    async with transaction(context) as within:
        picture = await queries.load_picture(within.db, picture_id)
        there = await queries.load_widths(within.db, picture_id)
    if picture is None or picture.state is not PictureState.PROCESSING:
        return
    content = await storage_of(context.settings).read(picture.path)
    if content is None:
        await _finish(context, picture, PictureState.FAILED)
        return
    for width in widths_of(picture):
        formats = tuple(each for each in formats_of(picture) if (width, each) not in there)
        if formats and not await _keep(context, picture, await in_thread(resized, content, width, formats)):
            return
    await _finish(context, picture, PictureState.READY)


async def _keep(context: Context, picture: Picture, drawn: list[Drawn]) -> bool:
    """Store renditions of one width. Say whether the picture is still there."""
    storage = storage_of(context.settings)
    made = [
        Rendition(
            rendition_path(picture, each.width, each.format), each.width, each.height, each.format, len(each.content)
        )
        for each in drawn
    ]
    for each, rendition in zip(drawn, made, strict=True):
        await storage.put(rendition.path, each.content, media_type=each.format, cache=CACHE_FOR_EVER)
    async with transaction(context) as within:
        locked = await queries.load_picture(within.db, picture.id, is_locked=True)
        if locked is not None:
            await queries.insert_renditions(within.db, picture.id, made)
            if locked.is_used:
                within.outdate(SHARED)
            return True
    await storage.remove([rendition.path for rendition in made])
    return False


async def _finish(context: Context, picture: Picture, state: PictureState) -> None:
    async with transaction(context) as within:
        locked = await queries.load_picture(within.db, picture.id, is_locked=True)
        if locked is None or locked.state is state:
            return
        await queries.set_state(within.db, picture.id, state)
        within.record("Picture", picture.id, {"state": (locked.state, state)})
        if state is PictureState.READY:
            within.announce(PictureReady(picture_id=picture.id))
