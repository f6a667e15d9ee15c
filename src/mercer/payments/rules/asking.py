"""When providers are asked again, and for how long."""

from datetime import UTC, datetime, timedelta

from mercer.payments.models import Attempt, AttemptState

LEASE = timedelta(seconds=60)
"""How long whoever began an attempt may take to call the provider: longer than its calls can take."""

MOST_ATTEMPTS = 20
"""How often somebody may try to pay one order: a buyer tries some cards, a thief tries out hundreds."""

FIRST_POLL = timedelta(minutes=2)
"""When an attempt without an outcome is asked for, after it was begun. Webhooks are mostly there by then."""

LONGEST_POLL = timedelta(hours=6)

PARKED_TRIES = 8
"""How often something about an unknown payment is tried again, over about two hours, until it is an exception."""

REFUND_PAUSE = timedelta(minutes=2)


def is_abandoned(attempt: Attempt, *, now: datetime) -> bool:
    """Whether nothing is known of an attempt, and nobody is bringing it to its provider."""
    lease = attempt.charging_until
    return attempt.state is AttemptState.CREATED and (lease is None or lease <= now)


def abandonment(attempt: Attempt) -> str:
    """By which id it is known that an attempt was abandoned, as it stands: somebody may take it over later."""
    lease = attempt.charging_until
    return f"{_abandoned(attempt)}{'' if lease is None else lease.astimezone(UTC).isoformat()}"


def is_outdated(event_id: str, attempt: Attempt) -> bool:
    """Whether it was found abandoned, and somebody took it over meanwhile, or its outcome is known."""
    if not event_id.startswith(_abandoned(attempt)):
        return False
    return attempt.state is not AttemptState.CREATED or event_id != abandonment(attempt)


def _abandoned(attempt: Attempt) -> str:
    return f"abandoned:{attempt.id}:"


def poll_pause(polls: int) -> timedelta:
    """The pause after so many questions, from 0: 2 min, 4, 8 … 6 hours."""
    return min(FIRST_POLL * (1 << min(polls, 10)), LONGEST_POLL)


def parked_pause(tries: int) -> timedelta:
    """The pause after so many tries, from 1: 30 s, 1 min, 2 min …"""
    return timedelta(seconds=30) * (1 << min(tries - 1, 10))
