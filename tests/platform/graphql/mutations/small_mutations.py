"""The small API's mutations."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
import strawberry
from tests.platform.graphql.mutations.small_types import Thing, ThingsMade, thing

from mercer.platform.context import Context
from mercer.platform.errors import DomainError, InvalidValue
from mercer.platform.events import Event
from mercer.platform.graphql.mutations import Key, Limit, Transaction, mutation, row, rows
from mercer.platform.permissions import PUBLIC, SIGNED_IN
from mercer.platform.scopes import check_scope
from mercer.platform.transactions import transaction


@dataclass(eq=False)
class NameTaken(DomainError):
    """Another thing has this name."""

    name: str
    holder: UUID


@dataclass(frozen=True)
class Shortage:
    """A thing of which there are too few."""

    id: UUID
    left: int


@dataclass(eq=False)
class TooFew(DomainError):
    """There are too few of it."""

    shortages: tuple[Shortage, ...]


@dataclass(eq=False)
class NameTooLong(InvalidValue):
    """A name has at most 20 characters."""

    longest: int


@dataclass(eq=False)
class NeverDeclared(DomainError):
    """A failure that the mutation does not declare."""


@strawberry.input
class ThingInput:
    name: str
    count: int = 0


@strawberry.input
class DescribeInput:
    name: str | None = strawberry.UNSET


class Outside:
    """What lies outside of the transaction: a test says what happens there."""

    calls: list[UUID | None] = []  # noqa: RUF012 — one for all, emptied by each test

    @staticmethod
    async def answer() -> str:
        return "paid"


async def _make(context: Context, *, name: str, count: int) -> UUID:
    if len(name) > 20:
        raise NameTooLong(longest=20).at("input", "name")
    holder = await context.db.scalar(sa.select(thing.c.id).where(thing.c.name == name))
    if holder is not None:
        raise NameTaken(name=name, holder=holder).at("input", "name")
    made: UUID = (
        await context.db.execute(sa.insert(thing).values(name=name, count=count).returning(thing.c.id))
    ).scalar_one()
    context.record("Thing", made, {"name": (None, name), "count": (None, count)})
    return made


@mutation(NameTaken, needs="things.manage")
async def thing_make(context: Context, input: ThingInput) -> Thing:
    """Make a thing."""
    return row(Thing, await _make(context, name=input.name, count=input.count))


@mutation(NameTaken, needs="things.manage")
async def thing_describe(context: Context, input: DescribeInput) -> Thing:
    """Make a thing, with or without a name."""
    name = "nameless" if input.name is strawberry.UNSET else input.name or "empty"
    return row(Thing, await _make(context, name=name, count=0))


@mutation(NameTaken, needs="things.manage")
async def things_make(context: Context, names: list[str]) -> ThingsMade:
    """Make several things at once."""
    made = [await _make(context, name=name, count=1) for name in names]
    return ThingsMade(things=rows(Thing, made), first=row(Thing, made[0]), receipt="R-1", cost=None)


@mutation(TooFew, needs="things.manage", key=Key.REQUIRED)
async def thing_take(context: Context, id: strawberry.ID, count: int) -> Thing:
    """Take some of a thing away."""
    taken = sa.update(thing).where(thing.c.id == UUID(id), thing.c.count >= count)
    if not (await context.db.execute(taken.values(count=thing.c.count - count))).rowcount:
        left = await context.db.scalar(sa.select(thing.c.count).where(thing.c.id == UUID(id)))
        raise TooFew(shortages=(Shortage(id=UUID(id), left=left or 0),))
    return row(Thing, UUID(id))


@mutation(NameTaken, needs="things.manage", transaction=Transaction.MANUAL)
async def thing_buy(context: Context, name: str) -> Thing:
    """Make a thing, pay for it outside, and count it: two transactions with a call between them."""
    async with transaction(context) as inner:
        found = await inner.db.scalar(sa.select(thing.c.id).where(thing.c.name == name))
        bought = found or await _make(inner, name=name, count=0)
    Outside.calls.append(context.claim)
    await Outside.answer()
    async with transaction(context) as inner:
        await inner.db.execute(sa.update(thing).where(thing.c.id == bought).values(count=1))
    return row(Thing, bought)


@mutation(needs="things.manage")
async def thing_break(context: Context) -> Thing:
    """Fail in a way that nobody declared."""
    await _make(context, name="lost", count=1)
    raise NeverDeclared


@mutation(needs=SIGNED_IN, key=Key.IGNORED)
async def secret_make(context: Context) -> ThingsMade:
    """Answer with something that is told once."""
    made = await _make(context, name=str(context.now), count=1)
    return ThingsMade(things=[], first=row(Thing, made), receipt="secret", cost=1)


@mutation(NameTaken, needs=PUBLIC, limit=Limit(per_minute=3))
async def thing_report(context: Context, name: str) -> Thing:
    """Make a thing that failed attempts are remembered of."""

    async def remember(kept: Context) -> None:
        await _make(kept, name=f"tried {name}", count=0)

    context.keep(remember)
    return row(Thing, await _make(context, name=name, count=0))


class Between:
    """What happens between two statements of `things_swap`: a test says what."""

    @staticmethod
    async def statements(first: str) -> None:
        """Nothing, unless a test puts something in its place."""


@mutation(needs="things.manage")
async def things_swap(context: Context, first: str, second: str) -> ThingsMade:
    """Exchange the counts of two things, locking one after the other."""
    one = (await context.db.execute(sa.select(thing).where(thing.c.name == first).with_for_update())).one()
    await Between.statements(first)
    two = (await context.db.execute(sa.select(thing).where(thing.c.name == second).with_for_update())).one()
    fewer, more = one._mapping["count"], two._mapping["count"]
    for id, before, after in ((one.id, fewer, more), (two.id, more, fewer)):
        await context.db.execute(sa.update(thing).where(thing.c.id == id).values(count=after))
        context.record("Thing", id, {"count": (before, after)}, reason="swap")
        context.announce(ThingCounted(thing_id=id, count=after))
    return ThingsMade(things=rows(Thing, [one.id, two.id]), first=row(Thing, one.id), receipt="", cost=None)


@dataclass(frozen=True, kw_only=True)
class ThingCounted(Event):
    """How many there are of a thing changed."""

    thing_id: UUID
    count: int


@mutation(NameTaken, needs="things.manage")
async def thing_check(context: Context, input: ThingInput) -> Thing:
    """Make a thing, having asked how far the permission goes."""
    check_scope(context, "things.manage", amount=0)
    return row(Thing, await _make(context, name=input.name, count=input.count))
