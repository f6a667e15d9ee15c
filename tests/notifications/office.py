"""Where tests hand in events, and see what becomes of them."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from tests.factories.shop import NOW
from tests.people import person_id
from tests.platform.mail.post import Post

from mercer.modules import MODULES
from mercer.notifications import jobs, service
from mercer.notifications.models import MailTemplate, Recipient
from mercer.platform.actors import Origin
from mercer.platform.context import Context
from mercer.platform.events import Event
from mercer.platform.jobs.registry import registry_of
from mercer.platform.jobs.worker import Worker
from mercer.platform.transactions import transaction

NOWHERE = Origin()
CHANGE, KEY = UUID(int=1), UUID(int=2)
"""The change of address and the API key of the fixture `bureau`."""
CUSTOMER = person_id("customer")
STAFF = person_id("analyst")


@dataclass(frozen=True)
class Office:
    """A shop's database and its mail server."""

    opens: ClassVar = NOW

    context: Context
    post: Post

    async def announce(self, *events: Event, origin: Origin = NOWHERE) -> None:
        """Commit events, and have the worker do all that follows from them."""
        async with transaction(replace(self.context, origin=origin)) as within:
            for event in events:
                within.announce(event)
        await self.work_off()

    async def work_off(self) -> None:
        await Worker(now=lambda: self.context, registry=registry_of(MODULES), at_once=2, drain_s=10).work_off()

    async def queue(self, template: MailTemplate, recipient: Recipient) -> UUID:
        """A mail that waits for its job."""
        async with transaction(self.context) as within:
            mail_id = await service.queue_mail(within, template=template, recipient=recipient, send=jobs.send_mail)
        assert mail_id is not None
        return mail_id

    async def deliver(self, mail_id: UUID, *, after: timedelta = timedelta()) -> None:
        await service.deliver_mail(self.at(after), mail_id=mail_id)

    def at(self, after: timedelta) -> Context:
        return replace(self.context, now=NOW + after)

    async def sql(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.context.database.transaction() as connection:
            result = await connection.execute(sa.text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    @property
    def messages(self) -> list[EmailMessage]:
        return self.post.messages


def words(message: EmailMessage) -> tuple[str, str]:
    """A mail's text and its HTML."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def token_in(text: str) -> str:
    """The token that a mail's link brings."""
    found = re.search(r"#token=([A-Za-z0-9_-]{43})\b", text)
    assert found is not None
    return found[1]
