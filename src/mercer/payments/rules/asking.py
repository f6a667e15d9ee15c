"""When providers are asked again, and for how long."""

from datetime import timedelta

LEASE = timedelta(seconds=60)
"""How long whoever began an attempt may take to call the provider: longer than its calls can take."""

FIRST_POLL = timedelta(minutes=2)
"""When an attempt without an outcome is asked for, after it was begun. Webhooks are mostly there by then."""

LONGEST_POLL = timedelta(hours=6)

PARKED_TRIES = 8
"""How often something about an unknown payment is tried again, over about two hours, until it is an exception."""

REFUND_PAUSE = timedelta(minutes=2)


def poll_pause(polls: int) -> timedelta:
    """The pause after so many questions, from 0: 2 min, 4, 8 … 6 hours."""
    return min(FIRST_POLL * (1 << min(polls, 10)), LONGEST_POLL)


def parked_pause(tries: int) -> timedelta:
    """The pause after so many tries, from 1: 30 s, 1 min, 2 min …"""
    return timedelta(seconds=30) * (1 << min(tries - 1, 10))
