"""Nothing that was written while Valkey was away, or only seemed to be there, is answered as before."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import pytest
from tests.factories.shop import NOW, US
from tests.platform.cache.gates import ValkeyGate, own_valkey
from tests.platform.cache.shops import MEGABYTE, Clock, Running, running

from mercer.channels import service as channels
from mercer.channels.models import ChannelTerms
from mercer.platform.cache import hearing
from mercer.platform.cache.answers import Answers
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.platform.jobs.dispatching import dispatch
from mercer.platform.settings import Settings
from mercer.platform.transactions import transaction
from mercer.platform.valkey import Valkey

QUESTION = "{ channel { name } }"
Write = Callable[[str], Awaitable[None]]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 — nothing tells of it
        await asyncio.sleep(0.002)


async def started(stack: AsyncExitStack, settings: Settings, valkey_url: str) -> Running:
    """An application that reaches Valkey there."""
    own = settings.model_copy(update={"valkey_url": valkey_url, "answer_cache_bytes": MEGABYTE, "verify_reads": False})
    return await stack.enter_async_context(running(own, Clock()))


async def a_writer(stack: AsyncExitStack, settings: Settings, answers: Answers | None) -> Write:
    """Renames the channel, as a mutation in the process of these answers would."""
    assert settings.database_url is not None
    database = Database(settings, url=settings.database_url)
    await database.open()
    stack.push_async_callback(database.close)
    context = Context(settings, database, NOW, answers=answers)

    async def write(name: str) -> None:
        async with transaction(context) as inner:
            await channels.store_channels(inner, channels=[named(name)])

    return write


def is_deaf(app: Running) -> bool:
    return not app.answers.is_sure


def named(name: str) -> ChannelTerms:
    return replace(US, name=name)


async def name_in(app: Running) -> str:
    answer = (await app.ask(QUESTION)).json()
    name: str = answer["data"]["channel"]["name"]
    return name


async def test_valkey_is_killed_and_started(fresh: Settings, stack: AsyncExitStack) -> None:
    valkey = await stack.enter_async_context(own_valkey())
    one, other = [await started(stack, fresh, valkey.url) for _ in range(2)]
    write = await a_writer(stack, fresh, one.answers)
    await write("Before")
    for app in (one, other):
        await app.listens()
        assert [await name_in(app), await name_in(app)] == ["Before", "Before"]
        assert len(app.answers.shelf) == 1
    await valkey.kill()
    await write("Meanwhile")
    for app in (one, other):
        await until(partial(is_deaf, app))
        assert await name_in(app) == "Meanwhile"
        assert len(app.answers.shelf) == 0
    await valkey.start()
    for app in (one, other):
        await app.listens()
        assert await name_in(app) == "Meanwhile"
    await write("After")
    assert await name_in(one) == "After"
    await until(lambda: len(other.answers.shelf) == 0)
    assert await name_in(other) == "After"


async def test_one_process_loses_its_connection(fresh: Settings, stack: AsyncExitStack, valkey_url: str) -> None:
    gate = await stack.enter_async_context(ValkeyGate(valkey_url))
    one, other = await started(stack, fresh, valkey_url), await started(stack, fresh, gate.url)
    write = await a_writer(stack, fresh, one.answers)
    await write("Before")
    await other.listens()
    assert await name_in(other) == "Before"
    await gate.shut()
    await until(lambda: not other.answers.is_sure)
    assert len(other.answers.shelf) == 0
    await write("Meanwhile")
    assert await name_in(other) == "Meanwhile"
    await gate.open()
    await other.listens()
    assert await name_in(other) == "Meanwhile"


async def test_a_connection_dies_without_a_word(
    fresh: Settings, stack: AsyncExitStack, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "SURE_S", 0.2)
    gate = await stack.enter_async_context(ValkeyGate(valkey_url))
    one, other = await started(stack, fresh, valkey_url), await started(stack, fresh, gate.url)
    write = await a_writer(stack, fresh, one.answers)
    await write("Before")
    await other.listens()
    assert await name_in(other) == "Before"
    gate.hang()
    await write("Meanwhile")
    await until(lambda: not other.answers.is_sure)
    assert await name_in(other) == "Meanwhile"
    gate.flow()
    await other.listens()
    assert await name_in(other) == "Meanwhile"


async def test_a_writer_that_cannot_tell_tells_later(fresh: Settings, stack: AsyncExitStack, valkey_url: str) -> None:
    gate = await stack.enter_async_context(ValkeyGate(valkey_url))
    writing, other = await started(stack, fresh, gate.url), await started(stack, fresh, valkey_url)
    write = await a_writer(stack, fresh, writing.answers)
    await write("Before")
    await other.listens()
    assert await name_in(other) == "Before"
    await gate.shut()
    await write("Meanwhile")
    assert await name_in(writing) == "Meanwhile"
    assert await name_in(other) == "Before", "it hears well, and has not been told"
    await gate.open()
    await until(lambda: len(other.answers.shelf) == 0)
    assert await name_in(other) == "Meanwhile"


async def test_a_writer_who_gives_up_has_told(fresh: Settings, stack: AsyncExitStack, valkey_url: str) -> None:
    other = await started(stack, fresh, valkey_url)
    valkey = Valkey(valkey_url)
    stack.push_async_callback(valkey.close)
    answers = Answers(valkey)
    await (await a_writer(stack, fresh, answers))("Before")
    await other.listens()
    assert await name_in(other) == "Before"
    telling = asyncio.create_task(answers.outdate({"catalog"}))
    await asyncio.sleep(0)
    telling.cancel()
    await until(lambda: len(other.answers.shelf) == 0)
    assert telling.cancelled()


async def test_what_a_process_could_not_tell_before_it_died_is_told_by_the_dispatcher(
    fresh: Settings, stack: AsyncExitStack, valkey_url: str
) -> None:
    other = await started(stack, fresh, valkey_url)
    valkey = Valkey(valkey_url)
    stack.push_async_callback(valkey.close)
    await (await a_writer(stack, fresh, Answers(valkey)))("Before")
    await other.listens()
    assert await name_in(other) == "Before"
    write = await a_writer(stack, fresh, None)
    await write("Meanwhile")
    assert await name_in(other) == "Before"
    assert fresh.database_url is not None
    database = Database(fresh, url=fresh.database_url)
    stack.push_async_callback(database.close)
    assert await dispatch(Context(fresh, database, NOW, answers=Answers(valkey)), {}) > 0
    await until(lambda: len(other.answers.shelf) == 0)
    assert await name_in(other) == "Meanwhile"


async def test_a_message_that_nobody_understands_drops_everything(
    fresh: Settings, stack: AsyncExitStack, valkey_url: str
) -> None:
    other = await started(stack, fresh, valkey_url)
    valkey = Valkey(valkey_url)
    stack.push_async_callback(valkey.close)
    await (await a_writer(stack, fresh, Answers(valkey)))("Before")
    await other.listens()
    assert await name_in(other) == "Before"
    await valkey.client.publish(f"mercer:outdated:{valkey.db}", b"nonsense")
    await until(lambda: len(other.answers.shelf) == 0)
    await other.listens()
    assert await name_in(other) == "Before"
