"""Keeping a program running: started again when it ends, stopped when we are done."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from mercer.platform.embedded.errors import EmbeddedError, StartFailed
from mercer.platform.embedded.process import Command, StopSteps, bound_log, start, stop, tail

Say = Callable[[str], None]
"""Tells the person at the terminal."""

STEADY = 10.0
"""Seconds after which a program counts as running well, and its next restart is immediate."""

LONGEST_PAUSE = 30.0
"""Seconds between two attempts to start a program that does not start."""

PATIENCE = 5.0
"""Seconds after which somebody who waits is told so."""


@dataclass(frozen=True)
class Service:
    """A program that must not stay down."""

    name: str
    launch: Callable[[], Awaitable[Process]]
    """Clears what a predecessor left, starts the program, returns when it answers. Raises `EmbeddedError`."""
    stopping: StopSteps
    log: Path | None = None


@dataclass
class _Running:
    process: Process


@asynccontextmanager
async def kept_running(service: Service, *, say: Say) -> AsyncIterator[None]:
    """Run a service for as long as the body. Raises `EmbeddedError` if it does not start, or does not stop."""
    running = _Running(await service.launch())
    keeper = asyncio.create_task(_keep(service, running, say))
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.wait([keeper])
        await stop(running.process, service.stopping)


async def launched(
    command: Command, *, name: str, answers: Callable[[], Awaitable[bool]], stopping: StopSteps, say: Say
) -> Process:
    """Start a command and wait until it answers. Raises `StartFailed` if it ends before that.

    There is no limit while it lives: PostgreSQL may have much to recover.
    """
    written = 0 if command.log is None else bound_log(command.log)
    process = await start(command)
    try:
        told = asyncio.get_running_loop().call_later(PATIENCE, say, f"{name} is still starting …")
        pause = 0.02
        while process.returncode is None and not await answers():
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        told.cancel()
    except BaseException:
        await stop(process, stopping)
        raise
    if process.returncode is not None:
        said = "" if command.log is None else f"\n{tail(command.log, written)}\n(from {command.log})"
        raise StartFailed(f"{name} {_how(process)} before it answered.{said}")
    return process


async def _keep(service: Service, running: _Running, say: Say) -> None:
    clock = asyncio.get_running_loop().time
    pause = 0.0
    while True:
        started = clock()
        await _ended(service, running.process)
        pause = 0.0 if clock() - started > STEADY else min(max(0.5, pause * 2), LONGEST_PAUSE)
        say(f"{service.name} {_how(running.process)}. Starting it again{f' in {pause:g} s' if pause else ''}.")
        running.process = await _launched(service, pause, say)
        say(f"{service.name} is back.")


async def _ended(service: Service, process: Process) -> None:
    ending = asyncio.create_task(process.wait())
    try:
        while not ending.done():
            await asyncio.wait([ending], timeout=60)
            if service.log is not None:
                bound_log(service.log)
    finally:
        ending.cancel()


async def _launched(service: Service, pause: float, say: Say) -> Process:
    while True:
        await asyncio.sleep(pause)
        try:
            return await service.launch()
        except (EmbeddedError, OSError) as error:
            pause = min(max(0.5, pause * 2), LONGEST_PAUSE)
            say(f"{error}\nTrying again in {pause:g} s.")


def _how(process: Process) -> str:
    code = process.returncode or 0
    return f"was ended by {Signals(-code).name}" if code < 0 else f"ended with status {code}"
