"""A JSON array of objects, read without holding it: only its brackets and strings are looked at to tell rows apart."""

import re
from collections.abc import Iterator

from mercer.transfer.errors import JsonMalformed, RowNotAnObject, RowTooLong
from mercer.transfer.models.rows import RejectedRow, Row
from mercer.transfer.readers.lines import LONGEST_ROW, json_row, rejected
from mercer.transfer.readers.sources import Stream, skip_mark

_CHUNK = 2**18
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)
_OPENING = (b"[", b"{")
_SEPARATORS = b" \t\r\n,"


def read_array(name: str, stream: Stream) -> Iterator[Row | RejectedRow]:
    """One row for each element. Raises `JsonMalformed` where the file stops being an array, `RowTooLong`."""
    skip_mark(stream)
    scanner = _Scanner(stream)
    number = 0
    if scanner.find_bracket() != b"[":
        raise JsonMalformed(file=name, row=1)
    scanner.take()
    while (bracket := scanner.find_bracket()) in _OPENING:
        number += 1
        if stray := scanner.take_before().strip(_SEPARATORS):
            yield rejected(name, number, stray, RowNotAnObject())
            number += 1
        if not scanner.find_end():
            raise JsonMalformed(file=name, row=number)
        yield json_row(name, number, scanner.take())
    if stray := scanner.take_before().strip(_SEPARATORS):
        number += 1
        yield rejected(name, number, stray, RowNotAnObject())
    if bracket != b"]" or not scanner.is_at_end():
        raise JsonMalformed(file=name, row=number + 1)


class _Scanner:
    """The file from where it was last taken from, to the bracket that was last found."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = b""
        self._start = 0
        self._end = 0

    def find_bracket(self) -> bytes | None:
        """The next bracket outside of strings. None at the end of the file."""
        while True:
            token = _TOKEN.search(self._buffer, self._end)
            if token is not None and token[0] != b'"':
                self._end = token.end()
                if not token[0].startswith(b'"'):
                    return token[0]
                continue
            # Nothing more in here, or a string that goes on in the next chunk.
            if token is None:
                self._end = len(self._buffer)
            if not self._fill():
                return None

    def find_end(self) -> bool:
        """Go to the end of what the last bracket opened. False if the file ends before."""
        depth = 1
        while depth and (bracket := self.find_bracket()):
            depth += 1 if bracket in _OPENING else -1
        return depth == 0

    def take(self) -> bytes:
        """All up to the last bracket."""
        taken = self._buffer[self._start : self._end]
        self._start = self._end
        return taken

    def take_before(self) -> bytes:
        """All up to the last bracket but that one."""
        taken = self._buffer[self._start : self._end - 1]
        self._start = max(self._start, self._end - 1)
        return taken

    def is_at_end(self) -> bool:
        """Whether nothing but space follows the last bracket."""
        return not self._buffer[self._end :].strip() and not self._stream.read(_CHUNK).strip()

    def _fill(self) -> bool:
        if len(self._buffer) - self._start > LONGEST_ROW:
            raise RowTooLong(longest=LONGEST_ROW)
        chunk = self._stream.read(_CHUNK)
        self._buffer = self._buffer[self._start :] + chunk
        self._end -= self._start
        self._start = 0
        return bool(chunk)
