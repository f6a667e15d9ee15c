"""The mutations by which staff open, change and close channels."""

import strawberry

from mercer.channels import models, service
from mercer.channels.errors import ChannelCodeTaken, ChannelNotFound, DefaultChannelNeeded
from mercer.channels.graphql.admin import Channel
from mercer.channels.graphql.binds import follow_channels
from mercer.platform.context import Context
from mercer.platform.errors import VersionConflict
from mercer.platform.graphql.ids import given_id
from mercer.platform.graphql.mutations import mutation, row
from mercer.values.basket import TaxMode

MANAGE = "channels.manage"


@strawberry.input(description="A new storefront.")
class ChannelCreateInput:
    code: str = strawberry.field(description="What clients name it by, in `X-Mercer-Channel`. It never changes.")
    name: str
    currency: str = strawberry.field(description="ISO 4217. It never changes: prices are in it.")
    languages: list[str] = strawberry.field(description="BCP 47, its own language first.")
    country: str = strawberry.field(description="ISO 3166-1, two letters.")
    time_zone: str = strawberry.field(description="IANA.")
    tax_mode: TaxMode
    origins: list[str] = strawberry.field(
        default_factory=list, description="Web origins whose pages may call the shop API."
    )
    is_default: bool = strawberry.field(
        default=False, description="Whether clients that name no channel are in it. The first channel always is it."
    )


@strawberry.input(description="What is to be another in a storefront. What is left out, or null, stays as it is.")
class ChannelUpdateInput:
    name: str | None = None
    languages: list[str] | None = strawberry.field(default=None, description="BCP 47, its own language first.")
    country: str | None = strawberry.field(default=None, description="ISO 3166-1, two letters.")
    time_zone: str | None = strawberry.field(default=None, description="IANA.")
    tax_mode: TaxMode | None = None
    origins: list[str] | None = strawberry.field(
        default=None, description="Web origins whose pages may call the shop API."
    )
    is_default: bool | None = strawberry.field(
        default=None, description="True takes it from the channel that was the default."
    )


@mutation(ChannelCodeTaken, needs=MANAGE)
async def channel_create(context: Context, input: ChannelCreateInput) -> Channel:
    """Open a storefront."""
    terms = models.ChannelTerms(
        code=input.code,
        name=input.name,
        currency=input.currency,
        languages=tuple(input.languages),
        country=input.country,
        time_zone=input.time_zone,
        tax_mode=input.tax_mode,
        origins=tuple(input.origins),
        is_default=input.is_default,
    )
    context.keep(follow_channels)
    return row(Channel, await service.create_channel(context, channel=terms))


@mutation(ChannelNotFound, DefaultChannelNeeded, VersionConflict, needs=MANAGE)
async def channel_update(
    context: Context, id: strawberry.ID, input: ChannelUpdateInput, version: int | None = None
) -> Channel:
    """Change how a storefront sells."""
    changes = models.ChannelChanges(
        name=input.name,
        languages=None if input.languages is None else tuple(input.languages),
        country=input.country,
        time_zone=input.time_zone,
        tax_mode=input.tax_mode,
        origins=None if input.origins is None else tuple(input.origins),
        is_default=input.is_default,
    )
    context.keep(follow_channels)
    channel_id = given_id(id)
    await service.update_channel(context, channel_id=channel_id, changes=changes, version=version)
    return row(Channel, channel_id)


@mutation(ChannelNotFound, DefaultChannelNeeded, VersionConflict, needs=MANAGE)
async def channel_archive(context: Context, id: strawberry.ID, version: int | None = None) -> Channel:
    """Close a storefront: no client reaches it any more, and nothing of it is lost."""
    context.keep(follow_channels)
    channel_id = given_id(id)
    await service.archive_channel(context, channel_id=channel_id, version=version)
    return row(Channel, channel_id)


@mutation(ChannelNotFound, VersionConflict, needs=MANAGE)
async def channel_restore(context: Context, id: strawberry.ID, version: int | None = None) -> Channel:
    """Open a storefront again that was closed."""
    context.keep(follow_channels)
    channel_id = given_id(id)
    await service.restore_channel(context, channel_id=channel_id, version=version)
    return row(Channel, channel_id)
