"""How far a permission goes: checked by verbs, once they have locked what they are about."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, NoReturn
from uuid import UUID

from mercer.platform.actors import Scope
from mercer.platform.context import Context
from mercer.platform.permissions import Dimension, Lack, ScopeExceeded, SecondFactorMissing, log_denied


class _Asked(NamedTuple):
    channel_id: UUID | None
    warehouse_id: UUID | None
    amount: int | None
    currency: str | None
    is_own: bool

    def beyond(self, scope: Scope) -> Dimension | None:
        """In what this goes beyond a scope; None: in nothing."""
        if scope.channels is not None and self.channel_id not in scope.channels:
            return Dimension.CHANNEL
        if scope.warehouses is not None and self.warehouse_id not in scope.warehouses:
            return Dimension.WAREHOUSE
        if scope.amounts is not None and not self._is_within(scope.amounts):
            return Dimension.AMOUNT
        return Dimension.OWN if scope.is_own and not self.is_own else None

    def _is_within(self, amounts: Mapping[str, int]) -> bool:
        return self.amount == 0 or (self.amount is not None and 0 < self.amount <= amounts.get(self.currency or "", -1))


def check_scope(
    context: Context,
    permission: str,
    *,
    channel_id: UUID | None = None,
    warehouse_id: UUID | None = None,
    amount: int | None = None,
    currency: str | None = None,
    made_by: UUID | None = None,
) -> None:
    """Raise `ScopeExceeded` unless the caller's permission goes so far.

    What is left out, no limited permission covers: say `amount=0` where no money moves, in minor units otherwise. Who
    lacks the permission altogether was turned away at the door; a verb that another one calls for itself asks nothing.
    """
    context.checked.add(permission)
    scopes = context.actor.bounds.get(permission)
    if scopes is None:
        return
    asked = _Asked(channel_id, warehouse_id, amount, currency, made_by == context.actor.id if made_by else False)
    exceeded = [asked.beyond(scope) for scope in scopes]
    if None not in exceeded:
        _refuse(context, permission, next((each for each in exceeded if each is not None), Dimension.OWN))


def check_channels(context: Context, permission: str, channel_ids: Iterable[UUID]) -> None:
    """Raise `ScopeExceeded` unless the caller's permission goes as far as each of these channels."""
    context.checked.add(permission)
    for channel_id in channel_ids:
        check_scope(context, permission, channel_id=channel_id)


def check_channel(context: Context, permission: str, channel_id: UUID | None) -> None:
    """Raise `ScopeExceeded` if the caller's permission goes as far as this channel in no case.

    For verbs that know only later how much is moved, or from where, and would tell of the row before. They call
    `check_scope` then.
    """
    scopes = context.actor.bounds.get(permission, ())
    if scopes and all(scope.channels is not None and channel_id not in scope.channels for scope in scopes):
        _refuse(context, permission, Dimension.CHANNEL)


def _refuse(context: Context, permission: str, dimension: Dimension) -> NoReturn:
    actor, operation = context.actor, context.origin.operation
    is_withheld = permission in actor.withheld
    lacks = Lack.SECOND_FACTOR if is_withheld else Lack.SCOPE
    log_denied(actor, permission, lacks=lacks, operation=operation, dimension=dimension)
    raise SecondFactorMissing(permission) if is_withheld else ScopeExceeded(permission, dimension)
