"""Pictures as the shop API shows them: beside the products that they belong to."""

from mercer.media import tables
from mercer.media.graphql.binds import MEDIA_URL
from mercer.platform.graphql.views import EVERYTHING, Cached, column, computed, view

CACHED = Cached(tables={tables.rendition: EVERYTHING}, binds=frozenset({"media_url"}))


@view(tables.rendition)
class Rendition:
    """A picture in a smaller size, or in another format."""

    url: str = computed(lambda rendition: MEDIA_URL + rendition.c.path, total=True)
    width: int = column()
    height: int = column()
    media_type: str = column()
