"""What commands tell the person at the terminal, and how that person stops them."""

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def say(text: str) -> None:
    """Tell the person. Not on the standard output, which belongs to results and to the API's logs."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def until_stopped() -> Iterator[None]:
    """Leave the body when Ctrl-C or SIGTERM comes. Further ones change nothing: it is stopping already."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            say("Stopping …")
            task.cancel()
        stopped = True

    for number in STOPPING_SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopped:
            raise
        task.uncancel()
    finally:
        for number in STOPPING_SIGNALS:
            loop.remove_signal_handler(number)
