"""What products are found by: a row for each product and language, derived from what is stored."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from mercer.platform.staging import stage

_SOURCES = sa.text("""
    SELECT p.id, p.name, p.name_translations, p.tags, t.name AS type_name, t.name_translations AS type_translations,
        ARRAY(SELECT v.sku FROM catalog.variant v WHERE v.product_id = p.id AND v.archived_at IS NULL) AS skus
    FROM catalog.product p JOIN catalog.product_type t ON t.id = p.product_type_id
    WHERE p.id = ANY(:ids)
""")
_PRODUCTS_LACKING = sa.text("""
    SELECT p.id FROM catalog.product p
    WHERE EXISTS (
        SELECT FROM unnest(CAST(:languages AS text[])) AS language
        WHERE NOT EXISTS (
            SELECT FROM catalog.product_search s WHERE s.product_id = p.id AND s.language = language.language
        )
    )
    ORDER BY p.id LIMIT :limit
""")
_PRODUCTS_OF_TYPES = sa.text("""
    SELECT p.id FROM catalog.product p JOIN catalog.product_type t ON t.id = p.product_type_id
    WHERE t.code = ANY(:types) AND p.id > :after
    ORDER BY p.id LIMIT :limit
""")
_SEARCH = """
    MERGE INTO catalog.product_search p
    USING (
        SELECT product_id, language, name_key,
            setweight(to_tsvector(configuration::regconfig, name_key), 'A')
            || setweight(to_tsvector(configuration::regconfig, further), 'C')
            || array_to_tsvector(codes) AS words
        FROM staged_search
    ) s
    ON p.product_id = s.product_id AND p.language = s.language
    WHEN NOT MATCHED THEN INSERT (product_id, language, name_key, words)
        VALUES (s.product_id, s.language, s.name_key, s.words)
    WHEN MATCHED AND (p.name_key, p.words) IS DISTINCT FROM (s.name_key, s.words)
    THEN UPDATE SET name_key = s.name_key, words = s.words
"""
_FEW = """jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    product_id uuid, language text, configuration text, name_key text, further text, codes text[]
)"""
_SEARCH_OF_MANY = sa.text(_SEARCH)
_SEARCH_OF_FEW = sa.text(_SEARCH.replace("staged_search", _FEW))
FEW = 200
"""Up to so many rows are sent with the statement; more are staged."""


class SearchSource(NamedTuple):
    """What a product is found by, in all languages."""

    product_id: UUID
    name: str
    name_translations: Mapping[str, str]
    tags: Sequence[str]
    type_name: str
    type_translations: Mapping[str, str]
    skus: Sequence[str]


class SearchRow(NamedTuple):
    """What a product is found by in one language. `further` weighs less than the name; `codes` are not stemmed."""

    product_id: UUID
    language: str
    configuration: str
    name_key: str
    further: str
    codes: list[str]


async def load_sources(connection: AsyncConnection, product_ids: Sequence[UUID]) -> list[SearchSource]:
    rows = await connection.execute(_SOURCES, {"ids": list(product_ids)})
    return [SearchSource(*row) for row in rows]


async def list_products_lacking(connection: AsyncConnection, languages: Sequence[str], *, limit: int) -> Sequence[UUID]:
    """Products that have no row yet in one of these languages."""
    parameters = {"languages": list(languages), "limit": limit}
    return (await connection.scalars(_PRODUCTS_LACKING, parameters)).all()


async def list_products_of_types(
    connection: AsyncConnection, types: Collection[str], *, after: UUID, limit: int
) -> Sequence[UUID]:
    """The products of these types, in order of id, a page at a time."""
    parameters = {"types": list(types), "after": after, "limit": limit}
    return (await connection.scalars(_PRODUCTS_OF_TYPES, parameters)).all()


async def write_search(connection: AsyncConnection, rows: Iterator[SearchRow]) -> int:
    """Write those that differ from what is stored. Returns how many these were."""
    columns = {
        "product_id": "uuid",
        "language": "text",
        "configuration": "text",
        "name_key": "text",
        "further": "text",
        "codes": "text[]",
    }
    first = list(islice(rows, FEW + 1))
    if len(first) <= FEW:
        given = msgspec.json.encode([row._asdict() for row in first]).decode()
        return (await connection.execute(_SEARCH_OF_FEW, {"rows": given})).rowcount
    await stage(connection, "staged_search", columns, chain(first, rows))
    return (await connection.execute(_SEARCH_OF_MANY)).rowcount
