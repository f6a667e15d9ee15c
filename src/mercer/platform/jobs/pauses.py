"""How long a job that failed waits before it is tried again."""

from datetime import timedelta

SHORTEST_S, LONGEST_S = 1.0, 3600.0
GROWTH = 4

JITTER = 0.25
"""By what part a pause is longer or shorter, so that what failed together does not come back together."""


def pause_after(attempt: int, *, chance: float) -> timedelta:
    """The pause after the attempt of this number, from 1: 1 s, 4 s, 16 s … an hour. `chance` is from 0 to 1."""
    seconds = min(LONGEST_S, SHORTEST_S * GROWTH ** min(attempt - 1, 10))
    return timedelta(seconds=seconds * (1 - JITTER + 2 * JITTER * chance))
