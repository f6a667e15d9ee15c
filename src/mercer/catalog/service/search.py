"""What products are found by."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from uuid import UUID

from mercer.catalog.queries import search as queries
from mercer.catalog.queries.search import SearchRow, SearchSource
from mercer.catalog.rules.searching import plain_words
from mercer.catalog.rules.texts import search_configuration, translated
from mercer.channels.service import list_channels, spoken_languages
from mercer.platform.context import Context
from mercer.values.names import sort_key

_BATCH = 2_000


async def refresh_search(context: Context, *, product_ids: Sequence[UUID], languages: Sequence[str]) -> int:
    """Write anew what these products are found by. Returns how many rows differed."""
    sources = await queries.load_sources(context.db, product_ids)
    return await queries.write_search(context.db, _rows(sources, languages))


async def refresh_search_of(context: Context, *, product_ids: Sequence[UUID]) -> None:
    """Write anew what these products are found by, in all languages that are spoken."""
    await refresh_search(context, product_ids=product_ids, languages=spoken_languages(await list_channels(context)))


async def complete_search(context: Context) -> int:
    """Add what products are found by in languages that a channel brought. Returns how many rows were added."""
    added = 0
    while more := await complete_some_search(context):
        added += more
    return added


async def complete_some_search(context: Context) -> int:
    """Add a batch of what `complete_search` adds. Returns how many rows were added: none when all are there."""
    languages = spoken_languages(await list_channels(context))
    lacking = await queries.list_products_lacking(context.db, languages, limit=_BATCH)
    if not lacking:
        return 0
    context.outdate("products")
    return await refresh_search(context, product_ids=lacking, languages=languages)


async def refresh_search_of_types(context: Context, *, types: Collection[str]) -> None:
    """Write anew what the products of these types are found by."""
    languages = spoken_languages(await list_channels(context))
    after = UUID(int=0)
    while page := await queries.list_products_of_types(context.db, types, after=after, limit=_BATCH):
        await refresh_search(context, product_ids=page, languages=languages)
        after = page[-1]


def _rows(sources: Iterable[SearchSource], languages: Sequence[str]) -> Iterator[SearchRow]:
    for source in sources:
        tags = " ".join(source.tags)
        codes = sorted({word for sku in source.skus for word in plain_words(sku)})
        for language in languages:
            type_name = translated(source.type_name, source.type_translations, language)
            yield SearchRow(
                product_id=source.product_id,
                language=language,
                configuration=search_configuration(language),
                name_key=sort_key(translated(source.name, source.name_translations, language)),
                further=sort_key(f"{type_name} {tags}"),
                codes=codes,
            )
