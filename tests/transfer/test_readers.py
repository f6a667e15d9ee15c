import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercer.transfer.errors import ColumnMissing, HeaderInvalid, JsonMalformed
from mercer.transfer.models.rows import RejectedRow, Row
from mercer.transfer.readers import arrays
from mercer.transfer.readers.arrays import read_array
from mercer.transfer.readers.delimited import read_delimited
from mercer.transfer.readers.lines import read_json_lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=8)


def array(raw: bytes) -> list[Any]:
    return [told(row) for row in read_array("file", io.BufferedReader(io.BytesIO(raw)))]


def lines(raw: bytes) -> list[Any]:
    return [told(row) for row in read_json_lines("file", io.BufferedReader(io.BytesIO(raw)))]


def cells(raw: bytes, *columns: str, delimiter: str | None = None) -> list[Any]:
    stream: Any = io.BufferedReader(io.BytesIO(raw))
    return [told(row) for row in read_delimited("file", stream, delimiter=delimiter, columns=columns)]


def told(row: Row | RejectedRow) -> tuple[int, Any]:
    return row.number, row.content if isinstance(row, Row) else type(row.error).__name__


@given(OBJECTS, st.integers(1, 50), st.sampled_from([None, 1]), st.booleans())
def test_an_array_gives_its_objects_however_it_is_cut(
    objects: list[Any],
    chunk: int,
    indent: int | None,
    ascii_only: bool,  # noqa: FBT001
) -> None:
    raw = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arrays, "_CHUNK", chunk)
        assert array(raw) == list(enumerate(objects, 1))


@given(OBJECTS)
def test_lines_give_their_objects(objects: list[Any]) -> None:
    raw = b"".join(json.dumps(each).encode() + b"\n" for each in objects)
    assert lines(raw) == list(enumerate(objects, 1))


def test_faulty_elements_are_rejected_among_the_others() -> None:
    raw = rb'[{"a": 1}, 2, "x]", {"a": tru}, [3], {"a": "\ud800"}, {"a": "}"}, null]'
    assert array(raw) == [
        (1, {"a": 1}),
        (2, "RowNotAnObject"),
        (3, "RowMalformed"),
        (4, "RowNotAnObject"),
        (5, "RowMalformed"),
        (6, {"a": "}"}),
        (7, "RowNotAnObject"),
    ]


@pytest.mark.parametrize(
    ("raw", "row"),
    [
        (b'[{"a": 1}, {"a": ', 2),
        (b'[{"a": 1}', 2),
        (b"[", 1),
        (b'[{"a": 1}] x', 2),
        (b'[{"a": 1}}', 2),
        (b'[{"a": 1}, {"a": "b}]', 2),
    ],
)
def test_an_array_that_is_none_stops_where_it_ceases_to_be(raw: bytes, row: int) -> None:
    with pytest.raises(JsonMalformed) as caught:
        array(raw)
    assert caught.value.row == row


def test_faulty_lines_are_rejected_among_the_others() -> None:
    deep = b"[" * 100_000
    raw = (
        b'\xef\xbb\xbf{"a": 1.10}\r\n\n{"a"\n3\n{"a": "\xff"}\n{"a": NaN}\n'
        + deep
        + b'\n{"a": 1e999999999999999999999}\n{"b": null}'
    )
    told_rows = lines(raw)
    assert [(number, content if isinstance(content, str) else sorted(content)) for number, content in told_rows] == [
        (1, ["a"]),
        (3, "RowMalformed"),
        (4, "RowNotAnObject"),
        (5, "RowMalformed"),
        (6, "RowMalformed"),
        (7, "RowMalformed"),
        (8, "RowMalformed"),
        (9, ["b"]),
    ]
    assert str(told_rows[0][1]["a"]) == "1.10"


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        (b"sku,name\nA,Mug\n", [(2, {"sku": "A", "name": "Mug"})]),
        (b"\xef\xbb\xbfsku;name\r\nA;Mug\r\n", [(2, {"sku": "A", "name": "Mug"})]),
        (b"sku\tname\nA\tMug", [(2, {"sku": "A", "name": "Mug"})]),
        (
            b'sku,name\nA,"Mug, large"\n\nB,\n',
            [(2, {"sku": "A", "name": "Mug, large"}), (4, {"sku": "B", "name": None})],
        ),
        (
            b'sku,name\nA,"two\nlines"\nB,Cup\n',
            [(2, {"sku": "A", "name": "two\nlines"}), (4, {"sku": "B", "name": "Cup"})],
        ),
        (
            b"sku,name\nA\nB,b,c\nC,d\n",
            [(2, "ColumnsMismatch"), (3, "ColumnsMismatch"), (4, {"sku": "C", "name": "d"})],
        ),
        (b"sku,name\nA,M\xfcg\nB,Mug\n", [(2, "RowNotUtf8"), (3, {"sku": "B", "name": "Mug"})]),
        (b'sku,name\nA,"x"y\nB,Mug\n', [(2, "QuotesMalformed"), (3, {"sku": "B", "name": "Mug"})]),
        (b"sku,name\nA," + b"x" * 1_000_000 + b"\nB,Mug\n", [(2, "RowTooLong"), (3, {"sku": "B", "name": "Mug"})]),
        (b"sku,name\nA," + b"x" * 9_000_000 + b"\nB,Mug\n", [(2, "RowTooLong"), (3, {"sku": "B", "name": "Mug"})]),
        (b"sku,name\nA,a\0b\n", [(2, {"sku": "A", "name": "a\0b"})]),
        (b'sku,name\nA,Mug\nB,"Cup\n', [(2, {"sku": "A", "name": "Mug"}), (3, "QuotesMalformed")]),
    ],
)
def test_csv_gives_its_rows(raw: bytes, rows: list[Any]) -> None:
    assert cells(raw, "sku", "name") == rows


def test_a_delimiter_can_be_given() -> None:
    assert cells(b"sku,x|name\nA,1|Mug\n", "name", delimiter="|") == [(2, {"sku,x": "A,1", "name": "Mug"})]


@pytest.mark.parametrize("raw", [b"sku,sku\n", b"sku,,name\n", b"s\xfck,name\n", b'"sku,name\n'])
def test_a_faulty_header_is_refused(raw: bytes) -> None:
    with pytest.raises(HeaderInvalid):
        cells(raw)


def test_a_column_of_the_mapping_must_be_there() -> None:
    with pytest.raises(ColumnMissing) as caught:
        cells(b"sku,title\nA,Mug\n", "sku", "name")
    assert vars(caught.value) == {"file": "file", "column": "name"}
