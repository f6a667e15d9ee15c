"""Child processes that end when we end, whatever ends us."""

import asyncio
import ctypes
import multiprocessing
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

import psutil

from mercer.platform.embedded.account import Account
from mercer.platform.embedded.errors import StopFailed

LOG_BYTES = 20_000_000
"""A log that grows past this is moved aside; the one moved aside before is dropped."""

StopSteps = tuple[tuple[Signals, float], ...]
"""Signals that ask a program to stop, each with the seconds to wait before the next. SIGKILL comes after the last."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Command:
    """What to run, and as whom."""

    arguments: tuple[str | Path, ...]
    directory: Path
    orphaned: Signals
    """What the program gets when we die without stopping it."""
    log: Path | None = None
    """The file of its output. None: it writes where we write."""
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    input: bytes = field(default=b"", repr=False)


async def start(command: Command) -> Process:
    """Run a command as a direct child, in its own session: the terminal's Ctrl-C reaches only us."""
    parent = os.getpid()
    account = command.account
    output = None if command.log is None else os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *command.arguments,
            cwd=command.directory,
            env=command.environment,
            stdin=PIPE if command.input else DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(command.orphaned, parent),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077,
        )
    finally:
        if output is not None:
            os.close(output)
    if process.stdin is not None:
        process.stdin.write(command.input)
        process.stdin.close()
    return process


def die_with_parent(last_signal: Signals, parent: int) -> None:
    """Ask the kernel to send us this signal when the parent ends. Only Linux can."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, last_signal.value)
        if os.getppid() != parent:
            os.kill(os.getpid(), last_signal)


def die_with_maker(last_signal: Signals) -> None:
    """The same in a process that `multiprocessing` has made: it ends with the one that made it."""
    maker = multiprocessing.parent_process()
    assert maker is not None
    assert maker.pid is not None
    die_with_parent(last_signal, maker.pid)


async def stop(process: Process, steps: StopSteps) -> None:
    """Ask a child to stop, more and more firmly. Raises `StopFailed` if it had to be killed."""
    for step, patience in steps:
        if process.returncode is not None:
            return
        process.send_signal(step)
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            continue
        return
    process.kill()
    await process.wait()
    raise StopFailed(f"Process {process.pid} did not stop in time, and was killed.")


async def end_leftovers(program: str, directory: Path, steps: StopSteps) -> None:
    """End what an earlier supervisor left running in `directory`. The caller holds the lock on it.

    A process is known by its name and its working directory: a pid in a file may be another's by now.
    """
    for step, patience in (*steps, (signal.SIGKILL, 60.0)):
        left = list(_running(program, directory))
        for process in left:
            # PostgreSQL's own children follow their postmaster, if it is still there to be followed.
            with suppress(psutil.NoSuchProcess):
                if process.ppid() not in {other.pid for other in left}:
                    process.send_signal(step)
        if await _gone(program, directory, patience):
            return


async def _gone(program: str, directory: Path, patience: float) -> bool:
    for _ in range(int(patience / 0.05)):
        if not any(_running(program, directory)):
            return True
        await asyncio.sleep(0.05)
    return False


def _running(program: str, directory: Path) -> Iterator[psutil.Process]:
    place = str(directory.resolve())
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == program and process.info["cwd"] == place:
            yield process


def bound_log(path: Path) -> int:
    """Keep a log from growing without end, and return its size. Its writer appends: it goes on in the emptied file."""
    size = path.stat().st_size if path.exists() else 0
    if size <= LOG_BYTES:
        return size
    shutil.copyfile(path, path.with_suffix(".old.log"))
    os.truncate(path, 0)
    return 0


def tail(path: Path, start: int) -> str:
    """The last lines of a log, of what was written since the byte `start`."""
    with path.open("rb") as log:
        log.seek(start)
        return "\n".join(log.read().decode(errors="replace").splitlines()[-12:])
