"""Lines of bounded length, and lines of JSON."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from mercer.platform.errors import DomainError
from mercer.transfer.errors import RowMalformed, RowNotAnObject, RowTooLong
from mercer.transfer.models.rows import Content, RejectedRow, Row
from mercer.transfer.readers.sources import Stream, skip_mark

LONGEST_ROW = 8 * 2**20
LONGEST_EXCERPT = 200

_decoder = msgspec.json.Decoder(float_hook=Decimal)


def read_json_lines(name: str, stream: Stream) -> Iterator[Row | RejectedRow]:
    """One row for each line that is not blank."""
    skip_mark(stream)
    for number, line in bounded_lines(stream):
        if line is None:
            yield rejected(name, number, b"", RowTooLong(longest=LONGEST_ROW))
        elif line.strip():
            yield json_row(name, number, line)


def bounded_lines(stream: Stream) -> Iterator[tuple[int, bytes | None]]:
    """The lines with their numbers, from 1. One that is too long to be held in memory is None."""
    number = 0
    while line := stream.readline(LONGEST_ROW):
        number += 1
        if len(line) < LONGEST_ROW or line.endswith(b"\n"):
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_ROW)
        yield number, None


def json_row(name: str, number: int, raw: bytes) -> Row | RejectedRow:
    """A row from its JSON."""
    try:
        return Row(file=name, number=number, content=_decoded(raw))
    except DomainError as error:
        return rejected(name, number, raw, error.with_traceback(None))


def rejected(name: str, number: int, raw: bytes, error: DomainError) -> RejectedRow:
    """A row that could not be read."""
    content = raw[: 4 * LONGEST_EXCERPT].decode(errors="replace").strip()[:LONGEST_EXCERPT]
    return RejectedRow(file=name, number=number, content=content, error=error)


def _decoded(raw: bytes) -> Content:
    try:
        content: Any = _decoder.decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError):
        raise RowMalformed from None
    if not isinstance(content, dict):
        raise RowNotAnObject
    return content
