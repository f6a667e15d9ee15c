"""Products from files."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath

from mercer.catalog import service as catalog
from mercer.catalog.models import Category
from mercer.channels.errors import ChannelUnknown
from mercer.channels.service import list_channels
from mercer.inventory.service import store_levels
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.pricing.service import store_prices
from mercer.transfer.errors import CurrencyMismatch, SetMissing
from mercer.transfer.models.mapping import Mapping, SetRule
from mercer.transfer.models.rows import MappedRow, RejectedRow, Report
from mercer.transfer.readers import Source, named_fields, read_rows, sources_of
from mercer.transfer.readers.ahead import read_ahead
from mercer.transfer.rules.products import Seen, choice_names, map_row, product_types_of, with_choice_codes
from mercer.transfer.service.batches import begin_transactions, refused

BATCH = 4_000
"""Rows in one transaction. Few enough to be held in memory, many enough that statements cost little."""


async def import_products(
    context: Context,
    *,
    path: Path,
    mapping: Mapping,
    on_batch: Callable[[Report], None],
    on_rejected: Callable[[RejectedRow], None],
    is_dry_run: bool = False,
) -> Report:
    """Store the products of a file: those with a new SKU are created, others updated.

    Each batch of rows is a transaction of its own, so that an import that was interrupted can be run again; it ends as
    if it had not been. A dry run is one transaction, undone at its end. `on_batch` is told after each batch;
    `on_rejected` of each row that was not stored. What makes a file unreadable from some row on is among
    `Report.failures`; what stands against importing it at all is raised: `FileUnreadable`, `FileEmpty`,
    `ArchiveRefused`, `SetMissing`, `ChannelUnknown`, `CurrencyMismatch`, and what the catalogue says of the mapping's
    types and categories.
    """
    report = Report()
    sources = _assign_sets(path, mapping, report)
    async with begin_transactions(context, is_dry_run=is_dry_run) as transactions:
        async with transactions() as within:
            await _prepare(within, mapping, [rule for _, rule in sources])
        async with aclosing(read_ahead(_batches(sources, mapping))) as batches:
            async for batch in batches:
                async with transactions() as within:
                    rejected = await _store(within, batch, mapping, report)
                for row in (*batch.rejected, *rejected):
                    report.rejected += 1
                    report.reasons[type(row.error).__name__] += 1
                    on_rejected(row)
                report.failures += batch.failures
                on_batch(report)
    return report


@dataclass(frozen=True, kw_only=True)
class _Batch:
    rows: Sequence[MappedRow]
    rejected: Sequence[RejectedRow]
    failures: Sequence[DomainError]


def _assign_sets(path: Path, mapping: Mapping, report: Report) -> list[tuple[Source, SetRule]]:
    """Each source with the first set whose pattern its name fits."""
    assigned = []
    for source in sources_of(path):
        names = (source.name, PurePosixPath(source.name).name)
        rule = next((rule for rule in mapping.sets if any(fnmatchcase(name, rule.file) for name in names)), None)
        if rule is None:
            report.skipped_files.append(source.name)
        else:
            assigned.append((source, rule))
    if not assigned:
        raise SetMissing(file=path.name)
    return assigned


async def _prepare(context: Context, mapping: Mapping, rules: Sequence[SetRule]) -> None:
    """Check what the mapping names, and store the types and categories that it describes."""
    channels = {channel.code: channel.currency for channel in await list_channels(context)}
    for code in (*mapping.channels, *(price.channel for price in mapping.prices)):
        if code not in channels:
            raise ChannelUnknown(channel=code)
    for price in mapping.prices:
        if channels[price.channel] != price.currency:
            raise CurrencyMismatch(channel=price.channel, currency=channels[price.channel])
    await catalog.store_product_types(context, product_types=product_types_of(rules, mapping))
    categories = [
        Category(slug=rule.slug, name=rule.name, parent=rule.parent, name_translations=rule.name_translations)
        for rule in mapping.categories
    ]
    await catalog.store_categories(context, categories=categories)


def _batches(sources: Sequence[tuple[Source, SetRule]], mapping: Mapping) -> Generator[_Batch, None, None]:
    """The rows of all sources, mapped, some at a time."""
    rows = _mapped_rows(sources, mapping)
    while taken := list(islice(rows, BATCH)):
        yield _Batch(
            rows=[row for row in taken if isinstance(row, MappedRow)],
            rejected=[row for row in taken if isinstance(row, RejectedRow)],
            failures=[row for row in taken if isinstance(row, DomainError)],
        )


def _mapped_rows(
    sources: Sequence[tuple[Source, SetRule]], mapping: Mapping
) -> Iterator[MappedRow | RejectedRow | DomainError]:
    seen = Seen()
    for source, rule in sources:
        try:
            for row in read_rows(source, delimiter=mapping.delimiter, columns=named_fields(mapping, rule)):
                if isinstance(row, RejectedRow):
                    yield row
                    continue
                try:
                    yield map_row(row, rule, mapping, seen)
                except DomainError as error:
                    yield refused(row, error.with_traceback(None))
        except DomainError as error:
            yield error.with_traceback(None)


async def _store(context: Context, batch: _Batch, mapping: Mapping, report: Report) -> list[RejectedRow]:
    """Store a batch's products with their prices and stock. Returns the rows of those refused."""
    codes = await catalog.name_choices(context, names=choice_names(batch.rows, mapping))
    products = [with_choice_codes(row.product, codes) for row in batch.rows]
    stored = await catalog.store_products(context, products=products)
    refusals = {rejection.index: rejection.error for rejection in stored.rejected}
    rows = [row for index, row in enumerate(batch.rows) if index not in refusals]
    await store_prices(context, prices=[price for row in rows for price in row.prices])
    levels = [(row, level) for row in rows for level in row.levels]
    leveled = await store_levels(context, levels=[level for _, level in levels])
    report.created += stored.created
    report.updated += stored.updated
    report.unchanged += stored.unchanged
    rejections = [(batch.rows[index], error) for index, error in refusals.items()]
    rejections += [(levels[rejection.index][0], rejection.error) for rejection in leveled.rejected]
    return [refused(each.row, error) for each, error in rejections]
