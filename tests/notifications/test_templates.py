"""What every mail says, in every language."""

import re
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest
from jinja2 import UndefinedError

from mercer.identity.rules.sessions import LIFETIMES
from mercer.notifications.models import MailTemplate
from mercer.notifications.rules import KINDS, LANGUAGES, hinted, link, moment, span, spoken
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
    "is_staff": False,
    "valid": "72 moons",
    "when": "22 November 2026, 12:00 UTC",
    "device": "Firefox on Windows",
    "ip": "192.0.2.7",
    "new_email": "b***@example.org",
    "codes_left": 7,
    "session": {"when": "1 November 2026, 09:00 UTC", "device": "Safari on iPhone", "ip": "192.0.2.8"},
    "key": {"name": "Stock feed", "prefix": "mercer_key_ab12", "maker": "Grace", "is_own": False},
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
    assert ("72 moons" in written.text) is ("72 moons" in written.html) is has_token
    assert not re.search(r"\n\n\n|[^-] \n", written.text)


TO_BOTH = [each for each in ALL if KINDS[each[0]].path is not None and KINDS[each[0]].staff_path is not None]


@pytest.mark.parametrize(("template", "language"), TO_BOTH)
def test_staff_read_what_is_theirs_to_do(template: MailTemplate, language: str) -> None:
    to_staff, to_customer = write(template, language, is_staff=True), write(template, language)
    staff, administrator = (
        ("staff account", "administrator") if language == "en" else ("Mitarbeiterkonto", "Administrator")
    )
    for said in (to_staff.text, to_staff.html):
        assert staff in said
        assert (administrator in said) is (template is not MailTemplate.UNLOCK)
    assert not re.search(f"{staff}|{administrator}", to_customer.text + to_customer.html)
    assert to_staff.subject != to_customer.subject or template is MailTemplate.UNLOCK


@pytest.mark.parametrize(("template", "language"), ALL)
def test_what_is_not_known_of_an_occasion_is_not_said(template: MailTemplate, language: str) -> None:
    nowhere = {"device": None, "ip": None}
    said = write(template, language)
    bare = write(template, language, **nowhere, session=None)
    assert ("Firefox on Windows" in said.text) is ("192.0.2.7" in said.html) is (VALUES["when"] in bare.text)
    assert not re.search(r"None|Device|Gerät|IP|\(opened|\(begonnen|<br />\s*<", bare.text + bare.html)
    assert not re.search(r"\n\n\n", bare.text)


@pytest.mark.parametrize(
    ("left", "said"),
    [(0, ("There is none left", "Es ist keiner übrig")), (1, ("There is one left", "Es ist einer übrig"))],
)
def test_few_recovery_codes_are_counted_in_words(left: int, said: tuple[str, str]) -> None:
    for language, words in zip(LANGUAGES, said, strict=True):
        written = write(MailTemplate.RECOVERY_CODE_USED, language, codes_left=left)
        assert words in written.text
        assert words in written.html
    assert "There are 7 left" in write(MailTemplate.RECOVERY_CODE_USED, "en").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_made_a_key_is_asked_whether_it_was_he(language: str) -> None:
    key = {**VALUES["key"], "is_own": True}
    own = write(MailTemplate.API_KEY_CREATED, language, key=key).text
    assert ("You made the API key" if language == "en" else "Sie haben bei Larkmoor den API-Schlüssel") in own
    assert "Grace" not in own
    others = write(MailTemplate.API_KEY_CREATED, language).text
    assert ("Grace made" if language == "en" else "Grace hat") in others
    nobodys = write(MailTemplate.API_KEY_CREATED, language, key={**VALUES["key"], "maker": None}).text
    assert ("The shop has" if language == "en" else "jemand hat") in nobodys


@pytest.mark.parametrize(("template", "language"), ALL)
def test_no_mail_names_anything_but_the_shops_own_address(template: MailTemplate, language: str) -> None:
    written = write(template, language)
    addresses = set(re.findall(r"(?:https?:)?//[^\s\"'<>)]+", f"{written.text}\n{written.html}")) - NAMESPACES
    assert addresses == {VALUES["link"]} | ({TRACKED} if KINDS[template].is_about_shipment else set())
    assert not re.search(r"<img|<link|@import|url\(|<script|src=", written.html)


@pytest.mark.parametrize(("template", "language"), ALL)
def test_what_people_are_called_is_text(template: MailTemplate, language: str) -> None:
    key = {"name": HOSTILE, "prefix": "<b>", "maker": HOSTILE, "is_own": False}
    placed = {"when": "<b>", "device": "<b>", "ip": "<b>", "session": {"when": "<b>", "device": "<b>", "ip": "<b>"}}
    written = write(template, language, name=HOSTILE, shop=HOSTILE, email='"<b>"@example.org', key=key, **placed)
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
    names = [*MailTemplate, "occasion"]
    files = {f"{name}.{language}.{form}" for name, language in product(names, LANGUAGES) for form in ("txt", "mjml")}
    assert set(TEMPLATES.names) == {*files, "base.mjml"}
    assert set(KINDS) == set(MailTemplate)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (1, ("one hour", "einer Stunde")),
        (24, ("24 hours", "24 Stunden")),
        (36, ("36 hours", "36 Stunden")),
        (72, ("3 days", "3 Tagen")),
        (168, ("7 days", "7 Tagen")),
    ],
)
def test_spans_are_said_as_people_say_them(hours: int, said: tuple[str, str]) -> None:
    assert (span(hours, "en"), span(hours, "de")) == said


def test_times_name_their_zone() -> None:
    at = datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert moment(at, "en") == "November 23, 2026, 04:30 UTC"
    assert moment(at, "de") == "23. November 2026, 04:30 UTC"


@pytest.mark.parametrize(
    ("email", "hint"),
    [("ada@example.org", "a***@example.org"), ("a@b@example.org", "a***@example.org"), ("@x", "***@x")],
)
def test_addresses_are_hinted_at(email: str, hint: str) -> None:
    assert hinted(email) == hint


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
    changed, unlock = KINDS[MailTemplate.PASSWORD_CHANGED], KINDS[MailTemplate.UNLOCK]
    assert link(settings, changed, None, is_to_staff=True) == "https://staff.example/"
    assert link(settings, unlock, "abc", is_to_staff=True) == "https://staff.example/sign-in/unlock#token=abc"
    assert link(settings, unlock, "abc") == f"{HOME}/de/sign-in/unlock#token=abc"
    confirmation = KINDS[MailTemplate.ORDER_CONFIRMATION]
    assert link(settings, confirmation, "abc", number="US-1001") == f"{HOME}/de/orders/US-1001#token=abc"
    assert link(settings, confirmation, "abc", number="../a b#") == f"{HOME}/de/orders/..%2Fa%20b%23#token=abc"
    assert link(load_settings(port=9000), KINDS[MailTemplate.PASSWORD_CHANGED], None) == "http://127.0.0.1:9000/account"
