"""From what a provider told of an attempt to how it stands: of a set of facts, so neither order nor repetition matters.

More facts never lead back: a state only gives way to one further on (`FURTHER`), sums only grow. (What was wholly
given back is so in part when more is captured, and not at all when the refund failed after all: `undone`.) Money that
was captured outweighs whatever else is said: it is there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from mercer.payments.models import AttemptState, EventKind, Fact

FURTHER = (
    AttemptState.CREATED,
    AttemptState.REQUIRES_ACTION,
    AttemptState.PROCESSING,
    AttemptState.FAILED,
    AttemptState.AUTHORIZED,
    AttemptState.CANCELLED,
    AttemptState.EXPIRED,
    AttemptState.VOIDED,
    AttemptState.PARTIALLY_CAPTURED,
    AttemptState.CAPTURED,
    AttemptState.PARTIALLY_REFUNDED,
    AttemptState.REFUNDED,
)
"""All states, each further on than those before it."""

LIVE = frozenset(
    {
        AttemptState.CREATED,
        AttemptState.REQUIRES_ACTION,
        AttemptState.PROCESSING,
        AttemptState.AUTHORIZED,
        AttemptState.PARTIALLY_CAPTURED,
        AttemptState.CAPTURED,
    }
)
"""Those that bring money, or may: while there is one, no other attempt is begun."""

UNDECIDED = frozenset({AttemptState.CREATED, AttemptState.REQUIRES_ACTION, AttemptState.PROCESSING})
"""Those of which the provider has not said yet what comes of them."""

_SAID = {
    EventKind.REQUIRES_ACTION: AttemptState.REQUIRES_ACTION,
    EventKind.PROCESSING: AttemptState.PROCESSING,
    EventKind.DECLINED: AttemptState.FAILED,
    EventKind.CANCELLED: AttemptState.CANCELLED,
    EventKind.EXPIRED: AttemptState.EXPIRED,
    EventKind.VOIDED: AttemptState.VOIDED,
}
"""What a fact without an amount says by itself."""

_ENDS = {EventKind.CANCELLED, EventKind.EXPIRED, EventKind.VOIDED}
"""What ends an authorisation, or what is left of it."""


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """How an attempt stands."""

    state: AttemptState
    authorized: int
    captured: int
    refunded: int
    is_released: bool
    """What was authorised and not captured is promised no more."""
    is_contrary: bool
    """It failed or ended, and yet its money was taken."""

    @property
    def promised(self) -> int:
        """What is authorised and can still be captured."""
        return 0 if self.is_released else max(0, self.authorized - self.captured)


def undone(facts: Iterable[Fact]) -> frozenset[UUID]:
    """The refunds of which a provider said both that they were done and that they failed: they failed at last.

    A bank may return a refund weeks after the provider called it done; none that failed is done afterwards, for trying
    again is another refund. So the money is with us, whichever was heard of first.
    """
    known = [fact for fact in facts if fact.refund_id is not None]
    done = {fact.refund_id for fact in known if fact.kind is EventKind.REFUNDED}
    failed = {fact.refund_id for fact in known if fact.kind is EventKind.REFUND_FAILED}
    return frozenset(refund_id for refund_id in done & failed if refund_id is not None)


def lasting(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without what was given back and returned: those that count as money."""
    known = list(facts)
    returned = undone(known)
    return [fact for fact in known if fact.kind is not EventKind.REFUNDED or fact.refund_id not in returned]


def reduce(facts: Iterable[Fact], *, amount: int, currency: str) -> Reduced:
    """How an attempt to pay `amount` stands by these facts. Amounts of other currencies do not count."""
    known = {fact.id: fact for fact in facts}.values()
    own = [fact for fact in lasting(known) if fact.currency == currency]
    kinds = {fact.kind for fact in known}
    # An authorisation is told again with another amount when it is changed; captures and refunds come one by one.
    authorized = max((fact.amount for fact in own if fact.kind is EventKind.AUTHORIZED), default=0)
    captured = sum(fact.amount for fact in own if fact.kind is EventKind.CAPTURED)
    refunded = sum(fact.amount for fact in own if fact.kind is EventKind.REFUNDED)
    is_released = bool(kinds & _ENDS)
    is_whole = captured >= amount or (is_released and captured > 0)
    return Reduced(
        state=_state(kinds, authorized=authorized, captured=captured, refunded=refunded, is_whole=is_whole),
        authorized=authorized,
        captured=captured,
        refunded=refunded,
        is_released=is_released,
        is_contrary=_is_contrary(kinds, captured=captured, amount=amount),
    )


def _state(kinds: set[EventKind], *, authorized: int, captured: int, refunded: int, is_whole: bool) -> AttemptState:
    if captured > 0:
        if refunded >= captured:
            return AttemptState.REFUNDED
        if refunded > 0:
            return AttemptState.PARTIALLY_REFUNDED
        return AttemptState.CAPTURED if is_whole else AttemptState.PARTIALLY_CAPTURED
    said = {_SAID[kind] for kind in kinds if kind in _SAID}
    if authorized > 0:
        said.add(AttemptState.AUTHORIZED)
    return max(said, key=FURTHER.index, default=AttemptState.CREATED)


def _is_contrary(kinds: set[EventKind], *, captured: int, amount: int) -> bool:
    """That what is left of an authorisation is released after a capture of a part is no contradiction."""
    refused = {EventKind.DECLINED, EventKind.CANCELLED} & kinds
    ended = {EventKind.EXPIRED, EventKind.VOIDED} & kinds
    return bool((refused and captured > 0) or (ended and captured >= amount))
