"""Past orders from files."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from mercer.catalog.service import find_variants
from mercer.channels.errors import ChannelUnknown
from mercer.channels.service import list_channels
from mercer.identity.service import store_customers
from mercer.orders.service import store_past_orders
from mercer.platform.context import Context
from mercer.platform.errors import DomainError
from mercer.transfer.errors import CurrencyMismatch
from mercer.transfer.models.order_mapping import OrderMapping
from mercer.transfer.models.rows import RejectedRow, Row
from mercer.transfer.models.sales import Draft, Invoice, Matches, OrderBatch, OrderReport, Refusal, Refused, Survey
from mercer.transfer.readers import Source, read_rows, sources_of
from mercer.transfer.readers.ahead import read_ahead
from mercer.transfer.rules.credits import match_credits
from mercer.transfer.rules.drafts import Terms, buyer_of, draft_order, is_all_taken, past_order
from mercer.transfer.rules.invoices import gather_invoices
from mercer.transfer.rules.sales import amount_of, note_row, note_sold
from mercer.transfer.service.batches import begin_transactions, refused

BATCH = 10_000
"""Rows in one transaction, or a few more: invoices are not divided."""
_STEP = 20_000
"""Rows that are surveyed between two looks at whether somebody stops us."""


async def import_orders(
    context: Context,
    *,
    path: Path,
    mapping: OrderMapping,
    channel: str,
    on_batch: Callable[[OrderReport], None],
    on_rejected: Callable[[RejectedRow], None],
    is_dry_run: bool = False,
) -> OrderReport:
    """Store the past orders of a file, each row of which is a line of one. Those that are there stay as they are.

    A credit becomes a cancelled order of its own. Where it can be told from which orders it takes back, these are
    partially refunded, or cancelled and refunded if nothing is left of them. Neither stock nor ledger knows of past
    orders, nothing is announced of them, and nobody gets a mail.

    The file is read three times: for its credits, for what they may be for, and for the orders. Each batch is a
    transaction of its own, and an order's last state is known when it is stored, so that an import that was
    interrupted can be run again; it ends as if it had not been. `on_batch` and `on_rejected` are told as in
    `import_products`. Raises `FileUnreadable`, `FileEmpty`, `ArchiveRefused`, `ChannelUnknown`, `CurrencyMismatch`.
    """
    report = OrderReport()
    sources = sources_of(path)
    async with begin_transactions(context, is_dry_run=is_dry_run) as transactions:
        async with transactions() as within:
            terms = Terms(mapping, await _find_channel(within, channel, mapping))
        survey = Survey()
        async with aclosing(read_ahead(_survey(sources, mapping, survey))) as steps:
            async for _ in steps:
                pass
        matches = match_credits(survey.credits, survey.sales)
        report.told_lines = matches.lines
        async with aclosing(read_ahead(_batches(sources, mapping, survey, matches))) as batches:
            async for batch in batches:
                async with transactions() as within:
                    rejected = await _store(within, batch, terms, report)
                for row, amount in (*batch.refused, *rejected):
                    report.rejected += 1
                    report.reasons[type(row.error).__name__] += 1
                    report.amount_rejected += amount
                    on_rejected(row)
                report.failures += batch.failures
                on_batch(report)
    return report


async def _find_channel(context: Context, code: str, mapping: OrderMapping) -> UUID:
    found = {channel.code: channel for channel in await list_channels(context)}
    if code not in found:
        raise ChannelUnknown(channel=code)
    if found[code].currency != mapping.currency:
        raise CurrencyMismatch(channel=code, currency=found[code].currency)
    return found[code].id


def _survey(sources: Sequence[Source], mapping: OrderMapping, survey: Survey) -> Generator[int, None, None]:
    """Fill the survey by two readings. Yields now and then how many rows were read."""
    for row in _rows(sources, mapping):
        if isinstance(row, Row):
            note_row(survey, row, mapping)
            if not survey.place % _STEP:
                yield survey.place
    survey.place = 0
    credited = frozenset(entry.key for entry in survey.credits)
    for row in _rows(sources, mapping):
        if isinstance(row, Row):
            note_sold(survey, row, mapping, credited)
            if not survey.place % _STEP:
                yield survey.place
    survey.seen.clear()


def _rows(sources: Sequence[Source], mapping: OrderMapping) -> Iterator[Row | RejectedRow | DomainError]:
    fields = mapping.fields
    named = [fields.invoice, fields.sku, fields.name, fields.quantity, fields.price, fields.at]
    columns = [*named, *(field for field in (fields.customer, fields.country) if field is not None)]
    for source in sources:
        try:
            yield from read_rows(source, delimiter=mapping.delimiter, columns=columns)
        except DomainError as error:
            yield error.with_traceback(None)


def _batches(
    sources: Sequence[Source], mapping: OrderMapping, survey: Survey, matches: Matches
) -> Generator[OrderBatch, None, None]:
    """The orders of all sources, some at a time."""
    batch, rows = OrderBatch(), 0
    for item in gather_invoices(_rows(sources, mapping), mapping, survey):
        rows += _add(batch, item, mapping, matches)
        if rows >= BATCH:
            yield batch
            batch, rows = OrderBatch(), 0
    yield batch


def _add(
    batch: OrderBatch, item: Invoice | Refusal | RejectedRow | DomainError, mapping: OrderMapping, matches: Matches
) -> int:
    """Put one thing that was read where it belongs. Returns how many rows it was."""
    if isinstance(item, DomainError):
        batch.failures.append(item)
        return 0
    if isinstance(item, RejectedRow):
        batch.refused.append(Refused(item, Decimal(0)))
        return 1
    if isinstance(item, Refusal):
        batch.refused.append(_refused(item, mapping))
        return 1
    for made in draft_order(item, mapping, matches):
        if isinstance(made, Refusal):
            batch.refused.append(_refused(made, mapping))
        else:
            batch.drafts.append(made)
    return len(item.rows)


def _refused(refusal: Refusal, mapping: OrderMapping) -> Refused:
    return Refused(refused(refusal.row, refusal.error), amount_of(refusal.row, mapping))


async def _store(context: Context, batch: OrderBatch, terms: Terms, report: OrderReport) -> list[Refused]:
    """Store a batch's orders, and the customers that they are of. Returns the rows of those refused."""
    variants = await find_variants(context, skus=list({line.sku for draft in batch.drafts for line in draft.lines}))
    buyers = {draft.customer: buyer for draft in batch.drafts if (buyer := buyer_of(draft, terms.mapping))}
    ids = await store_customers(context, customers=list(buyers.values()))
    orders = []
    for draft in batch.drafts:
        buyer = buyers.get(draft.customer)
        customer = (buyer.email, ids[buyer.email]) if buyer else None
        orders.append(past_order(draft, terms, variants, customer))
    stored = await store_past_orders(context, orders=orders)
    report.created += stored.created
    report.unchanged += stored.unchanged + stored.updated
    refusals = {rejection.index: rejection.error for rejection in stored.rejected}
    for index, draft in enumerate(batch.drafts):
        if index not in refusals:
            _count(report, draft)
    return [
        _refused(Refusal(row, error), terms.mapping)
        for index, error in refusals.items()
        for row in batch.drafts[index].rows
    ]


def _count(report: OrderReport, draft: Draft) -> None:
    report.lines += len(draft.rows) - draft.merged
    report.merged += draft.merged
    if draft.is_credit:
        report.credits += 1
        report.amount_credited += draft.given
    else:
        report.amount_sold += draft.given
    if draft.taken is not None:
        if is_all_taken(draft):
            report.cancelled += 1
        else:
            report.reduced += 1
