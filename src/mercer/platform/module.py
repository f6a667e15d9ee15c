"""What a module may plug into the application."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection

from mercer.platform.context import Context
from mercer.platform.graphql.views import Listings

Bind = Callable[[Context, HTTPConnection], Awaitable[Mapping[str, Any]]]
"""Finds what reads are bound to in a request, such as its channel. Raises `RequestRefused`."""


Origins = Callable[[Context], Awaitable[frozenset[str]]]
"""Finds the web origins whose pages may call the APIs."""


@dataclass(frozen=True)
class GraphQL:
    """A module's share of one schema.

    Root fields, fields that it adds to lower modules' types, and what it adds to the listings of types.
    """

    query: type | None = None
    extends: Mapping[type, type] = field(default_factory=dict)
    listings: Listings = field(default_factory=dict)


@dataclass(frozen=True)
class Module:
    name: str
    shop: GraphQL = field(default_factory=GraphQL)
    admin: GraphQL = field(default_factory=GraphQL)
    binds: Bind | None = None
    origins: Origins | None = None
