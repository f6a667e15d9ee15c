"""What holds up a cancellation."""

from datetime import datetime

from mercer.payments.models import AttemptState, PaymentStanding


def is_money_underway(standing: PaymentStanding, *, now: datetime) -> bool:
    """Whether money came in, is promised, or may well come: then an order that is not paid is left to wait."""
    if standing.authorized or standing.captured > standing.refunded:
        return True
    latest = standing.latest
    if latest is None:
        return False
    is_called = latest.charging_until is not None and latest.charging_until > now
    return latest.state is AttemptState.PROCESSING or (latest.state is AttemptState.CREATED and is_called)
