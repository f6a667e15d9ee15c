"""Channels as the admin API shows them."""

from datetime import datetime

import strawberry

from mercer.channels import tables
from mercer.platform.graphql.views import (
    Argument,
    AskedOrder,
    Connection,
    Listing,
    Listings,
    Sort,
    SortDirection,
    column,
    one,
    page,
    view,
)
from mercer.values.basket import TaxMode

strawberry.enum(TaxMode, description=TaxMode.__doc__)


@view(tables.channel)
class Channel:
    """A storefront."""

    id: strawberry.ID = column()
    code: str = column()
    name: str = column()
    currency: str = column(description="ISO 4217.")
    languages: list[str] = column(description="BCP 47, its own language first.")
    country: str = column(description="ISO 3166-1, two letters.")
    time_zone: str = column(description="IANA.")
    tax_mode: TaxMode = column()
    origins: list[str] = column(description="Web origins whose pages may call the shop API.")
    is_default: bool = column()
    created_at: datetime = column()
    archived_at: datetime | None = column(description="Since when no client reaches it. Null: it is open.")
    version: int = column()


BY_ID = Argument(strawberry.ID, lambda row, given: row.c.id == given.value)
BY_CODE = Argument(str, lambda row, given: row.c.code == given.value)


@strawberry.type
class Query:
    channel: Channel | None = one(arguments={"id": BY_ID, "code": BY_CODE}, needs="channels.read")
    channels: Connection[Channel] = page(needs="channels.read")


LISTINGS: Listings = {
    Channel: Listing(sorts={"CODE": Sort(lambda row: row.c.code)}, default_order=AskedOrder("CODE", SortDirection.ASC))
}
