"""What was measured of sales, as tables for people and as JSON for programs."""

from collections.abc import Iterator
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.measuring import Slices
from bench.report import each_ms, p50, pace, ratio, way_json
from bench.sales.listing import Listed, OrdersReport
from bench.sales.measured import CALLERS, Purchases, Sale, SalesReport

_FEW, _MANY = CALLERS
MOST_OF_A_PURCHASE = 60
"""How many statements a whole purchase may take."""
AIM = 70
"""How many orders a second are the aim, at many callers on two cores."""

_STEP = "{:<17} {:<7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:>4} {:>6} {:>6}"
_BOUGHT = "{:<26} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}"
_LISTED = "{:<18} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}  {}"
_PACE = ("each s", "p50 ms", "p99 ms")
_BOUGHT_HEAD = ("API", "buyers", *_PACE, "api ms", "pg ms", "paid ms", "buyer ms")
"""`paid` is the simulated provider's CPU; `buyer`, that of those who ask."""


def sales_as_json(report: SalesReport) -> dict[str, Any]:
    """All figures of the sales, in the units of the reads'."""
    return {
        "sales": {
            "steps": {
                sale.title: {way.name: way_json(way, sale.ways[0]) for way in sale.ways} for sale in report.steps
            },
            "statements of a purchase": dict(report.statements),
            "purchases": [_bought_json(each) for each in report.purchases],
            "completions": [_bought_json(each) for each in report.completions],
            "guarded updates": [asdict(each) | {"ids": len(each.ids)} for each in report.guarded],
        }
    }


def orders_as_json(report: OrdersReport) -> dict[str, Any]:
    """All figures of the list of orders."""
    return {
        "list of orders": {
            each.title: {"scans": each.scans, **{way.name: way_json(way, each.ways[0]) for way in each.ways}}
            for each in report.listed
        }
    }


def render_sales(report: SalesReport) -> str:
    """The tables of the sales."""
    lines = [
        f"Sales, on {report.title}: each step beside its own statements sent bare, in the same transactions",
        "",
        _STEP.format("", "", f"{_FEW} buyer", "", "", f"{_MANY} buyers", *[""] * 5, "Mercer", ": this"),
        _STEP.format("", "", *_PACE, *_PACE, "api ms", "pg ms", "SQL", _FEW, _MANY),
    ]
    for sale in report.steps:
        lines += _step(sale)
    lines += ["", *_purchase(report), "", *_completions(report)]
    return "\n".join(lines)


def render_orders(report: OrdersReport) -> str:
    """The table of the list of orders."""
    lines = [
        f"The list of orders, {report.title}: 50 of them, beside its SQL sent raw",
        "",
        _LISTED.format("", f"{_FEW} conn.", "", f"{_MANY} conn.", "", "raw", "", ""),
        _LISTED.format("", "p50 ms", "p99 ms", "req/s", "p50 ms", "p50 ms", "SQL", "read from end to end"),
    ]
    return "\n".join([*lines, *map(_listed, report.listed)])


def _step(sale: Sale) -> Iterator[str]:
    for way in sale.ways:
        few, many = (way.slices[callers] for callers in CALLERS)
        is_mercer = way is sale.ways[0]
        ratios = ["" if is_mercer else f"{ratio(sale.ways[0], way, connections=number):.2f}" for number in CALLERS]
        line = _STEP.format(
            sale.title if is_mercer else "",
            way.name,
            *pace(few),
            *pace(many),
            f"{each_ms(many, many.process_s):.1f}",
            f"{each_ms(many, many.database_s):.1f}",
            way.statements,
            *ratios,
        )
        yield line + _failed(few, many) + _exceeded(way.statements, sale.most if is_mercer else 0)


def _exceeded(statements: int, most: int) -> str:
    if not most:
        return ""
    return f"  {most} at most" if statements <= most else f"  FAILED: {most} statements at most"


def _purchase(report: SalesReport) -> Iterator[str]:
    total = sum(statements for _, statements in report.statements)
    named = ", ".join(f"{name} {statements}" for name, statements in report.statements)
    yield f"A whole purchase takes {total} statements{_exceeded(total, MOST_OF_A_PURCHASE)}: {named}."
    yield ""
    yield _BOUGHT.format("Whole purchases", *_BOUGHT_HEAD)
    for each in report.purchases:
        yield _bought(each)


def _completions(report: SalesReport) -> Iterator[str]:
    yield _BOUGHT.format(
        "Completions of ready carts", "API", "buyers", *_PACE, "api ms", "pg ms", "paid ms", "buyer ms"
    )
    by_title = {each.title: each for each in report.completions}
    for each in report.completions:
        yield _bought(each)
    for updates in report.guarded:
        rate = median(updates.rates)
        share = median(by_title[updates.title].slices.rates) / rate
        yield (
            f"Guarded UPDATE by pgbench, {updates.title}, {_MANY} connections: {rate:,.0f} each second. "
            f"Completions are {share:.3f} of it."
        )
    whole = [each for each in report.purchases if (each.workers, each.callers) == (2, _MANY)]
    best = max(median(each.slices.rates) for each in whole)
    yield (
        f"The aim at {_MANY} buyers on two cores is {AIM} orders each second. Whole purchases at best: {best:.0f}. "
        "No worker runs beside."
    )


def _bought(each: Purchases) -> str:
    slices = each.slices
    count = len(slices.latencies_s) + slices.failures
    line = _BOUGHT.format(
        each.title,
        each.workers,
        each.callers,
        *pace(slices),
        f"{each_ms(slices, slices.process_s):.1f}",
        f"{each_ms(slices, slices.database_s):.1f}",
        f"{each.simulator_s * 1000 / count:.1f}",
        f"{each_ms(slices, slices.generator_s):.1f}",
    )
    return line + _failed(slices)


def _bought_json(each: Purchases) -> dict[str, Any]:
    slices = each.slices
    return {
        "title": each.title,
        "API processes": each.workers,
        "buyers": each.callers,
        "rate": median(slices.rates),
        "p50": p50(slices) * 1000,
        "API": each_ms(slices, slices.process_s),
        "PostgreSQL": each_ms(slices, slices.database_s),
        "generator": each_ms(slices, slices.generator_s),
        "bought": len(slices.latencies_s),
        "failures": slices.failures,
    }


def _listed(each: Listed) -> str:
    mercer, raw = each.ways
    few, many = mercer.slices[_FEW], mercer.slices[_MANY]
    rate, many_p50, _ = pace(many)
    told = ", ".join(each.scans)
    if told and not each.is_count:
        told = f"FAILED: {told}"
    line = _LISTED.format(
        each.title, *pace(few)[1:], rate, many_p50, f"{p50(raw.slices[_FEW]) * 1000:.2f}", mercer.statements, told
    )
    return line + _failed(few, many)


def _failed(*slices: Slices) -> str:
    failures = sum(each.failures for each in slices)
    return f"  {failures} failed" if failures else ""
