"""What the catalogue does when something below it happens."""

from mercer.catalog import service
from mercer.media.events import PictureReady
from mercer.platform.context import Context


async def show_renditions(context: Context, event: PictureReady) -> None:
    """A picture is served in its sizes from now on."""
    await service.show_renditions(context, picture_id=event.picture_id)
