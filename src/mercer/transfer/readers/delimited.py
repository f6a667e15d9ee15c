"""CSV: a header, then a row for each record."""

import csv
from collections.abc import Iterator, Sequence

from mercer.platform.errors import DomainError
from mercer.transfer.errors import (
    ColumnMissing,
    ColumnsMismatch,
    FileEmpty,
    HeaderInvalid,
    QuotesMalformed,
    RowNotUtf8,
    RowTooLong,
)
from mercer.transfer.models.rows import RejectedRow, Row
from mercer.transfer.readers.lines import LONGEST_ROW, bounded_lines, rejected
from mercer.transfer.readers.sources import Stream, skip_mark

_DELIMITERS = ",;\t|"


class _Lines:
    """The file's lines as text. It goes on after a line that raises, as a generator could not."""

    def __init__(self, stream: Stream) -> None:
        self._lines = bounded_lines(stream)
        self.number = 0
        self.last = b""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        self.last = line or b""
        if line is None:
            raise RowTooLong(longest=LONGEST_ROW)
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise RowNotUtf8 from None


def read_delimited(
    name: str, stream: Stream, *, delimiter: str | None, columns: Sequence[str]
) -> Iterator[Row | RejectedRow]:
    """One row for each record after the header; an empty cell is None. `columns` must be there.

    Raises `FileEmpty`, `HeaderInvalid`, `ColumnMissing`.
    """
    skip_mark(stream)
    lines = _Lines(stream)
    header, delimiter = _read_header(name, lines, delimiter)
    for column in columns:
        if column not in header:
            raise ColumnMissing(file=name, column=column)
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.number + 1
        try:
            cells = next(records, None)
            if cells is None:
                return
            if not cells:
                continue
            if len(cells) != len(header):
                raise ColumnsMismatch(expected=len(header), found=len(cells))
        except csv.Error as fault:
            is_long = "field limit" in str(fault)
            error: DomainError = RowTooLong(longest=csv.field_size_limit()) if is_long else QuotesMalformed()
            yield rejected(name, number, lines.last, error)
        except DomainError as error:
            yield rejected(name, number, lines.last, error.with_traceback(None))
        else:
            content = {column: cell or None for column, cell in zip(header, cells, strict=True)}
            yield Row(file=name, number=number, content=content)


def _read_header(name: str, lines: _Lines, delimiter: str | None) -> tuple[list[str], str]:
    try:
        line = next(lines, None)
        if line is None:
            raise FileEmpty(file=name)
        delimiter = delimiter or max(_DELIMITERS, key=line.count)
        header = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]
    except (csv.Error, RowNotUtf8, RowTooLong):
        raise HeaderInvalid(file=name) from None
    if not all(header) or len(set(header)) < len(header):
        raise HeaderInvalid(file=name)
    return header, delimiter
