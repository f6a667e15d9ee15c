"""What a module may plug into the application."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from mercer.platform.actors import Actor
from mercer.platform.context import Context, FindPlaces
from mercer.platform.events import Event
from mercer.platform.graphql.views import Cached, Listings
from mercer.platform.jobs.declaration import Job
from mercer.platform.permissions import Dimension
from mercer.platform.settings import Settings

Bind = Callable[[Context, HTTPConnection], Awaitable[Mapping[str, Any]]]
"""Finds what reads are bound to in a request, such as its channel. Raises `RequestRefused`."""

Origins = Callable[[Context], Awaitable[frozenset[str]]]
"""Finds the web origins whose pages may call the APIs."""

Authenticate = Callable[[Context, HTTPConnection], Awaitable[Actor]]
"""Finds out who sends a request; `context.origin.api` says to which API. Raises `RequestRefused`."""

Handler = Callable[[Context, Any], Awaitable[None]]
"""Takes an event of a lower module, in a transaction of its own, at least once and in no promised order."""

MakeContext = Callable[[HTTPConnection], Awaitable[Context]]
Routes = Callable[[Settings, MakeContext], Sequence[BaseRoute]]
"""Plain HTTP routes, such as uploads and webhooks. `MakeContext` authenticates as the APIs do."""


@dataclass(frozen=True)
class GraphQL:
    """A module's share of one schema.

    Root fields (of one type, or several), mutations (Python modules that hold them), fields that it adds to lower
    modules' types, what it adds to the listings of types, and which of its reads may be cached.
    """

    query: type | tuple[type, ...] = ()
    mutations: Sequence[ModuleType] = ()
    extends: Mapping[type, type] = field(default_factory=dict)
    listings: Listings = field(default_factory=dict)
    cached: Cached | None = None


@dataclass(frozen=True)
class Module:
    name: str
    shop: GraphQL = field(default_factory=GraphQL)
    admin: GraphQL = field(default_factory=GraphQL)
    binds: Bind | None = None
    origins: Origins | None = None
    authenticate: Authenticate | None = None
    handlers: Mapping[type[Event], Sequence[Handler]] = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    dimensions: Mapping[str, frozenset[Dimension]] = field(default_factory=dict)
    """In what this module's permissions may be limited: each of its verbs and reads that need one keeps to it."""
    places: Mapping[Dimension, FindPlaces] = field(default_factory=dict)
    """How to find those of this module's things that permissions may be limited to."""
    masked: Mapping[str, str] = field(default_factory=dict)
    """Which fields of audit entries are masked without which permission: `{"Customer.email": "personal_data.read"}`.

    `Customer.reason` is why one was changed.
    """
    routes: Routes | None = None
