"""What goes wrong with mails."""

from dataclasses import dataclass

from mercer.platform.errors import DomainError


@dataclass(eq=False)
class MailUnknown(DomainError):
    """There is no such mail."""


@dataclass(eq=False)
class MailUnfinished(DomainError):
    """This mail is still on its way."""


@dataclass(eq=False)
class MailSentOnce(DomainError):
    """This mail gives an account to whoever reads it: it is not sent again. Do anew what it was sent for."""


@dataclass(eq=False)
class MailUnsent(DomainError):
    """The mail could not be sent. It is tried again."""

    problem: str
