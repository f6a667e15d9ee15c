"""What was measured, as a table for people and as JSON for programs."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from math import nan
from statistics import median, quantiles
from typing import Any

from bench.measuring import CONCURRENCIES, Slices, Way
from bench.operations import Operation

_MANY = max(CONCURRENCIES)
_WHOLE = 10
"""From this rate on, fractions say nothing."""

_WIDE = "{:<16} {:<7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>4} {:>7} {:>6} {:>6}"
_GROWN = "{:<16} {:>10} {:>10} {:>10}"
_HEAD = ("", "", "req/s", "p50 ms", "p99 ms", "req/s", "p50 ms", "p99 ms", "py ms", "cpu ms", "SQL", "KB", "1", "16")


@dataclass(frozen=True)
class Measured:
    """One operation on one dataset, Mercer's way first."""

    operation: Operation
    ways: list[Way]

    @property
    def mercer(self) -> Way:
        return self.ways[0]


@dataclass(frozen=True)
class Subject:
    """One dataset with all that was measured on it."""

    title: str
    measured: list[Measured]


@dataclass(frozen=True)
class Report:
    """One run."""

    ceiling: Way
    subjects: list[Subject]


def machine_json() -> dict[str, Any]:
    """Where it was measured, and with what."""
    return {
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "load": os.getloadavg(),
            "python": platform.python_version(),
            **{name: version(name) for name in ("mercer", "granian", "psycopg", "strawberry-graphql")},
        }
    }


def machine_line() -> str:
    """How busy the machine is, for people: what comes before the tables."""
    return f"Load of the machine: {' '.join(f'{load:.1f}' for load in os.getloadavg())} on {os.cpu_count()} cores."


def as_json(report: Report) -> dict[str, Any]:
    """All figures of the reads. Rates are in requests each second, times in milliseconds for each request."""
    return {
        "ceiling": way_json(report.ceiling, report.ceiling),
        "datasets": {
            subject.title: {
                row.operation.name: {
                    "note": row.operation.note,
                    **{way.name: way_json(way, row.mercer) for way in row.ways},
                }
                for row in subject.measured
            }
            for subject in report.subjects
        },
    }


def render(report: Report) -> str:
    """The table. Its last two columns say how many times as many requests Mercer answers, at each concurrency."""
    lines = [
        "Each request's CPU, at 16: py ms is of the thread that runs Python, cpu ms of the whole API process.",
        "",
        _WIDE.format("", "", "1 conn.", "", "", "16 conn.", "", "", "", "", "", "", "Mercer", ": this"),
        _WIDE.format(*_HEAD),
        _line("a constant", report.ceiling, None),
    ]
    for subject in report.subjects:
        lines += ["", subject.title]
        for row in subject.measured:
            lines += _lines(row)
    return "\n".join([*lines, *_growth(report.subjects)])


def ratio(way: Way, other: Way, *, connections: int) -> float:
    """How many times as many requests `way` answered as `other`: the middle of what each round says."""
    rates = zip(way.slices[connections].rates, other.slices[connections].rates, strict=True)
    return median(rate / other_rate if other_rate else nan for rate, other_rate in rates)


def _lines(row: Measured) -> Iterator[str]:
    for way in row.ways:
        yield _line(row.operation.name if way is row.mercer else "", way, None if way is row.mercer else row.mercer)
    if row.operation.note:
        yield f"{'':<16} ({row.operation.note})"


def _line(title: str, way: Way, mercer: Way | None) -> str:
    one, many = (way.slices[connections] for connections in CONCURRENCIES)
    ratios = [f"{ratio(mercer, way, connections=number):.2f}" for number in CONCURRENCIES] if mercer else ["", ""]
    failures = one.failures + many.failures
    line = _WIDE.format(
        title,
        way.name,
        *pace(one),
        *pace(many),
        f"{each_ms(many, many.python_s):.2f}",
        f"{each_ms(many, many.process_s):.2f}",
        way.statements,
        f"{way.size / 1000:.1f}",
        *ratios,
    )
    return f"{line}  {failures} failed" if failures else line


def _growth(subjects: Sequence[Subject]) -> Iterator[str]:
    """How many times as long an operation takes in the last catalogue, which is the largest, as in the one before."""
    for before, after in list(pairwise(subjects))[-1:]:
        yield from ("", f"{before.title} → {after.title}, times as much")
        yield _GROWN.format("", "p50 at 1", "raw", "py ms")
        for small, large in zip(before.measured, after.measured, strict=True):
            yield _GROWN.format(small.operation.name, *(f"{each:.2f}" for each in _grown(small, large)))


def _grown(small: Measured, large: Measured) -> Iterator[float]:
    for before, after in list(zip(small.ways, large.ways, strict=True))[:2]:
        yield p50(after.slices[1]) / p50(before.slices[1])
    yield _python_ms(large.mercer) / _python_ms(small.mercer)


def way_json(way: Way, mercer: Way) -> dict[str, Any]:
    """The figures of one way, beside those of Mercer's."""
    return {
        "statements": way.statements,
        "round trips to Valkey": way.round_trips,
        "bytes": way.size,
        **{
            f"at {connections}": {
                "rate": _rate(slices),
                "p50": p50(slices) * 1000,
                "p99": _p99(slices) * 1000,
                "python": each_ms(slices, slices.python_s),
                "process": each_ms(slices, slices.process_s),
                "generator": each_ms(slices, slices.generator_s),
                "requests": len(slices.latencies_s),
                "failures": slices.failures,
                "mercer / this": ratio(mercer, way, connections=connections),
            }
            for connections, slices in way.slices.items()
        },
    }


def _rate(slices: Slices) -> float:
    return median(slices.rates)


def pace(slices: Slices) -> tuple[str, str, str]:
    """Requests each second, and the milliseconds that half and all but one in a hundred stay below."""
    rate = _rate(slices)
    return f"{rate:,.{0 if rate >= _WHOLE else 1}f}", f"{p50(slices) * 1000:.2f}", f"{_p99(slices) * 1000:.2f}"


def p50(slices: Slices) -> float:
    """How long half of the answers took at most, in seconds."""
    return median(slices.latencies_s) if slices.latencies_s else nan


def _p99(slices: Slices) -> float:
    return quantiles(slices.latencies_s, n=100)[-1] if len(slices.latencies_s) > 1 else p50(slices)


def _python_ms(way: Way) -> float:
    slices = way.slices[_MANY]
    return each_ms(slices, slices.python_s)


def each_ms(slices: Slices, seconds: float) -> float:
    """Seconds of CPU as milliseconds for each request."""
    return seconds * 1000 / (len(slices.latencies_s) + slices.failures)
