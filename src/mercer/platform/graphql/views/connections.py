"""The types of connections: pages of nodes with cursors, totals and facets (the Relay specification)."""

from typing import Generic, TypeVar

import strawberry

from .sources import column, many

Node = TypeVar("Node")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="A node with the cursor that the next page may start after.")
class Edge(Generic[Node]):
    cursor: str
    node: Node


@strawberry.type(description="A value that a filter could choose, and how many nodes it would leave.")
class FacetValue:
    value: str = column()
    label: str = column()
    count: int = column()


@strawberry.type(name="Facet", description="What a filter could choose from.")
class FacetType:
    code: str = column()
    name: str = column()
    values: list[FacetValue] = many(
        on=lambda facet, value: facet.c.code == value.c.code,
        order_by=lambda value: (value.c.count.desc(), value.c.rank, value.c.label, value.c.value),
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    nodes: list[Node]
    edges: list[Edge[Node]]
    page_info: PageInfo
    total_count: int = strawberry.field(description="How many nodes there are on all pages. Computed only when asked.")


@strawberry.type(name="Connection", description="A page of a list, and what the list could be narrowed to.")
class FacetedConnection(Connection[Node]):
    facets: list[FacetType] = strawberry.field(
        description="What filters could choose from, with counts. Each facet leaves out its own filter."
    )
