from datetime import UTC, datetime

import pytest

from mercer.platform.mail import Address, Written, compose

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
WRITTEN = Written(subject="Grüße", text="Hallo Öl\n", html="<p>Hallo Öl</p>")


def test_a_message_has_what_mail_servers_want() -> None:
    sender, to = Address("shop@example.com", "Larkmoor & Söhne"), Address("ada@example.org", "Ada Lovelace")
    message = compose(WRITTEN, sender=sender, to=to, message_id="<1@example.com>", at=AT)
    assert dict(message.items()) == {
        "Subject": "Grüße",
        "From": "Larkmoor & Söhne <shop@example.com>",
        "To": "Ada Lovelace <ada@example.org>",
        "Date": "Sun, 22 Nov 2026 12:30:00 +0000",
        "Message-ID": "<1@example.com>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), text.get_content()) == ("text/plain", "Hallo Öl\n")
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<p>Hallo Öl</p>\n")
    assert max(len(line) for line in message.as_bytes().split(b"\r\n")) < 999


@pytest.mark.parametrize(
    "name",
    [
        "Eve\r\nBcc: everybody@example.com",
        "Eve\nBcc: everybody@example.com",
        "Eve\x00\x0b\x0c\u2028Bcc: everybody@example.com",
        '"Eve" <eve@example.com>, everybody@example.com',
    ],
)
def test_a_name_adds_no_header_and_no_recipient(name: str) -> None:
    sender, to = Address("shop@example.com"), Address("ada@example.org", name)
    message = compose(WRITTEN, sender=sender, to=to, message_id="<1@example.com>", at=AT)
    assert message["Bcc"] is None
    assert [each.addr_spec for each in message["To"].addresses] == ["ada@example.org"]
    assert b"\nBcc:" not in message.as_bytes()


def test_domains_travel_in_ascii() -> None:
    message = compose(WRITTEN, sender=Address("a@b.example"), to=Address("ada@bücher.example"), message_id="<1>", at=AT)
    assert message["To"].addresses[0].addr_spec == "ada@xn--bcher-kva.example"
