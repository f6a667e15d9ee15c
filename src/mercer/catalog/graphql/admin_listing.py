"""How staff search, filter and sort the catalogue."""

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from mercer.catalog import models, tables
from mercer.catalog.graphql import admin, listing
from mercer.platform.graphql.views import AskedOrder, Filter, Given, Listing, Listings, Row, Sort, SortDirection
from mercer.platform.graphql.views.operators import DateTimeOperators


@strawberry.input(description="Where a product stands in any one channel, or in the one given by id.")
class PublicationOperators:
    status: list[models.PublicationStatus] | None = UNSET
    channel: strawberry.ID | None = UNSET


def _stands(product: Row, given: Given) -> sa.ColumnElement[bool]:
    publication = tables.publication.alias()
    asked = [publication.c.product_id == product.c.id]
    if "status" in given:
        statuses = [item.constant.value for item in given["status"].items]
        asked.append(sa.or_(sa.false(), *(publication.c.status == sa.literal_column(f"'{each}'") for each in statuses)))
    if "channel" in given:
        asked.append(publication.c.channel_id == given["channel"].value)
    return sa.exists().select_from(publication).where(*asked)


_BY_CODE = Listing(sorts={"CODE": Sort(lambda row: row.c.code)}, default_order=AskedOrder("CODE", SortDirection.ASC))

LISTINGS: Listings = {
    admin.Product: Listing(
        filters={
            **listing.PRODUCTS.filters,
            "publication": Filter(PublicationOperators, _stands),
            "updatedAt": Filter(DateTimeOperators, lambda product, given: given.compared(product.c.updated_at)),
        },
        sorts={
            "CREATED_AT": Sort(lambda product: product.c.created_at),
            "UPDATED_AT": Sort(lambda product: product.c.updated_at),
            "NAME": listing.PRODUCTS.sorts["NAME"],
        },
        search=listing.PRODUCTS.search,
        default_order=AskedOrder("CREATED_AT", SortDirection.DESC),
    ),
    admin.Category: listing.CATEGORIES,
    admin.ProductType: _BY_CODE,
    admin.Attribute: _BY_CODE,
}
