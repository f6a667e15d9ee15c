"""From which orders credits take back, where that can be told.

A credit's line takes back what the same customer bought before, of the same thing at the same price: the latest first,
which is what people return. If they did not buy that many, it cannot be told.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mercer.transfer.models.sales import Entry, Key, Matches, Taken


def match_credits(credits: Iterable[Entry], sales: Iterable[Entry]) -> Matches:
    """Match the lines of credits, each with what was sold before it and is not taken back yet."""
    left: dict[Key, list[tuple[Entry, int]]] = defaultdict(list)
    taken: dict[str, Taken] = {}
    told: dict[str, dict[str, None]] = defaultdict(dict)
    lines = 0
    for entry, is_credit in _in_order(credits, sales):
        if not is_credit:
            left[entry.key].append((entry, entry.quantity))
            continue
        parts = list(_take(left[entry.key], entry.quantity))
        lines += bool(parts)
        for sale, quantity in parts:
            taken[sale.invoice] = _with(taken.get(sale.invoice), entry, quantity)
            told[entry.invoice][sale.invoice] = None
    return Matches(taken=taken, told={credit: tuple(invoices) for credit, invoices in told.items()}, lines=lines)


def _in_order(credits: Iterable[Entry], sales: Iterable[Entry]) -> list[tuple[Entry, bool]]:
    both = [(entry, False) for entry in sales] + [(entry, True) for entry in credits]
    return sorted(both, key=lambda pair: (pair[0].at, pair[0].place))


def _take(left: list[tuple[Entry, int]], quantity: int) -> Iterator[tuple[Entry, int]]:
    """Take so many away from the latest ones; nothing if there are not so many."""
    if sum(remaining for _, remaining in left) < quantity:
        return
    while quantity:
        sale, remaining = left.pop()
        part = min(remaining, quantity)
        quantity -= part
        if remaining > part:
            left.append((sale, remaining - part))
        yield sale, part


def _with(taken: Taken | None, credit: Entry, quantity: int) -> Taken:
    before = taken or Taken(amount=0, last_at=credit.at, credits=())
    return Taken(
        amount=before.amount + quantity * credit.key.price,
        last_at=credit.at,
        credits=tuple(dict.fromkeys((*before.credits, credit.invoice))),
    )
