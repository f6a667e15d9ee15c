"""What staff may do with pictures. They are uploaded over plain HTTP: `POST /admin/uploads`."""

import strawberry

from mercer.media import jobs, service
from mercer.media.errors import PictureInUse, PictureUnknown
from mercer.platform.context import Context
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import mutation


@strawberry.type
class PictureDeleted:
    """A picture is gone."""

    id: strawberry.ID


@mutation(PictureUnknown, PictureInUse, needs="media.manage")
async def picture_delete(context: Context, id: strawberry.ID) -> PictureDeleted:
    """Delete an uploaded picture that nothing shows, without waiting until it goes by itself."""
    await service.delete_picture(context, picture_id=given_id(id), then=jobs.erase)
    return PictureDeleted(id=id)
