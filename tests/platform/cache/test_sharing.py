"""The same request many times at once: one carries it out, the others wait, if the answer is anybody's."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.factories.shop import NOW
from tests.platform.http.serving import NO_VALKEY, NOWHERE, settings_for_tests

from mercer.platform.cache.answers import Answers
from mercer.platform.cache.hearing import Hearing
from mercer.platform.cache.provenance import Provenance
from mercer.platform.cache.sharing import Made, SharedAnswers
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.valkey import Valkey

SETTINGS = settings_for_tests()
CONTEXT = Context(SETTINGS, Database(SETTINGS, url=NOWHERE), NOW, binds={"language": "en", "customer": 1, "now": NOW})


def tell(provenance: Provenance) -> None:
    provenance.add({"products"}, changes_at=None)


class Work:
    """An operation that waits to be let go, and counts how often it is carried out."""

    def __init__(self, note: Callable[[Provenance], None] = tell, *, has_errors: bool = False) -> None:
        self.note = note
        self.has_errors = has_errors
        self.times = 0
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, context: Context) -> tuple[bytes, bool]:
        self.times += 1
        number = self.times
        self.begun.set()
        await self.go.wait()
        assert context.provenance is not None
        self.note(context.provenance)
        return b"%d" % number, self.has_errors


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> SharedAnswers:
    monkeypatch.setattr(Hearing, "is_sure", property(lambda _: True))
    return SharedAnswers(Answers(Valkey(NO_VALKEY), most_bytes=100_000), api="shop", binds=["language"])


def make(shared: SharedAnswers, work: Work, context: Context = CONTEXT) -> "asyncio.Task[Made]":
    key = shared.key(b"{ a }", context, is_get=False)
    return asyncio.create_task(shared.make(key, context, work, operation="a"))


async def many(shared: SharedAnswers, work: Work, count: int = 5) -> list[Any]:
    """Begin many at once, and let them go when all of them have come as far as they can."""
    tasks = [make(shared, work) for _ in range(count)]
    await work.begun.wait()
    for _ in range(count):
        await asyncio.sleep(0)
    work.go.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_same_request_at_once_is_carried_out_once(shared: SharedAnswers) -> None:
    work = Work()
    answers = await many(shared, work)
    assert [answer.body for answer in answers] == [b"1"] * 5
    assert work.times == 1
    assert not shared._under_way


async def test_what_is_not_for_everybody_is_given_to_nobody_else(shared: SharedAnswers) -> None:
    work = Work(Provenance.refuse)
    answers = await many(shared, work)
    assert sorted(answer.body for answer in answers) == [b"1", b"2", b"3", b"4", b"5"]
    assert {answer.kept for answer in answers} == {None}
    assert len(shared.answers.shelf) == 0


async def test_nobody_waits_for_what_is_known_not_to_be_for_everybody(shared: SharedAnswers) -> None:
    first = Work(Provenance.refuse)
    first.go.set()
    await make(shared, first)
    second = Work(Provenance.refuse)
    tasks = [make(shared, second) for _ in range(3)]
    while second.times < 3:  # noqa: ASYNC110 — nothing tells of it
        await asyncio.sleep(0)
    second.go.set()
    assert sorted([(await task).body for task in tasks]) == [b"1", b"2", b"3"]


async def test_an_answer_with_errors_is_given_to_nobody_else(shared: SharedAnswers) -> None:
    work = Work(has_errors=True)
    answers = await many(shared, work)
    assert {answer.body for answer in answers} == {b"1", b"2", b"3", b"4", b"5"}
    assert len(shared.answers.shelf) == 0


async def test_when_it_fails_all_others_try_themselves(shared: SharedAnswers) -> None:
    def fail(provenance: Provenance) -> None:
        if work.times == 1:
            raise ZeroDivisionError
        tell(provenance)

    work = Work(fail)
    answers = await many(shared, work)
    assert isinstance(answers[0], ZeroDivisionError)
    assert sorted(answer.body for answer in answers[1:]) == [b"2", b"3", b"4", b"5"]


async def test_whoever_waits_may_give_up_alone(shared: SharedAnswers) -> None:
    work = Work()
    leading = make(shared, work)
    await work.begun.wait()
    waiting, leaving = make(shared, work), make(shared, work)
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    work.go.set()
    assert [(await task).body for task in (leading, waiting)] == [b"1", b"1"]


async def test_whoever_carries_it_out_may_give_up(shared: SharedAnswers) -> None:
    work = Work()
    leading = make(shared, work)
    await work.begun.wait()
    waiting = make(shared, work)
    await asyncio.sleep(0)
    leading.cancel()
    work.go.set()
    assert (await waiting).body == b"2"
    assert not shared._under_way


async def test_what_is_outdated_while_it_is_read_is_not_given_to_those_who_came_later(shared: SharedAnswers) -> None:
    work = Work()
    leading = make(shared, work)
    await work.begun.wait()
    shared.answers.shelf.outdate({"products"})
    waiting = make(shared, work)
    await asyncio.sleep(0)
    work.go.set()
    assert (await leading).body == b"1"
    assert (await waiting).body == b"2"
    kept = shared.find(shared.key(b"{ a }", CONTEXT, is_get=False), CONTEXT)
    assert kept is not None
    assert kept.body == b"2"


async def test_whoever_comes_after_it_changes_by_itself_reads_it_anew(shared: SharedAnswers) -> None:
    soon = NOW + timedelta(seconds=1)
    work = Work(lambda provenance: provenance.add({"products"}, changes_at=soon))
    leading = make(shared, work)
    await work.begun.wait()
    late = make(shared, work, replace(CONTEXT, now=soon))
    await asyncio.sleep(0)
    work.go.set()
    assert [(await leading).body, (await late).body] == [b"1", b"2"]


async def test_without_valkey_nothing_is_kept_and_nobody_waits(
    shared: SharedAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hearing, "is_sure", property(lambda _: False))
    work = Work()
    answers = await many(shared, work)
    assert {answer.body for answer in answers} == {b"1", b"2", b"3", b"4", b"5"}
    assert len(shared.answers.shelf) == 0


def test_an_answer_belongs_to_its_request_and_to_what_is_anybodys(shared: SharedAnswers) -> None:
    key = shared.key(b"{ a }", CONTEXT, is_get=False)
    assert shared.key(b"{ a }", CONTEXT.with_binds({"customer": 2, "now": NOW + timedelta(1)}), is_get=False) == key
    others = {
        shared.key(b"{ b }", CONTEXT, is_get=False),
        shared.key(b"{ a }", CONTEXT, is_get=True),
        shared.key(b"{ a }", CONTEXT.with_binds({"language": "de"}), is_get=False),
    }
    assert len(others | {key}) == 4
