"""What the catalogue does when something below it happens."""

from mercer.catalog import jobs, service
from mercer.channels.events import ChannelCreated, ChannelUpdated
from mercer.media.events import PictureReady
from mercer.platform.context import Context


async def show_renditions(context: Context, event: PictureReady) -> None:
    """A picture is served in its sizes from now on."""
    await service.show_renditions(context, picture_id=event.picture_id)


async def speak_languages(context: Context, _event: ChannelCreated | ChannelUpdated) -> None:
    """Products are found and sorted in each language that a channel speaks, so in one that it began to speak."""
    context.enqueue(jobs.complete_search)
