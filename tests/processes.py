"""Waiting for processes to end."""

import time
from collections.abc import Iterable

import psutil


def still_running(processes: Iterable[psutil.Process], *, patience: float = 30) -> list[psutil.Process]:
    """Those that have not ended after `patience` seconds. A zombie has ended: its reaping is up to process 1."""
    deadline = time.monotonic() + patience
    left = list(processes)
    while left:
        _, left = psutil.wait_procs(left, timeout=0.05)
        left = [process for process in left if process.is_running() and not _is_zombie(process)]
        if time.monotonic() > deadline:
            break
    return left


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
