"""What every mail says, in every language."""

import re
import socket
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from jinja2 import UndefinedError

from mercer.identity.rules.sessions import LIFETIMES
from mercer.notifications.models import MailTemplate
from mercer.notifications.rules import KINDS, LANGUAGES, link, spoken
from mercer.notifications.service.ordering import SaidLine
from mercer.notifications.service.writing import TEMPLATES
from mercer.platform.mail import Written
from mercer.platform.settings import load_settings

HOME = "https://larkmoor.example"
TRACKED = "https://carrier.example/track?id=AB-1"
ORDER: Mapping[str, Any] = {
    "number": "US-1001",
    "lines": [SaidLine(2, "Steel Mug, red", "$25.00"), SaidLine(1, "Clay Cup", "$9.50")],
    "subtotal": "$34.50",
    "discount": "$1.00",
    "shipping_name": "Standard",
    "shipping": "$5.00",
    "tax": "$3.17",
    "is_tax_included": False,
    "total": "$42.67",
    "ships_to": ["Ada Lovelace", "1 Main St", "NEW YORK, NY 10001"],
    "bills_to": ["Ada Byron", "2 Side St", "BOSTON, MA 02108"],
}
SHIPMENT: Mapping[str, Any] = {
    "lines": [SaidLine(2, "Steel Mug, red", "")],
    "carrier": "DHL",
    "tracking_number": "AB-1",
    "tracking_url": TRACKED,
}
VALUES: Mapping[str, Any] = {
    "shop": "Larkmoor",
    "color": "#123456",
    "name": "Ada",
    "email": "ada@example.org",
    "link": f"{HOME}/account/x#token=abc_-1",
    "hours": 72,
    "order": ORDER,
    "shipment": SHIPMENT,
}
ALL = list(product(MailTemplate, LANGUAGES))
NAMESPACES = {"http://www.w3.org/1999/xhtml"}

HOSTILE = (
    """</mj-text></mj-column><mj-raw><script src=//evil.example></script></mj-raw>{{ shop }}{% raw %}&amp;"'<!-- ]]>"""
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a mail was about to reach for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def write(template: MailTemplate, language: str, **changes: Any) -> Written:
    return TEMPLATES.write(template, language=language, values={**VALUES, **changes})


@pytest.mark.parametrize(("template", "language"), ALL)
def test_every_mail_is_written(template: MailTemplate, language: str) -> None:
    written = write(template, language)
    assert written.subject
    for said in (written.text, written.html):
        assert "Larkmoor" in said
        assert "ada@example.org" in said
        assert VALUES["link"] in said
        assert not re.search(r"\{\{|\}\}|\{%|</?mj-|undefined|None", said)
    assert re.search(r"(Hello|Guten Tag) Ada,", written.text)
    assert "#123456" in written.html
    assert f'lang="{language}"' in written.html
    has_token = KINDS[template].purpose is not None
    assert ("72" in written.text) is ("72" in written.html) is has_token


@pytest.mark.parametrize(("template", "language"), ALL)
def test_no_mail_names_anything_but_the_shops_own_address(template: MailTemplate, language: str) -> None:
    written = write(template, language)
    addresses = set(re.findall(r"(?:https?:)?//[^\s\"'<>)]+", f"{written.text}\n{written.html}")) - NAMESPACES
    assert addresses == {VALUES["link"]} | ({TRACKED} if KINDS[template].is_about_shipment else set())
    assert not re.search(r"<img|<link|@import|url\(|<script|src=", written.html)


@pytest.mark.parametrize(("template", "language"), ALL)
def test_what_people_are_called_is_text(template: MailTemplate, language: str) -> None:
    written = write(template, language, name=HOSTILE, shop=HOSTILE, email='"<b>"@example.org')
    assert "<script" not in written.html
    assert "&lt;script src=//evil.example&gt;" in written.html
    assert "<b>" not in written.html
    assert HOSTILE in written.text
    assert "\n" not in written.subject


@pytest.mark.parametrize(("template", "language"), [each for each in ALL if KINDS[each[0]].is_about_order], ids=str)
def test_what_buyers_and_staff_wrote_is_text(template: MailTemplate, language: str) -> None:
    lines = [SaidLine(1, HOSTILE, HOSTILE)]
    order = {**ORDER, "lines": lines, "shipping_name": HOSTILE, "ships_to": [HOSTILE], "bills_to": ["x", HOSTILE]}
    shipment = {"lines": lines, "carrier": HOSTILE, "tracking_number": HOSTILE, "tracking_url": None}
    order["number"] = HOSTILE
    written = write(template, language, order=order, shipment=shipment)
    assert "<script" not in written.html
    assert "&lt;script src=//evil.example&gt;" in written.html
    assert "\n" not in written.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confirmation_says_what_was_bought(language: str) -> None:
    written = write(MailTemplate.ORDER_CONFIRMATION, language)
    amounts = ("$25.00", "$9.50", "$34.50", "$1.00", "$5.00", "$3.17", "$42.67")
    words = ("US-1001", "2 x Steel Mug, red", "1 x Clay Cup", "Standard", "1 Main St", "2 Side St", *amounts)
    assert "US-1001" in written.subject
    for said in (written.text, written.html):
        assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_there_is_not_said(language: str) -> None:
    bare = {**ORDER, "discount": None, "shipping_name": None, "ships_to": [], "bills_to": [], "is_tax_included": True}
    written = write(MailTemplate.ORDER_CONFIRMATION, language, order=bare)
    for said in (written.text, written.html):
        assert not re.search(r"None|\(\)|Discounts|Rabatte|Delivered|Lieferadresse|Billed|Rechnungs", said)
        assert re.search(r"\((including|darin) \$3\.17", said)
    same = write(MailTemplate.ORDER_CONFIRMATION, language, order={**ORDER, "bills_to": ORDER["ships_to"]})
    assert same.text.count("1 Main St") == same.html.count("1 Main St") == 1
    nothing: dict[str, Any] = {"lines": [], "carrier": None, "tracking_number": None, "tracking_url": None}
    plain = write(MailTemplate.ORDER_SHIPPED, language, shipment=nothing)
    assert not re.search(r"None|Carrier|Versand mit|Tracking|Sendung", plain.text + plain.html)


@pytest.mark.parametrize(("template", "language"), ALL)
def test_a_link_cannot_leave_its_attribute(template: MailTemplate, language: str) -> None:
    written = write(template, language, link='https://larkmoor.example/"><script>')
    assert "<script" not in written.html


@pytest.mark.parametrize(("template", "language"), ALL)
def test_somebody_without_a_name_is_greeted_too(template: MailTemplate, language: str) -> None:
    written = write(template, language, name="")
    assert re.search(r"^(Hello|Guten Tag),$", written.text, re.MULTILINE)


def test_a_name_that_nobody_gave_is_a_fault() -> None:
    with pytest.raises(UndefinedError):
        TEMPLATES.write(MailTemplate.PASSWORD_RESET, language="en", values={"shop": "Larkmoor"})


def test_there_is_no_other_template() -> None:
    files = {f"{template}.{language}.{form}" for template, language in ALL for form in ("txt", "mjml")}
    assert set(TEMPLATES.names) == {*files, "base.mjml"}
    assert set(KINDS) == set(MailTemplate)


def test_one_hour_is_one_hour() -> None:
    assert "within one hour." in write(MailTemplate.PASSWORD_RESET, "en", hours=1).text
    assert "innerhalb von einer Stunde." in write(MailTemplate.PASSWORD_RESET, "de", hours=1).text


def test_mails_tell_how_long_tokens_work() -> None:
    told = {kind.purpose: kind.valid_hours * 3600 for kind in KINDS.values() if kind.purpose is not None}
    assert told == {purpose: lifetime.total_seconds() for purpose, lifetime in LIFETIMES.items()}


@pytest.mark.parametrize(
    ("language", "written"), [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
)
def test_mails_are_in_a_language_that_somebody_speaks(language: str, written: str) -> None:
    assert spoken(language) == written


def test_links_lead_to_shoppers_or_to_staff() -> None:
    settings = load_settings(storefront_url=f"{HOME}/de/", dashboard_url="https://staff.example")
    assert link(settings, KINDS[MailTemplate.PASSWORD_RESET], "abc") == f"{HOME}/de/account/password#token=abc"
    assert link(settings, KINDS[MailTemplate.ACCOUNT_EXISTS], None) == f"{HOME}/de/account"
    assert link(settings, KINDS[MailTemplate.STAFF_WELCOME], None) == "https://staff.example/"
    confirmation = KINDS[MailTemplate.ORDER_CONFIRMATION]
    assert link(settings, confirmation, "abc", number="US-1001") == f"{HOME}/de/orders/US-1001#token=abc"
    assert link(settings, confirmation, "abc", number="../a b#") == f"{HOME}/de/orders/..%2Fa%20b%23#token=abc"
    assert link(load_settings(port=9000), KINDS[MailTemplate.PASSWORD_CHANGED], None) == "http://127.0.0.1:9000/account"
