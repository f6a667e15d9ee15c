"""Authenticator apps, and people who have one."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from tests.identity.people import Person

from mercer.identity import service
from mercer.platform.actors import Actor, ActorKind
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

STEP = timedelta(seconds=30)


@dataclass(frozen=True)
class App:
    """What somebody has on his phone, and the recovery codes that he wrote down."""

    secret: str
    id: UUID
    recovery_codes: tuple[str, ...] = ()

    def code(self, now: datetime, *, steps: int = 0) -> str:
        """What it shows now, or so many steps later."""
        return code_of(self.secret, now, steps=steps)


def code_of(secret: str, now: datetime, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(now + steps * STEP)


def as_person(context: Context, person: Person, *permissions: str) -> Context:
    """The context as somebody has it who is signed in."""
    kind = ActorKind.CUSTOMER if person.token.startswith("mercer_shop_") else ActorKind.STAFF
    held = frozenset(permissions)
    actor = Actor(kind=kind, id=person.id, session_id=person.session_id, permissions=held)
    return replace(context, actor=actor)


def later(context: Context, **passed: float) -> Context:
    return replace(context, now=context.now + timedelta(**passed))


async def with_app(context: Context, person: Person, *, name: str = "Phone") -> tuple[Person, App]:
    """Somebody with one more app, and the token that his session goes on with. The last step's code is used up."""
    async with transaction(as_person(context, person)) as inner:
        made = await service.create_factor(inner, name=name)
    async with transaction(as_person(context, person)) as inner:
        code = code_of(made.secret, context.now, steps=-1)
        told = await service.confirm_factor(inner, factor_id=made.id, code=code)
    return replace(person, token=told.session.token), App(made.secret, made.id, told.recovery_codes)
