"""Rows as whole invoices, one at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mercer.platform.errors import DomainError
from mercer.transfer.errors import InvoiceCutShort, InvoiceTooLong, RowsScattered
from mercer.transfer.models.order_mapping import OrderMapping
from mercer.transfer.models.rows import RejectedRow, Row
from mercer.transfer.models.sales import Invoice, Refusal, Survey
from mercer.transfer.rules.sales import invoice_of

MOST_ROWS = 10_000
"""Of one invoice."""
MOST_WAITING = 200_000
"""Rows of invoices that are not whole yet."""


@dataclass(kw_only=True)
class _Pending:
    """What was read of invoices that are not whole yet."""

    left: dict[str, int]
    """How many rows of the scattered ones are still to come."""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    current: str | None = None
    """The one that was read last, of those whose rows stand together."""
    waiting: int = 0
    """Rows of the scattered ones."""


def gather_invoices(
    rows: Iterable[Row | RejectedRow | DomainError], mapping: OrderMapping, survey: Survey
) -> Iterator[Invoice | Refusal | RejectedRow | DomainError]:
    """The invoices, each when its last row was read; and among them what was refused, and why reading ended early.

    What is not whole when reading ends early is refused: half an order would stay half for ever.
    """
    pending = _Pending(left=dict(survey.scattered))
    for row in rows:
        if isinstance(row, RejectedRow):
            yield row
        elif isinstance(row, DomainError):
            yield from _cut_short(pending)
            yield row
        else:
            yield from _take(pending, row, mapping)
        if pending.waiting > MOST_WAITING:
            yield from _cut_short(pending)
            yield RowsScattered(most=MOST_WAITING)
            return
    if pending.current is not None:
        yield Invoice(pending.current, pending.rows.pop(pending.current))
    yield from _cut_short(pending)


def _take(pending: _Pending, row: Row, mapping: OrderMapping) -> Iterator[Invoice | Refusal]:
    """Take one more row. Yields the invoice that it shows to be whole."""
    try:
        number = invoice_of(row, mapping)
        if len(pending.rows.get(number, ())) >= MOST_ROWS:
            raise InvoiceTooLong(invoice=number, most=MOST_ROWS)
    except DomainError as error:
        yield Refusal(row, error.with_traceback(None))
        return
    pending.rows.setdefault(number, []).append(row)
    if number in pending.left:
        pending.left[number] -= 1
        pending.waiting += 1
        if not pending.left[number]:
            pending.waiting -= len(pending.rows[number])
            yield Invoice(number, pending.rows.pop(number))
    elif number != pending.current:
        if pending.current is not None:
            yield Invoice(pending.current, pending.rows.pop(pending.current))
        pending.current = number


def _cut_short(pending: _Pending) -> Iterator[Refusal]:
    for number, rows in pending.rows.items():
        for row in rows:
            yield Refusal(row, InvoiceCutShort(invoice=number))
    pending.rows, pending.current, pending.waiting = {}, None, 0
