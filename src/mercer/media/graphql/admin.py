"""Pictures as the admin API shows them: all that were uploaded."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from mercer.media import models, tables
from mercer.media.graphql.binds import MEDIA_URL
from mercer.media.graphql.shop import Rendition
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    many,
    one,
    page,
    view,
)
from mercer.platform.graphql.views.operators import BooleanOperators

strawberry.enum(models.PictureState, description=models.PictureState.__doc__)


def _goes_at(picture: Row) -> sa.ColumnElement[datetime | None]:
    """A day after something last showed it; `service.sweeping` keeps it that long."""
    return picture.c.unused_since + sa.text("interval '1 day'")


@view(tables.picture)
class Picture:
    """An uploaded picture, in its full size."""

    id: strawberry.ID = column()
    url: str = computed(lambda picture: MEDIA_URL + picture.c.path, total=True)
    width: int = column()
    height: int = column()
    media_type: str = column()
    byte_size: int = column()
    state: models.PictureState = column()
    created_at: datetime = column()
    expires_at: datetime | None = computed(_goes_at, description="When it goes, unless something shows it by then.")
    renditions: list[Rendition] = many(
        on=lambda picture, rendition: rendition.c.picture_id == picture.c.id,
        order_by=lambda rendition: (rendition.c.width, rendition.c.media_type),
    )


@strawberry.type
class Query:
    picture: Picture | None = one(
        arguments={"id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value)}, needs="media.read"
    )
    pictures: Connection[Picture] = page(needs="media.read")


LISTINGS: Listings = {
    Picture: Listing(
        filters={
            "isUnused": Filter(BooleanOperators, lambda row, given: given.compared(row.c.unused_since.is_not(None)))
        },
        sorts={"CREATED_AT": Sort(lambda row: row.c.created_at)},
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    )
}
