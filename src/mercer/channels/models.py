"""The channels' nouns."""

from dataclasses import dataclass
from uuid import UUID

from mercer.values.basket import TaxMode

REQUESTED = "requested_channel"
"""What a context is bound to under this name: the `Channel` that a request is in."""


@dataclass(frozen=True, kw_only=True)
class ChannelTerms:
    """How a storefront sells. Its first language is the one that it answers in when the client's is not spoken."""

    code: str
    name: str
    currency: str
    """ISO 4217. It never changes: prices are in it."""
    languages: tuple[str, ...]
    """BCP 47: `en`, `de-AT`."""
    country: str
    """ISO 3166-1, two letters."""
    time_zone: str
    """IANA: `Europe/Berlin`."""
    tax_mode: TaxMode
    origins: tuple[str, ...] = ()
    """Web origins whose pages may call the shop's API."""
    is_default: bool = False
    """The channel of clients that name none. The one given last as default is it."""


@dataclass(frozen=True, kw_only=True)
class Channel(ChannelTerms):
    """A storefront."""

    id: UUID
    is_archived: bool = False
    """Closed: no client reaches it any more."""
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class ChannelChanges:
    """What is to be another in a storefront. None: it stays as it is. Its code and its currency always do."""

    name: str | None = None
    languages: tuple[str, ...] | None = None
    country: str | None = None
    time_zone: str | None = None
    tax_mode: TaxMode | None = None
    origins: tuple[str, ...] | None = None
    is_default: bool | None = None
