"""What runs beside the requests, as the admin API shows it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from mercer.operations import models
from mercer.platform.actors import ActorKind
from mercer.platform.audit import audit
from mercer.platform.graphql.views import (
    PERSONAL_DATA,
    Argument,
    AskedOrder,
    Connection,
    Filter,
    Given,
    Listing,
    Listings,
    Row,
    Sort,
    SortDirection,
    column,
    computed,
    masked_changes,
    masked_reason,
    one,
    page,
    shown,
    view,
    within_own,
)
from mercer.platform.graphql.views.operators import DateTimeOperators, IdOperators, StringOperators
from mercer.platform.jobs.schema import event, job

AUDIT = "audit.read"

strawberry.enum(models.JobStatus, description=models.JobStatus.__doc__)
strawberry.enum(ActorKind, description=ActorKind.__doc__)


NOBODY = sa.cast(sa.null(), sa.Uuid)
"""Who announced an event: it names nobody, so that whoever sees only what he did himself sees none."""


@view(job)
class Job:
    """Work beside the requests: tried again when it fails, until it has had all of its attempts."""

    id: strawberry.ID = column()
    name: str = column(description="The module and the function. Handlers of events begin with `handle:`.")
    status: models.JobStatus = column()
    attempts: int = column(description="How often it was tried and failed, or succeeded.")
    error: str | None = column(description="Why the last attempt that failed did so.")
    done: int | None = column(description="How much of its work it says it has done.")
    total: int | None = column(description="Of how much.")
    arguments: JSON = column(description="Ids and numbers; for handlers, the event.")
    request_id: str | None = column(description="The request that it comes from.")
    created_at: datetime | None = column()
    scheduled_at: datetime | None = column(description="It does not run before.")
    started_at: datetime | None = column(description="When the last attempt began.")
    finished_at: datetime | None = column()
    cancel_requested_at: datetime | None = column()


def _of_staff(name: str) -> Any:
    """Where somebody acted from: of staff, keys and the program for everybody, of others it is personal."""

    def value(entry: Row) -> sa.ColumnElement[Any]:
        is_personal = entry.c.actor_kind.in_([ActorKind.CUSTOMER.value, ActorKind.GUEST.value])
        return sa.case((sa.not_(is_personal), entry.c[name]), else_=shown(PERSONAL_DATA, entry.c[name]))

    return computed(value, shown_to=PERSONAL_DATA, description="Masked: null for customers and guests.")


@view(audit, rows=lambda entry: within_own(AUDIT, entry.c.actor_id))
class AuditEntry:
    """Who changed what, from what to what, from where and why."""

    id: strawberry.ID = column()
    happened_at: datetime = column("at")
    actor_kind: ActorKind = column()
    actor_id: strawberry.ID | None = column()
    session_id: strawberry.ID | None = column()
    ip: str | None = _of_staff("ip")
    user_agent: str | None = _of_staff("user_agent")
    request_id: str | None = column()
    api: str | None = column()
    operation: str | None = column(description="The mutation, command or job.")
    entity: str = column(description="The type of what was changed.")
    entity_id: strawberry.ID = column()
    changes: JSON = computed(
        lambda entry: masked_changes(entry.c.entity, entry.c.changes),
        total=True,
        description='Each field that changed, before and after: `{"name": ["Mug", "Big mug"]}`. Masked: `"***"`.',
    )
    reason: str | None = computed(
        lambda entry: masked_reason(entry.c.entity, entry.c.reason),
        description="Null, too, where it may tell of a customer and is not the caller's to see.",
    )


@view(event, rows=lambda _: within_own(AUDIT, NOBODY))
class LoggedEvent:
    """A fact that was announced. The log is in one order, without gaps, and kept."""

    id: strawberry.ID = column()
    position: int = computed(lambda event: event.c.position, total=True)
    name: str = column(description="The module and the event: `catalog.ProductCreated`.")
    payload: JSON = column()
    happened_at: datetime = column("at")
    request_id: str | None = column()


@strawberry.type
class Query:
    job: Job | None = one(
        arguments={"id": Argument(strawberry.ID, lambda row, given: row.c.id == given.value)}, needs="jobs.read"
    )
    jobs: Connection[Job] = page(needs="jobs.read")
    audit_entries: Connection[AuditEntry] = page(needs=AUDIT)
    events: Connection[LoggedEvent] = page(needs=AUDIT)


@strawberry.input(description="Where a job stands.")
class JobStatusOperators:
    eq: models.JobStatus | None = UNSET
    in_: list[models.JobStatus] | None = strawberry.field(name="in", default=UNSET)


_STATES = {
    models.JobStatus.QUEUED: ("todo",),
    models.JobStatus.RUNNING: ("doing",),
    models.JobStatus.SUCCEEDED: ("succeeded",),
    models.JobStatus.FAILED: ("failed",),
    models.JobStatus.CANCELLED: ("cancelled", "aborting", "aborted"),
}


def _stands(row: Row, given: Given) -> sa.ColumnElement[bool]:
    asked = [_in_states(row, [given["eq"]])] if "eq" in given else []
    if "in" in given:
        asked.append(_in_states(row, given["in"].items))
    return sa.and_(sa.true(), *asked)


def _in_states(row: Row, statuses: list[Given] | tuple[Given, ...]) -> sa.ColumnElement[bool]:
    # Literals, so that the index over failed jobs can be used.
    states = [state for status in statuses for state in _STATES[status.constant]]
    return sa.or_(sa.false(), *(row.c.state == sa.literal_column(f"'{state}'") for state in states))


LISTINGS: Listings = {
    Job: Listing(
        filters={
            "status": Filter(JobStatusOperators, _stands),
            "name": Filter(StringOperators, lambda row, given: given.compared(row.c.name)),
        },
        sorts={"CREATED": Sort(lambda row: row.c.number)},
        default_order=AskedOrder("CREATED", SortDirection.DESC),
    ),
    AuditEntry: Listing(
        filters={
            "entity": Filter(StringOperators, lambda row, given: given.compared(row.c.entity)),
            "entityId": Filter(IdOperators, lambda row, given: given.compared(row.c.entity_id)),
            "actorId": Filter(IdOperators, lambda row, given: given.compared(row.c.actor_id)),
            "operation": Filter(StringOperators, lambda row, given: given.compared(row.c.operation)),
            "happenedAt": Filter(DateTimeOperators, lambda row, given: given.compared(row.c.at)),
        },
        sorts={"HAPPENED_AT": Sort(lambda row: row.c.at)},
        default_order=AskedOrder("HAPPENED_AT", SortDirection.DESC),
    ),
    LoggedEvent: Listing(
        filters={"name": Filter(StringOperators, lambda row, given: given.compared(row.c.name))},
        sorts={"POSITION": Sort(lambda row: row.c.position)},
        default_order=AskedOrder("POSITION", SortDirection.ASC),
    ),
}
