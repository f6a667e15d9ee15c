"""What commands tell the person at the terminal, and how that person stops them."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and the polite request."""


def say(text: str) -> None:
    """Tell the person. Not on the standard output, which belongs to results and to the API's logs."""
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        # Whoever read it is gone, and the work goes on. What is left unsaid may not fail at the end once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


@contextmanager
def until_stopped() -> Iterator[None]:
    """Leave the body when somebody asks us to stop. Asking again changes nothing: it is stopping already."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    stopped = False
    # A closed terminal stops it too, unless nohup says otherwise.
    closed = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    heeded = STOPPING_SIGNALS + closed

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            say("Stopping …")
            task.cancel()
        stopped = True

    for number in heeded:
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopped:
            raise
        task.uncancel()
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)
