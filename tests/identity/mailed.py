"""What the jobs that write mails do: they issue the tokens."""

from typing import Any
from uuid import UUID

from tests.identity.people import Person, rows

from mercer.identity import service
from mercer.identity.models import TokenPurpose
from mercer.platform.context import Context
from mercer.platform.transactions import transaction

LATEST = """SELECT id FROM identity.email_change WHERE customer_id = :id ORDER BY requested_at DESC, id DESC LIMIT 1"""


async def mailed(context: Context, person: Person | UUID, purpose: TokenPurpose, **more: Any) -> str:
    """A token, as it stands in the mail to somebody."""
    id = person if isinstance(person, UUID) else person.id
    is_staff = isinstance(person, Person) and person.token.startswith("mercer_admin_")
    owner: dict[str, Any] = {"staff_id" if is_staff else "customer_id": id}
    async with transaction(context) as inner:
        return await service.issue_token(inner, purpose=purpose, **owner, **more)


async def mailed_of_change(
    context: Context, person: Person, purpose: TokenPurpose, *, change_id: UUID | None = None
) -> str:
    """A token about his latest change of address, or another one."""
    if change_id is None:
        [(change_id,)] = await rows(context, LATEST, id=person.id)
    return await mailed(context, person, purpose, email_change_id=change_id)
