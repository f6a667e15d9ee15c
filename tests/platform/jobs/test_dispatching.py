"""The dispatcher: positions without gaps, a job for each handler, nothing of what was rolled back."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import pytest
from tests.platform.jobs.things import Forgotten, Ground, Happened, first, known, second

from mercer.platform.actors import Origin
from mercer.platform.errors import DomainError
from mercer.platform.jobs import queue
from mercer.platform.jobs.dispatching import dispatch, is_waiting
from mercer.platform.observability.statements import counting_statements
from mercer.platform.transactions import transaction

HANDLERS = known().handlers


class Answers:
    """Notes which cached answers were to be dropped."""

    def __init__(self) -> None:
        self.outdated: list[set[str]] = []

    async def outdate(self, tags: Collection[str]) -> None:
        self.outdated.append({*tags})


async def test_events_get_positions_in_the_order_of_their_writing(ground: Ground) -> None:
    await ground.announce(1, 2)
    assert await dispatch(ground.context(), HANDLERS) == 2
    await ground.announce(3)
    assert await dispatch(ground.context(), HANDLERS) == 1
    assert [(position, payload["number"]) for position, _, payload in await ground.log()] == [(1, 1), (2, 2), (3, 3)]


async def test_events_of_one_transaction_keep_their_order(ground: Ground) -> None:
    async with transaction(ground.context()) as context:
        for number in range(300):
            context.announce(Happened(number=number))
    assert await dispatch(ground.context(), HANDLERS) == 300
    placed = sorted((position or 0, payload["number"]) for position, _, payload in await ground.log())
    assert placed == [(number + 1, number) for number in range(300)]


async def test_what_commits_late_comes_after_what_was_placed_before(ground: Ground) -> None:
    async with transaction(ground.context()) as late:
        late.announce(Happened(number=1))
        await late.db.exec_driver_sql("SELECT uuidv7()")
        await ground.announce(2)
        assert await dispatch(ground.context(), HANDLERS) == 1
    assert await dispatch(ground.context(), HANDLERS) == 1
    assert {payload["number"]: position for position, _, payload in await ground.log()} == {2: 1, 1: 2}


async def test_what_was_rolled_back_reaches_nobody(ground: Ground) -> None:
    with suppress(DomainError):
        async with transaction(ground.context()) as context:
            context.announce(Happened(number=1))
            raise DomainError
    assert await dispatch(ground.context(), HANDLERS) == 0
    assert (await ground.log(), await ground.jobs()) == ([], [])


async def test_each_handler_gets_a_job_with_the_event(ground: Ground) -> None:
    origin = Origin(request_id="abc", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    async with transaction(ground.context(origin=origin)) as context:
        context.announce(Happened(number=7))
    await dispatch(ground.context(), HANDLERS)
    stored = [(each.name, each.args) for each in await ground.jobs()]
    arguments = {"name": "platform.Happened", "payload": {"number": 7}, "position": 1}
    args = {"arguments": arguments, "request_id": "abc", "traceparent": origin.traceparent}
    assert stored == [("handle:platform.first", args), ("handle:platform.second", args)]


async def test_events_without_handlers_are_placed(ground: Ground) -> None:
    async with transaction(ground.context()) as context:
        context.announce(Forgotten(number=1))
    assert await dispatch(ground.context(), HANDLERS) == 1
    assert await ground.jobs() == []


async def test_one_dispatch_is_four_statements(ground: Ground) -> None:
    async with transaction(ground.context()) as context:
        for number in range(100):
            context.announce(Happened(number=number))
    with counting_statements() as statements:
        await dispatch(ground.context(), HANDLERS)
    assert statements.total == 4
    with counting_statements() as statements:
        assert not await is_waiting(ground.context())
    assert statements.total == 1
    with counting_statements() as statements:
        assert await dispatch(ground.context(), HANDLERS) == 0
    assert statements.total == 2


async def test_a_dispatch_takes_no_more_than_it_may(ground: Ground) -> None:
    await ground.announce(1, 2, 3)
    assert [await dispatch(ground.context(), HANDLERS, most=2) for _ in range(3)] == [2, 1, 0]


async def test_a_failing_dispatch_leaves_all_as_it_was(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    await ground.announce(1)

    async def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(queue, "put", fail)
        with pytest.raises(RuntimeError):
            await dispatch(ground.context(), HANDLERS)
    assert (await ground.log(), await ground.jobs()) == ([(None, "platform.Happened", {"number": 1})], [])
    assert await dispatch(ground.context(), HANDLERS) == 1


async def test_many_dispatchers_place_each_event_once(ground: Ground) -> None:
    await ground.announce(*range(40))

    async def work() -> int:
        return sum([await dispatch(ground.context(), HANDLERS, most=3) for _ in range(20)])

    placed = sum(await asyncio.gather(*(work() for _ in range(8))))
    # Whoever finds another one at work goes on: the last of them may all have looked in vain.
    placed += await dispatch(ground.context(), HANDLERS)
    assert placed == 40
    assert sorted(position or 0 for position, _, _ in await ground.log()) == list(range(1, 41))
    assert len(await ground.jobs()) == 80


async def test_tags_reach_the_caches_of_others(ground: Ground) -> None:
    async with transaction(ground.context()) as context:
        context.outdate("product:1", "products")
    async with transaction(ground.context()) as context:
        context.announce(Happened(number=1))
        context.outdate("product:2")
    answers = Answers()
    assert await dispatch(ground.context(answers=answers), HANDLERS) == 2
    assert answers.outdated == [{"product:1", "product:2", "products"}]
    assert await dispatch(ground.context(answers=answers), HANDLERS) == 0
    assert len(answers.outdated) == 1


async def test_tags_are_told_again_when_the_dispatcher_dies(ground: Ground) -> None:
    class Dying(Answers):
        async def outdate(self, tags: Collection[str]) -> None:
            await super().outdate(tags)
            raise asyncio.CancelledError

    async with transaction(ground.context()) as context:
        context.outdate("catalog")
    with pytest.raises(asyncio.CancelledError):
        await dispatch(ground.context(answers=Dying()), HANDLERS)
    answers = Answers()
    assert await dispatch(ground.context(answers=answers), HANDLERS) == 1
    assert answers.outdated == [{"catalog"}]


async def test_handlers_see_events(ground: Ground) -> None:
    await ground.announce(1, 2, 3)
    assert await ground.worker(known(handlers=(first, second))).work_off() == 6
    assert (await ground.seen("first"), await ground.seen("second")) == ([1, 2, 3], [1, 2, 3])
