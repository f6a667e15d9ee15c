"""A mail as it travels (RFC 5322), in two forms: text, and HTML."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from .templates import Written, one_line


@dataclass(frozen=True)
class Address:
    """Somebody's mail address."""

    email: str
    name: str = ""

    def as_header(self) -> HeaderAddress:
        """As a header names him: the domain in ASCII, the name on one line."""
        local, _, domain = self.email.rpartition("@")
        ascii_domain = domain.encode("idna").decode("ascii")
        return HeaderAddress(one_line(self.name), username=local, domain=ascii_domain)


def compose(written: Written, *, sender: Address, to: Address, message_id: str, at: datetime) -> EmailMessage:
    """The message. `message_id` stays the same when it is sent again, so that it is known again."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = written.subject
    message["From"] = sender.as_header()
    message["To"] = to.as_header()
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message
