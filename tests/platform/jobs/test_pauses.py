"""Pauses grow, and differ a little."""

from hypothesis import given
from hypothesis import strategies as st

from mercer.platform.jobs.pauses import pause_after


def test_pauses_grow_to_an_hour() -> None:
    seconds = [pause_after(attempt, chance=0.5).total_seconds() for attempt in range(1, 9)]
    assert seconds == [1, 4, 16, 64, 256, 1024, 3600, 3600]


@given(attempt=st.integers(1, 1_000_000), chance=st.floats(0, 1))
def test_no_pause_is_far_from_its_length(attempt: int, chance: float) -> None:
    middle = pause_after(attempt, chance=0.5)
    assert 0.75 * middle <= pause_after(attempt, chance=chance) <= 1.25 * middle
