"""What people are told by mail when something happens to their accounts, and where its links lead them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from tests.callers import Caller, shop_caller
from tests.journeys.sale_documents import REGISTER, SIGN_IN, VERIFY, asked, mails_to
from tests.notifications.office import token_in, words
from tests.platform.mail.post import Post, running
from tests.trading import Trade, a_trade

from mercer.platform.settings import Settings

EMAIL, PASSWORD = "jo@example.org", "seven-slow-herons-at-noon"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
UNLOCK = 'mutation{ signInUnlock(token: "…") { ... on SignInUnlocked { isUnlocked } ... on Error { code } } }'
CHANGE = """mutation{ passwordChange(current: "…", password: "…") {
    ... on SessionsEnded { count } ... on Error { code } } }"""
NEW_KEY = """mutation{ apiKeyCreate(input: {name: "Stock feed", permissions: ["stock.read"]}) {
    ... on ApiKeyIssued { apiKey { id prefix } key } ... on Error { code } } }"""
REVOKE = 'mutation{ apiKeyRevoke(id: "…") { ... on ApiKey { id } ... on Error { code } } }'
PREVIEW = """query ($id: ID!) { mailPreview(template: API_KEY_CREATED, language: "de", id: $id) { subject text } }"""
MAILS = "{ mails { nodes { template state staff { email } } } }"


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with running(Post()) as post:
        yield post


@pytest.fixture
async def trade(fresh: Settings, post: Post) -> AsyncIterator[Trade]:
    links = {"storefront_url": "https://larkmoor.example", "dashboard_url": "https://staff.larkmoor.example"}
    settings = fresh.model_copy(update={"smtp_url": post.url, "shop_name": "Larkmoor", **links})
    async with a_trade(settings) as trade:
        yield trade


async def letters(trade: Trade, post: Post, address: str) -> list[EmailMessage]:
    await trade.work(ticking=False)
    return mails_to(post, address)


async def test_whose_account_is_guessed_at_goes_on_by_mail(trade: Trade, post: Post) -> None:
    german = shop_caller(trade.http, **{"X-Mercer-Channel": "eu", "Accept-Language": "de", "User-Agent": FIREFOX})
    await asked(german, REGISTER, EMAIL, PASSWORD, "Jo")
    [welcome] = await letters(trade, post, EMAIL)
    await asked(german, VERIFY, token_in(words(welcome)[0]))
    for _ in range(21):
        assert (await asked(german, SIGN_IN, EMAIL, "a wrong password"))["code"] == "CREDENTIALS_WRONG"
        trade.clock.later(minutes=16)
    for _ in range(20):
        await asked(german, SIGN_IN, EMAIL, "a wrong password")
    assert (await asked(german, SIGN_IN, EMAIL, PASSWORD))["code"] == "TOO_MANY_ATTEMPTS"
    _, unlock = await letters(trade, post, EMAIL)
    text = words(unlock)[0]
    assert unlock["Subject"] == "Melden Sie sich wieder bei Larkmoor an"
    assert text.startswith("Guten Tag Jo,")
    assert "Gerät: Firefox on Linux" in text
    assert "https://larkmoor.example/sign-in/unlock#token=" in text
    assert await asked(german, UNLOCK, token_in(text)) == {"isUnlocked": True}
    assert await asked(german, UNLOCK, token_in(text)) == {"code": "TOKEN_UNUSABLE"}
    entered = await asked(german, SIGN_IN, EMAIL, PASSWORD)
    jo = replace(german, headers={**german.headers, "Authorization": f"Bearer {entered['token']}"})
    assert await asked(jo, CHANGE, PASSWORD, "four quiet lamps in fog") == {"count": 0}
    changed = (await letters(trade, post, EMAIL))[-1]
    assert changed["Subject"] == "Ihr Passwort bei Larkmoor wurde geändert"
    assert "Gerät: Firefox on Linux" in words(changed)[0]


async def test_administrators_hear_of_new_keys(trade: Trade, post: Post) -> None:
    boss: Caller = trade.admin
    made: dict[str, Any] = await asked(boss, NEW_KEY)
    [letter] = await letters(trade, post, "administrator@example.com")
    text = words(letter)[0]
    assert letter["Subject"] == "New API key at Larkmoor: Stock feed"
    assert f'You made the API key "Stock feed", which begins with {made["apiKey"]["prefix"]}' in text
    assert made["key"] not in text
    preview = (await boss(PREVIEW, {"id": made["apiKey"]["id"]}))["mailPreview"]
    assert preview["subject"] == "Neuer API-Schlüssel bei Larkmoor: Stock feed"
    assert (await asked(boss, REVOKE, made["apiKey"]["id"]))["id"] == made["apiKey"]["id"]
    assert (await boss(MAILS))["mails"]["nodes"] == [
        {"template": "API_KEY_CREATED", "state": "SENT", "staff": {"email": "administrator@example.com"}}
    ]
