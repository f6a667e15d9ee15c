"""What a process keeps, within its bounds, and what it drops."""

from datetime import UTC, datetime, timedelta

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from mercer.platform.cache import shelf as shelves
from mercer.platform.cache.shelf import Kept, Shelf

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def an_answer(*tags: str, body: bytes = b"{}", since: datetime = NOW, until: datetime = LATER) -> Kept:
    return Kept(body, b"etag", "anonymous", frozenset({"catalog", *tags}), since, until)


def test_an_answer_is_found_by_all_of_its_key() -> None:
    shelf = Shelf(most_bytes=10_000)
    kept = an_answer()
    assert shelf.put(("shop", b"one", "en"), kept, began=0)
    assert shelf.find(("shop", b"one", "en"), now=NOW) is kept
    assert shelf.find(("shop", b"one", "de"), now=NOW) is None
    assert shelf.find(("shop", b"two", "en"), now=NOW) is None


def test_an_answer_holds_from_its_moment_until_the_next() -> None:
    shelf = Shelf(most_bytes=10_000)
    shelf.put((b"a",), an_answer(), began=0)
    assert shelf.find((b"a",), now=NOW - timedelta(microseconds=1)) is None
    assert shelf.find((b"a",), now=LATER - timedelta(microseconds=1)) is not None
    assert shelf.find((b"a",), now=LATER) is None
    assert (len(shelf), shelf.bytes) == (0, 0)


def test_what_is_outdated_is_dropped_and_no_more() -> None:
    shelf = Shelf(most_bytes=10_000)
    shelf.put((b"a",), an_answer("product:1"), began=0)
    shelf.put((b"b",), an_answer("product:2", "products"), began=0)
    shelf.outdate({"product:2", "product:3"})
    assert shelf.find((b"a",), now=NOW) is not None
    assert shelf.find((b"b",), now=NOW) is None
    shelf.outdate({"catalog"})
    assert (len(shelf), shelf.bytes, shelf._by_tag) == (0, 0, {})


def test_what_was_read_before_it_was_outdated_is_not_kept() -> None:
    shelf = Shelf(most_bytes=10_000)
    began = shelf.turn
    shelf.outdate({"product:1"})
    assert not shelf.put((b"a",), an_answer("product:1"), began=began)
    assert shelf.put((b"a",), an_answer("product:2"), began=began)
    assert shelf.put((b"b",), an_answer("product:1"), began=shelf.turn)
    began = shelf.turn
    shelf.clear()
    assert not shelf.put((b"a",), an_answer("product:2"), began=began)
    assert len(shelf) == 0


def test_a_reading_that_began_before_what_is_remembered_is_not_kept() -> None:
    shelf = Shelf(most_bytes=10_000)
    began = shelf.turn
    for number in range(shelves.REMEMBERED + 1):
        shelf.outdate({f"product:{number}"})
    assert not shelf.put((b"a",), an_answer("product:-1"), began=began)
    assert shelf.put((b"a",), an_answer("product:-1"), began=shelf.turn - 1)
    assert len(shelf._outdated) == shelves.REMEMBERED


def test_the_least_recently_used_goes_first() -> None:
    shelf = Shelf(most_bytes=3_500)
    for key in (b"a", b"b", b"c"):
        shelf.put((key,), an_answer(body=b"." * 200), began=0)
    assert shelf.find((b"a",), now=NOW) is not None
    shelf.put((b"d",), an_answer(body=b"." * 200), began=0)
    assert [shelf.find((key,), now=NOW) is not None for key in (b"a", b"b", b"c", b"d")] == [True, False, True, True]


def test_an_answer_larger_than_the_shelf_may_be_shown_but_is_not_kept() -> None:
    shelf = Shelf(most_bytes=2_000)
    assert shelf.put((b"a",), an_answer(body=b"." * 2_000), began=0)
    assert shelf.put((b"." * 2_000,), an_answer(), began=0)
    assert (len(shelf), shelf.bytes) == (0, 0)


OPERATIONS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 5), st.integers(0, 3), st.integers(0, 900)),
    st.tuples(st.just("outdate"), st.sampled_from(["product:0", "product:1", "product:2", "catalog"])),
    st.tuples(st.just("find"), st.integers(0, 5), st.integers(0, 70)),
    st.tuples(st.just("clear")),
)


@hypothesis.settings(max_examples=200)
@given(st.lists(OPERATIONS, max_size=60))
def test_its_books_are_right_whatever_happens(operations: list[tuple[object, ...]]) -> None:
    shelf = Shelf(most_bytes=4_000)
    for operation in operations:
        match operation:
            case "put", int(key), int(product), int(size):
                answer = an_answer(f"product:{product}", body=b"." * size)
                shelf.put((b"%d" % key,), answer, began=shelf.turn)
            case "outdate", str(tag):
                shelf.outdate({tag})
                assert all(tag not in kept.tags for kept in shelf._kept.values())
            case "find", int(key), int(seconds):
                shelf.find((b"%d" % key,), now=NOW + timedelta(seconds=seconds))
            case _:
                shelf.clear()
        assert shelf.bytes == sum(shelves._size(key, kept) for key, kept in shelf._kept.items()) <= 4_000
        tagged = {(tag, key) for key, kept in shelf._kept.items() for tag in kept.tags}
        assert {(tag, key) for tag, keys in shelf._by_tag.items() for key in keys} == tagged
