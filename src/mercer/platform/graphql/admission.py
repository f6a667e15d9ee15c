"""What is checked of an operation before any of it is executed: who may, and how often."""

from strawberry.utils.str_converters import to_camel_case

from mercer.platform.context import Context
from mercer.platform.graphql.documents import Operation
from mercer.platform.permissions import ENTRY, check_access
from mercer.platform.rate_limits import Limit, check_rate


async def admit(operation: Operation, context: Context) -> None:
    """Let an operation in whose caller may send it now.

    Raises `TokenRefused`, `TooManyRequests`, and what `check_access` raises.
    """
    if context.refused is not None and operation.needs != {ENTRY}:
        raise context.refused
    check_access(
        context.actor,
        operation.needs,
        operation=", ".join(to_camel_case(each.name) for each in operation.mutations) or operation.label,
        is_fresh_needed=any(each.fresh_factor for each in operation.mutations),
    )
    if not operation.mutations or context.valkey is None:
        return
    general = Limit(context.settings.mutations_per_minute)
    limits = [("mutations", general, len(operation.mutations))]
    limits += [(each.name, each.limit, 1) for each in operation.mutations if each.limit is not None]
    for what, limit, count in limits:
        await check_rate(context.valkey, limit, what=what, actor=context.actor, origin=context.origin, count=count)
