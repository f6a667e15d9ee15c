"""The part of the shop's schema that the listing and the product page select, resolved field by field."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import strawberry
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info

from bench.naive.loaders import PRODUCT, PRODUCTS, Loaders, Record, fetch
from mercer.platform.context import Context
from mercer.values.currency import digits

MakeContext = Callable[[HTTPConnection], Awaitable[Context]]


@dataclass
class Asked:
    """What resolvers of one request share."""

    context: Context
    loaders: Loaders


Asking = Info[Asked, None]


@strawberry.type
class Price:
    amount: Decimal
    currency: str


@strawberry.type
class PriceRange:
    start: Price
    stop: Price


@strawberry.type
class Media:
    url: str
    alt: str


@strawberry.type
class Category:
    name: str
    slug: str


@strawberry.type
class Attribute:
    name: str
    value: str


@strawberry.type
class VariantOption:
    name: str
    value: str


@strawberry.type
class Option:
    key: strawberry.Private[UUID]
    name: str

    @strawberry.field
    async def values(self, info: Asking) -> list[str]:
        return [row["name"] for row in await info.context.loaders.option_values.load(self.key)]


@strawberry.type
class Variant:
    key: strawberry.Private[UUID]
    sku: str
    name: str

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(str(self.key))

    @strawberry.field
    async def available(self, info: Asking) -> int:
        return sum(row["available"] for row in await info.context.loaders.stock.load(self.key))

    @strawberry.field
    async def is_available(self, info: Asking) -> bool:
        return any(row["is_available"] for row in await info.context.loaders.stock.load(self.key))

    @strawberry.field
    async def price(self, info: Asking) -> Price | None:
        rows = await info.context.loaders.price.load(self.key)
        return _price(rows[0], "amount") if rows else None

    @strawberry.field
    async def options(self, info: Asking) -> list[VariantOption]:
        rows = await info.context.loaders.variant_options.load(self.key)
        return [VariantOption(name=row["name"], value=row["value"]) for row in rows]


@strawberry.type
class Product:
    key: strawberry.Private[UUID]
    category_id: strawberry.Private[UUID | None]
    slug: str
    name: str
    description: str

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(str(self.key))

    @strawberry.field
    async def thumbnail(self, info: Asking) -> Media | None:
        rows = await info.context.loaders.media.load(self.key)
        return _media(rows[0], info) if rows else None

    @strawberry.field
    async def media(self, info: Asking) -> list[Media]:
        return [_media(row, info) for row in await info.context.loaders.media.load(self.key)]

    @strawberry.field
    async def price_range(self, info: Asking) -> PriceRange | None:
        rows = await info.context.loaders.price_range.load(self.key)
        return PriceRange(start=_price(rows[0], "start_amount"), stop=_price(rows[0], "stop_amount")) if rows else None

    @strawberry.field
    async def category(self, info: Asking) -> Category | None:
        rows = await info.context.loaders.category.load(self.category_id) if self.category_id else []
        return Category(name=rows[0]["name"], slug=rows[0]["slug"]) if rows else None

    @strawberry.field
    async def breadcrumbs(self, info: Asking) -> list[Category]:
        rows = await info.context.loaders.breadcrumbs.load(self.category_id) if self.category_id else []
        return [Category(name=row["name"], slug=row["slug"]) for row in rows]

    @strawberry.field
    async def variants(self, info: Asking) -> list[Variant]:
        rows = await info.context.loaders.variants.load(self.key)
        return [Variant(key=row["id"], sku=row["sku"], name=row["name"]) for row in rows]

    @strawberry.field
    async def attributes(self, info: Asking) -> list[Attribute]:
        rows = await info.context.loaders.attributes.load(self.key)
        return [Attribute(name=row["name"], value=row["value"]) for row in rows]

    @strawberry.field
    async def options(self, info: Asking) -> list[Option]:
        return [Option(key=row["id"], name=row["name"]) for row in await info.context.loaders.options.load(self.key)]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class ProductConnection:
    nodes: list[Product]
    page_info: PageInfo


@strawberry.type
class Query:
    @strawberry.field
    async def products(self, info: Asking, first: int) -> ProductConnection:
        rows = await _fetch(info, PRODUCTS, first + 1)
        page = rows[:first]
        cursor = b64encode(f"{page[-1]['publish_at']} {page[-1]['id']}".encode()).decode() if page else None
        return ProductConnection(
            nodes=[_product(row) for row in page],
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor),
        )

    @strawberry.field
    async def product(self, info: Asking, slug: str) -> Product | None:
        rows = await _fetch(info, PRODUCT, slug)
        return _product(rows[0]) if rows else None


def naive_app(make_context: MakeContext) -> ASGIApp:
    """An ASGI application that answers with these resolvers, parsed and validated documents remembered."""

    class Naive(GraphQL[Asked, None]):
        async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Asked:
            del response
            context = await make_context(request)
            return Asked(context, Loaders(context))

    parsed, validated = ParserCache(), ValidationCache()  # one of each for all requests, or nothing is remembered
    return Naive(strawberry.Schema(query=Query, extensions=[lambda: parsed, lambda: validated]))


async def _fetch(info: Asking, query: str, value: object) -> list[Record]:
    context = info.context.context
    return await fetch(context.database, query, context.binds["channel"], context.binds["language"], value)


def _product(row: Record) -> Product:
    return Product(
        key=row["id"],
        category_id=row["category_id"],
        slug=row["slug"],
        name=row["name"],
        description=row["description"],
    )


def _price(row: Record, name: str) -> Price:
    return Price(amount=Decimal(row[name]).scaleb(-digits(row["currency"])), currency=row["currency"])


def _media(row: Record, info: Asking) -> Media:
    return Media(url=info.context.context.binds["media_url"] + row["path"], alt=row["alt"])
