"""What was measured of the doors, as a table for people and as JSON for programs."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bench.doors.events import EventFigures
from bench.doors.measured import CALLERS, Door, DoorsReport
from bench.measuring import Way
from bench.report import each_ms, p50, pace, ratio, way_json

_FEW, _MANY = CALLERS

_WIDE = "{:<16} {:<9} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>4} {:>6} {:>7} {:>6} {:>6}"
_HEAD = ("req/s", "p50 ms", "p99 ms")
_CPU = ("py ms", "cpu ms", "SQL", "Valkey", "KB", str(_FEW), str(_MANY))


def doors_as_json(report: DoorsReport) -> dict[str, Any]:
    """All figures of the doors, in the units of the reads'."""
    return {
        "doors": {door.title: {way.name: way_json(way, door.ways[0]) for way in door.ways} for door in report.doors},
        "events": asdict(report.events),
    }


def render_doors(report: DoorsReport) -> str:
    """The table. Its last two columns say how many times as many requests Mercer answers, at each concurrency."""
    lines = [
        f"The doors, on {report.title}: beside a route that sends the same bytes, the same SQL bare, the hash alone",
        "",
        _WIDE.format("", "", f"{_FEW} conn.", "", "", f"{_MANY} conn.", *[""] * 7, "Mercer", ": this"),
        _WIDE.format("", "", *_HEAD, *_HEAD, *_CPU),
    ]
    for door in report.doors:
        lines += _lines(door)
    return "\n".join([*lines, "", *_shares(report), *_events(report.events)])


def _lines(door: Door) -> Iterator[str]:
    for way in door.ways:
        yield _line(door.title if way is door.ways[0] else "", way, door.ways[0])


def _line(title: str, way: Way, mercer: Way) -> str:
    few, many = (way.slices[connections] for connections in CALLERS)
    ratios = ["" if way is mercer else f"{ratio(mercer, way, connections=number):.2f}" for number in CALLERS]
    failures = few.failures + many.failures
    line = _WIDE.format(
        title,
        way.name,
        *pace(few),
        *pace(many),
        f"{each_ms(many, many.python_s):.2f}",
        f"{each_ms(many, many.process_s):.2f}",
        way.statements,
        way.round_trips,
        f"{way.size / 1000:.1f}",
        *ratios,
    )
    return f"{line}  {failures} failed" if failures else line


def _shares(report: DoorsReport) -> Iterator[str]:
    """What part of a sign-in the hash is, and what a session costs."""
    by_title = {door.title: door.ways for door in report.doors}
    whole, hash = by_title["sessionCreate"]
    yield f"The hash is {_ms(hash) / _ms(whole):.0%} of a sign-in at one caller."
    signed_in, guest = by_title["listing"]
    yield (
        f"To be signed in costs a request {_ms(signed_in) - _ms(guest):.2f} ms: "
        f"SQL statements {signed_in.statements - guest.statements:+}, "
        f"round trips to Valkey {signed_in.round_trips - guest.round_trips:+}."
    )


def _events(figures: EventFigures) -> Iterator[str]:
    yield (
        f"{figures.events:,} events, a transaction each, through outbox, dispatcher and a handler in one worker: "
        f"{figures.handled_per_second:,.0f} a second (written at {figures.announced_per_second:,.0f})."
    )
    lags = (figures.median_lag_s, figures.p95_lag_s, figures.longest_lag_s)
    median, p95, longest = (f"{lag * 1000:,.0f} ms" for lag in lags)
    yield (
        f"From commit to handler, in that rush: p50 {median}, p95 {p95}, longest {longest}; "
        f"of a lone event: p50 {figures.lone_lag_s * 1000:,.0f} ms."
    )


def _ms(way: Way) -> float:
    return p50(way.slices[_FEW]) * 1000
