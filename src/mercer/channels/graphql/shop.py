"""The channel as the shop API shows it."""

import strawberry

from mercer.channels import tables
from mercer.channels.graphql.binds import CHANNEL
from mercer.platform.graphql.views import EVERYTHING, Cached, column, computed, one, view
from mercer.platform.permissions import PUBLIC


@view(tables.channel)
class Channel:
    """The storefront that the request is in."""

    code: str = column()
    name: str = column()
    currency: str = column(description="ISO 4217.")
    languages: list[str] = column(description="What the shop speaks here (BCP 47), its own language first.")
    country: str = column(description="ISO 3166-1, two letters.")
    time_zone: str = column(description="IANA.")
    is_tax_included: bool = computed(
        lambda channel: channel.c.tax_mode == "gross", total=True, description="Whether prices hold the tax already."
    )


CACHED = Cached(
    tables={tables.channel: EVERYTHING},
    binds=frozenset({"channel", "language", "language_parent", "is_tax_included", "currency_scale"}),
)


@strawberry.type
class Query:
    channel: Channel | None = one(
        on=lambda _, channel: channel.c.id == CHANNEL,
        needs=PUBLIC,
        description="The channel that the header X-Mercer-Channel names, or the default one.",
    )
