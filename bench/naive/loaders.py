"""The dataloaders of one request: each gathers the keys that resolvers ask for, and sends one statement for all."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from strawberry.dataloader import DataLoader

from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.observability.statements import count_statement

Record = dict[str, Any]

PATIENCE_S = 30.0
"""How long a statement waits for a connection. A request sends several at once, so that they soon stand in a queue."""


async def fetch(database: Database, query: str, *values: object) -> list[Record]:
    """All rows of a statement, by column name."""
    connection = await database.reads.getconn(timeout=PATIENCE_S)
    try:
        count_statement()
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(query.encode(), values)
        return await cursor.fetchall()
    finally:
        await database.reads.putconn(connection)


class Loaders:
    """Rows by the key of what they belong to."""

    def __init__(self, context: Context) -> None:
        self._database = context.database
        channel, language = context.binds["channel"], context.binds["language"]
        self.category = self._loader(CATEGORY, language)
        self.media = self._loader(MEDIA, language)
        self.price_range = self._loader(PRICE_RANGE, channel)
        self.variants = self._loader(VARIANTS, language)
        self.price = self._loader(PRICE, channel)
        self.stock = self._loader(STOCK, channel)
        self.attributes = self._loader(ATTRIBUTES, language)
        self.options = self._loader(OPTIONS, language)
        self.option_values = self._loader(OPTION_VALUES, language)
        self.variant_options = self._loader(VARIANT_OPTIONS, language)
        self.breadcrumbs = self._loader(BREADCRUMBS, language)

    def _loader(self, query: str, value: object) -> DataLoader[UUID, list[Record]]:
        async def load(keys: list[UUID]) -> Sequence[list[Record]]:
            found: defaultdict[UUID, list[Record]] = defaultdict(list)
            for row in await fetch(self._database, query, keys, value):
                found[row["key"]].append(row)
            return [found[key] for key in keys]

        return DataLoader(load)


_VISIBLE = """
    SELECT product.id, slug, category_id, coalesce(product.name_translations ->> $2, product.name) AS name,
        coalesce(product.description_translations ->> $2, product.description) AS description, publish_at
    FROM catalog.product JOIN catalog.publication ON publication.product_id = product.id
    WHERE channel_id = $1 AND status = 'published' AND publish_at <= now()
        AND (unpublish_at IS NULL OR unpublish_at > now())
"""
PRODUCTS = f"{_VISIBLE} ORDER BY publish_at DESC, product.id DESC LIMIT $3"
PRODUCT = f"{_VISIBLE} AND slug = $3"

CATEGORY = """
    SELECT id AS key, slug, coalesce(name_translations ->> $2, name) AS name
    FROM catalog.category WHERE id = ANY($1)
"""
MEDIA = """
    SELECT product_id AS key, path, coalesce(alt_translations ->> $2, alt) AS alt
    FROM catalog.media WHERE product_id = ANY($1) ORDER BY product_id, position, id
"""
PRICE_RANGE = """
    SELECT product_id AS key, currency, start_amount, stop_amount
    FROM pricing.listed_range WHERE product_id = ANY($1) AND channel_id = $2 AND start_amount IS NOT NULL
"""
VARIANTS = """
    SELECT product_id AS key, id, sku, coalesce(name_translations ->> $2, name) AS name
    FROM catalog.variant WHERE product_id = ANY($1) AND archived_at IS NULL ORDER BY product_id, position, id
"""
PRICE = """
    SELECT variant_id AS key, currency, amount FROM pricing.listed WHERE variant_id = ANY($1) AND channel_id = $2
"""
STOCK = """
    SELECT variant_id AS key, sum(greatest(on_hand - allocated - held, 0)) AS available,
        bool_or(on_hand - allocated - held + backorder_limit > 0) AS is_available
    FROM inventory.stock JOIN inventory.warehouse_channel USING (warehouse_id)
    WHERE variant_id = ANY($1) AND channel_id = $2 GROUP BY variant_id
"""
ATTRIBUTES = """
    SELECT product_id AS key, coalesce(attribute.name_translations ->> $2, attribute.name) AS name,
        coalesce(trim_scale(number)::text, boolean::text, date::text, text_translations ->> $2, text, chosen.names, '')
            AS value
    FROM catalog.product_attribute JOIN catalog.attribute ON attribute.id = attribute_id
    JOIN catalog.product ON product.id = product_id
    LEFT JOIN catalog.product_type_attribute AS place
        ON place.product_type_id = product.product_type_id AND place.attribute_id = attribute.id
    LEFT JOIN LATERAL (
        SELECT string_agg(coalesce(choice.name_translations ->> $2, choice.name), ', '
            ORDER BY choice.position, choice.id) AS names
        FROM catalog.product_attribute_choice JOIN catalog.attribute_choice AS choice ON choice.id = choice_id
        WHERE product_attribute_choice.product_id = product_attribute.product_id
            AND product_attribute_choice.attribute_id = product_attribute.attribute_id
    ) AS chosen ON true
    WHERE product_id = ANY($1) ORDER BY product_id, place.position, attribute.id
"""
OPTIONS = """
    SELECT product_id AS key, id, coalesce(name_translations ->> $2, name) AS name
    FROM catalog.option WHERE product_id = ANY($1) ORDER BY product_id, position, id
"""
OPTION_VALUES = """
    SELECT option_id AS key, coalesce(name_translations ->> $2, name) AS name
    FROM catalog.option_value WHERE option_id = ANY($1) ORDER BY option_id, position, id
"""
VARIANT_OPTIONS = """
    SELECT variant_id AS key, coalesce(option.name_translations ->> $2, option.name) AS name,
        coalesce(option_value.name_translations ->> $2, option_value.name) AS value
    FROM catalog.variant_option_value
    JOIN catalog.option ON option.id = variant_option_value.option_id
    JOIN catalog.option_value ON option_value.id = option_value_id
    WHERE variant_id = ANY($1) ORDER BY variant_id, option.position, option.id
"""
BREADCRUMBS = """
    SELECT below.category_id AS key, slug, coalesce(name_translations ->> $2, name) AS name
    FROM catalog.category_ancestor AS below JOIN catalog.category ON category.id = below.ancestor_id
    JOIN catalog.category_ancestor AS own ON own.category_id = category.id AND own.ancestor_id = category.id
    WHERE below.category_id = ANY($1) ORDER BY below.category_id, own.depth
"""
