"""Somebody is signed in on several devices, and keeps an eye on them; a token is stolen; staff help out."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.callers import Caller, admin_caller, calling, shop_caller
from tests.factories.shop import NOW, US
from tests.fixtures import writing
from tests.journeys.sale_documents import REGISTER, VERIFY, asked, mails_to
from tests.notifications.office import words
from tests.platform.mail.post import Post, running
from tests.working import work_off

from mercer.channels.service import store_channels
from mercer.platform.settings import Settings

EMAIL, PASSWORD = "jo@example.org", "a-cup-of-tea-at-five"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"
    " Mobile/15E148 Safari/604.1"
)
SIGN_IN = """mutation ($email: String!, $password: String!) {
    sessionCreate(email: $email, password: $password, isRefreshable: true) {
        ... on Session { token refreshToken expiresAt } ... on Error { code } } }"""
REFRESH = """mutation ($token: String!) { sessionRefresh(refreshToken: $token) {
    ... on Session { token refreshToken } ... on Error { code message } } }"""
SESSIONS = """{ mySessions(sort: {field: CREATED_AT, direction: ASC}) { nodes {
    id device isCurrent isRefreshable factorLevel lastSeenAt } } }"""
REVOKE = "mutation ($id: ID!) { sessionRevoke(id: $id) { ... on SessionsEnded { count } ... on Error { code } } }"
REVOKE_OTHERS = "mutation { sessionRevokeOthers { ... on SessionsEnded { count } } }"
CUSTOMERS_SESSIONS = """query ($email: String!) { customers(filter: {email: {eq: $email}}) { nodes {
    id sessions { id device } } } }"""
STAFF_REVOKE = """mutation ($id: ID!) { customerSessionRevoke(id: $id) {
    ... on SessionsEnded { count } ... on Error { code } } }"""
STAFF_REVOKE_ALL = """mutation ($id: ID!) { customerSessionsRevoke(customerId: $id) {
    ... on SessionsEnded { count } ... on Error { code } } }"""


@dataclass
class Shop:
    """A shop whose clock the journey moves."""

    settings: Settings
    post: Post
    now: datetime = NOW
    http: httpx2.AsyncClient | None = None

    async def at(self, user_agent: str) -> "Device":
        """Somebody signs in there."""
        assert self.http is not None
        guest = shop_caller(self.http, **{"User-Agent": user_agent})
        found = (await guest(SIGN_IN, {"email": EMAIL, "password": PASSWORD}))["sessionCreate"]
        return Device(guest, found["token"], found["refreshToken"])

    async def mailed(self) -> None:
        await work_off(self.settings, now=self.now)


@dataclass
class Device:
    """An app that keeps the tokens that it was told."""

    guest: Caller
    token: str
    refresh_token: str

    async def __call__(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        return await self.guest(query, variables, authorization=f"Bearer {self.token}")

    async def refused(self) -> bool:
        answer = await self.guest.send("{ me { email } }", authorization=f"Bearer {self.token}")
        return answer.status_code == 401

    async def refresh(self) -> str | None:
        """It takes the next tokens; the code if there are none."""
        found = (await self.guest(REFRESH, {"token": self.refresh_token}))["sessionRefresh"]
        if "code" in found:
            return str(found["code"])
        self.token, self.refresh_token = found["token"], found["refreshToken"]
        return None


@pytest.fixture
async def shop(fresh: Settings) -> AsyncIterator[Shop]:
    async with running(Post()) as post, _open(fresh.model_copy(update={"smtp_url": post.url}), post) as shop:
        yield shop


@asynccontextmanager
async def _open(settings: Settings, post: Post) -> AsyncIterator[Shop]:
    async with writing(settings) as context:
        await store_channels(context, channels=[US])
    shop = Shop(settings, post)
    async with calling(settings, now=lambda: shop.now) as http:
        shop.http = http
        guest = shop_caller(http)
        assert await asked(guest, REGISTER, EMAIL, PASSWORD, "Jo") == {"email": EMAIL}
        await shop.mailed()
        [code] = re.findall(r"#token=(\S+)", words(post.messages[0])[0])
        assert await asked(guest, VERIFY, code) == {"isVerified": True}
        yield shop


async def test_somebody_looks_after_his_sessions(shop: Shop) -> None:
    laptop = await shop.at(LAPTOP)
    shop.now += timedelta(minutes=14)
    phone = await shop.at(PHONE)
    found = (await phone(SESSIONS))["mySessions"]["nodes"]
    assert [(each["device"], each["isCurrent"]) for each in found] == [
        ("Firefox on Linux", False),
        ("Safari on iPhone", True),
    ]
    assert {(each["isRefreshable"], each["factorLevel"]) for each in found} == {(True, "PASSWORD")}
    shop.now += timedelta(minutes=2)
    assert [await laptop.refused(), await phone.refused()] == [True, False]
    assert await laptop.refresh() is None
    assert not await laptop.refused()
    assert await laptop(REVOKE, {"id": found[1]["id"]}) == {"sessionRevoke": {"count": 1}}
    assert [await phone.refused(), await phone.refresh()] == [True, "TOKEN_UNUSABLE"]
    others = [await shop.at(PHONE), await shop.at("curl/8.5.0")]
    assert await laptop(REVOKE_OTHERS) == {"sessionRevokeOthers": {"count": 2}}
    assert [await each.refused() for each in (laptop, *others)] == [False, True, True]
    left = (await laptop(SESSIONS))["mySessions"]["nodes"]
    assert [(each["id"], each["isCurrent"]) for each in left] == [(found[0]["id"], True)]


async def test_a_stolen_refresh_token_helps_nobody_for_long(shop: Shop) -> None:
    laptop, phone = await shop.at(LAPTOP), await shop.at(PHONE)
    thief = Device(laptop.guest, laptop.token, laptop.refresh_token)
    shop.now += timedelta(minutes=15)
    assert await thief.refresh() is None
    shop.now += timedelta(minutes=5)
    assert await laptop.refresh() == "TOKEN_UNUSABLE"
    assert [await laptop.refused(), await thief.refused(), await thief.refresh()] == [True, True, "TOKEN_UNUSABLE"]
    assert await phone.refresh() is None  # it is another session
    await shop.mailed()
    subjects = [message["Subject"] for message in mails_to(shop.post, EMAIL)]
    assert subjects[1:] == ["A session of your account at Mercer was ended"]
    assert "Firefox on Linux" in words(mails_to(shop.post, EMAIL)[1])[0]


async def test_staff_end_the_sessions_of_somebody_who_asks_for_it(shop: Shop) -> None:
    assert shop.http is not None
    devices = [await shop.at(user_agent) for user_agent in (LAPTOP, PHONE, LAPTOP)]
    support, analyst = (admin_caller(shop.http, role=role) for role in ("customer_support", "analyst"))
    [customer] = (await support(CUSTOMERS_SESSIONS, {"email": EMAIL}))["customers"]["nodes"]
    [phone] = [each for each in customer["sessions"] if each["device"] == "Safari on iPhone"]
    assert (await analyst.send(STAFF_REVOKE, {"id": phone["id"]})).status_code == 403
    assert [await each.refused() for each in devices] == [False, False, False]
    assert await support(STAFF_REVOKE, {"id": phone["id"]}) == {"customerSessionRevoke": {"count": 1}}
    assert [await each.refused() for each in devices] == [False, True, False]
    assert await support(STAFF_REVOKE_ALL, {"id": customer["id"]}) == {"customerSessionsRevoke": {"count": 2}}
    assert [await each.refused() for each in devices] == [True, True, True]
    assert [await each.refresh() for each in devices] == ["TOKEN_UNUSABLE"] * 3
    assert not await (await shop.at(LAPTOP)).refused()
