"""How mails leave: by SMTP, or into a folder where a developer finds them."""

import asyncio
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from mercer.platform.settings import Settings

TIMEOUT_S = 20
"""How long the server may take for each of its answers."""

_PERMANENT = range(500, 600)

log = structlog.get_logger("mercer.mail")


class MailRefused(Exception):
    """The server will never take this mail: its recipient, or what it says."""


class MailDelayed(Exception):
    """The mail could not be sent now. Later it may be."""


async def send(settings: Settings, message: EmailMessage, *, name: str) -> None:
    """Hand a mail over. `name` is what its files are called in the folder. Raises `MailRefused`, `MailDelayed`.

    Neither failure says whom the mail was for. When the answer is lost after the mail was handed over, it counts as
    not sent: a mail may come twice, with the same Message-ID, but none is lost.
    """
    if settings.smtp_url is not None:
        await _send_by_smtp(settings.smtp_url, message)
    elif settings.is_production:
        raise MailDelayed("MERCER_SMTP_URL is not set")
    else:
        place = await asyncio.to_thread(_write, settings.data_dir.absolute() / "mails", name, message)
        log.info("mail_written", mail=name, read=place.as_uri())


async def _send_by_smtp(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    try:
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port or (465 if is_tls else 25),
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            use_tls=is_tls,
            start_tls=True if parts.username is not None and not is_tls else None if not is_tls else False,
            timeout=TIMEOUT_S,
        )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        _judge(refused.recipients[0].code)
    except aiosmtplib.SMTPDataError as refused:
        _judge(refused.code)
    except aiosmtplib.SMTPNotSupported:
        raise MailRefused("the server cannot write to such an address") from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
        # Also when the server refuses us, by our name or password: the operator may put that right.
        raise MailDelayed(type(fault).__name__) from None


def _judge(code: int) -> None:
    """Say which it is (RFC 5321, 4.2.1). Raises `MailRefused`, `MailDelayed`."""
    if code in _PERMANENT:
        raise MailRefused(f"the server answered {code}") from None
    raise MailDelayed(f"the server answered {code}") from None


def _write(folder: Path, name: str, message: EmailMessage) -> Path:
    """Write the message, and its HTML beside it, readable for us alone: there are tokens in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    html = message.get_body(("html",))
    page = folder / f"{name}.html"
    for path, content in (
        (folder / f"{name}.eml", message.as_bytes()),
        (page, html.get_content().encode() if html else b""),
    ):
        path.touch(mode=0o600)
        path.write_bytes(content)
    return page
