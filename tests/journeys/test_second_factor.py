"""Somebody protects his account with an authenticator app, loses his phone, and gets a new one."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp
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

EMAIL, PASSWORD = "kim@example.org", "seven-slow-herons-at-noon"
SIGN_IN = """mutation ($email: String!, $password: String!) { sessionCreate(email: $email, password: $password) {
    ... on Session { token } ... on FactorRequired { challenge factors } ... on Error { code } } }"""
GO_ON = """mutation ($challenge: String!, $code: String, $recovery: String) {
    sessionCreateWithFactor(challenge: $challenge, code: $code, recoveryCode: $recovery) {
        ... on Session { token } ... on Error { code } } }"""
SET_UP = 'mutation { factorCreate(name: "My phone") { ... on FactorSetUp { factor { id } uri } } }'
CONFIRM = """mutation ($id: ID!, $code: String!) { factorConfirm(id: $id, code: $code) {
    ... on FactorConfirmed { recoveryCodes session { token } } ... on Error { code } } }"""
DELETE = "mutation ($id: ID!) { factorDelete(id: $id) { ... on FactorDeleted { id } ... on Error { code } } }"
SHOW = """mutation ($code: String, $recovery: String, $password: String) {
    sessionConfirm(code: $code, recoveryCode: $recovery, password: $password) {
        ... on Session { token } ... on Error { code } } }"""
MINE = "{ myFactors { nodes { id name lastUsedAt } } me { recoveryCodesLeft } }"
NEEDED = """mutation ($id: ID!) { roleUpdate(id: $id, input: { needsFactor: true }) { ... on Role { code } } }"""

FIRST = "Confirm your address for Larkmoor"
ADDED = "A second factor was added to your account at Larkmoor"
REMOVED = "A second factor was removed from your account at Larkmoor"
CODES = "New recovery codes for your account at Larkmoor"
USED = "A recovery code of your account at Larkmoor was used"


@dataclass
class Scene:
    """A shop whose clock the journey moves, and the phones in it."""

    settings: Settings
    post: Post
    http: httpx2.AsyncClient
    now: datetime = NOW

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    def code(self, uri: str) -> str:
        """What a phone shows that has read this QR code."""
        [secret] = parse_qs(urlsplit(uri).query)["secret"]
        return pyotp.TOTP(secret).at(self.now)

    async def subjects(self, email: str) -> list[str]:
        await work_off(self.settings, now=self.now)
        return [str(message["Subject"]) for message in mails_to(self.post, email)]


@pytest.fixture
async def scene(fresh: Settings) -> AsyncIterator[Scene]:
    async with running(Post()) as post:
        settings = fresh.model_copy(update={"smtp_url": post.url, "shop_name": "Larkmoor"})
        async with writing(settings) as context:
            await store_channels(context, channels=[US])
        scene: Any = None
        async with calling(settings, now=lambda: scene.now) as http:
            scene = Scene(settings, post, http)
            guest = shop_caller(http)
            await asked(guest, REGISTER, EMAIL, PASSWORD, "Kim")
            await work_off(settings, now=NOW)
            [token] = re.findall(r"#token=(\S+)", words(post.messages[0])[0])
            assert await asked(guest, VERIFY, token) == {"isVerified": True}
            yield scene


def with_token(caller: Caller, token: str) -> Caller:
    return Caller(caller.http, caller.path, {"Authorization": f"Bearer {token}"})


async def set_up(scene: Scene, caller: Caller) -> tuple[Caller, str, list[str]]:
    """Somebody reads a QR code with his phone, and types what it shows."""
    made = (await caller(SET_UP))["factorCreate"]
    code = scene.code(made["uri"])
    told = (await caller(CONFIRM, {"id": made["factor"]["id"], "code": code}))["factorConfirm"]
    return with_token(caller, told["session"]["token"]), made["uri"], told["recoveryCodes"]


async def first_step(caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = (await caller(SIGN_IN, {"email": EMAIL, "password": PASSWORD}))["sessionCreate"]
    return found


async def test_a_customer_loses_his_phone(scene: Scene) -> None:
    guest = shop_caller(scene.http)
    kim = with_token(guest, (await first_step(guest))["token"])
    kim, phone, codes = await set_up(scene, kim)
    assert sorted(await scene.subjects(EMAIL)) == sorted([FIRST, ADDED, CODES])

    scene.later(days=2)
    asked_for = await first_step(guest)
    assert asked_for["factors"] == ["TOTP"]
    wrong = {"challenge": asked_for["challenge"], "code": "000000"}
    assert await guest(GO_ON, wrong) == {"sessionCreateWithFactor": {"code": "FACTOR_WRONG"}}
    right = {"challenge": asked_for["challenge"], "code": f" {scene.code(phone)[:3]} {scene.code(phone)[3:]}"}
    assert "token" in (await guest(GO_ON, right))["sessionCreateWithFactor"]

    scene.later(days=2)
    asked_for = await first_step(guest)
    written_down = {"challenge": asked_for["challenge"], "recovery": codes[0].lower()}
    kim = with_token(guest, (await guest(GO_ON, written_down))["sessionCreateWithFactor"]["token"])
    before = await kim(MINE)
    assert (before["me"]["recoveryCodesLeft"], len(before["myFactors"]["nodes"])) == (9, 1)

    scene.later(minutes=20)
    refused = (await kim.send(SET_UP)).json()["errors"][0]["extensions"]["code"]
    assert refused == "FRESH_FACTOR_REQUIRED"
    assert await kim(SHOW, {"password": PASSWORD}) == {"sessionConfirm": {"code": "PASSWORD_NOT_ENOUGH"}}
    kim = with_token(guest, (await kim(SHOW, {"recovery": codes[1]}))["sessionConfirm"]["token"])
    kim, new_phone, none = await set_up(scene, kim)
    assert none == []
    old = before["myFactors"]["nodes"][0]["id"]
    assert await kim(DELETE, {"id": old}) == {"factorDelete": {"id": old}}

    scene.later(minutes=1)
    asked_for = await first_step(guest)
    for uri, result in ((phone, "code"), (new_phone, "token")):
        answer = {"challenge": asked_for["challenge"], "code": scene.code(uri)}
        assert result in (await guest(GO_ON, answer))["sessionCreateWithFactor"]
    mailed = [FIRST, ADDED, CODES, USED, USED, ADDED, REMOVED]
    assert sorted(await scene.subjects(EMAIL)) == sorted(mailed)


async def test_staff_are_made_to_have_one(scene: Scene) -> None:
    """An administrator has the merchandisers set up a second factor. Whoever has, goes on; the others cannot."""
    boss, merchandiser = (admin_caller(scene.http, role=role) for role in ("administrator", "merchandiser"))
    role = (await boss('{ role(code: "merchandiser") { id } }'))["role"]["id"]
    assert "products" in await merchandiser("{ products { totalCount } }")
    assert await boss(NEEDED, {"id": role}) == {"roleUpdate": {"code": "merchandiser"}}
    refused = await merchandiser.send("{ products { totalCount } }")
    assert refused.json()["errors"][0]["extensions"]["code"] == "SECOND_FACTOR_REQUIRED"
    merchandiser, _, codes = await set_up(scene, merchandiser)
    assert len(codes) == 10
    assert "products" in await merchandiser("{ products { totalCount } }")
    [factor] = (await merchandiser("{ myFactors { nodes { id } } }"))["myFactors"]["nodes"]
    assert await merchandiser(DELETE, factor) == {"factorDelete": {"code": "FACTOR_NEEDED"}}
