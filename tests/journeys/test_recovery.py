"""Ways back into accounts, by what the APIs and the mails say alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from tests.callers import Caller, shop_caller
from tests.journeys.sale_documents import ME, REGISTER, SIGN_IN, VERIFY, asked, mails_to
from tests.notifications.office import token_in, words
from tests.platform.mail.post import Post, running
from tests.trading import Trade, a_trade

from mercer.platform.settings import Settings

FIRST, SECOND, THIRD = "seven-slow-herons-at-noon", "a-cup-of-tea-at-five", "four quiet lamps in fog"
OLD, NEW = "ada@example.org", "ada@new.example"

ASK_VERIFICATION = 'mutation{ verificationRequest(email: "…") { ... on MailSent { email } ... on Error { code } } }'
ASK_RESET = 'mutation{ passwordResetRequest(email: "…") { ... on MailSent { email } ... on Error { code } } }'
RESET = """mutation{ passwordReset(token: "…", password: "…") {
    ... on SessionsEnded { count } ... on Error { code } ... on InvalidInput { fields { message } } } }"""
CHANGE = 'mutation{ emailChangeRequest(email: "…") { ... on MailSent { email } ... on Error { code } } }'
CONFIRM = 'mutation{ emailChangeConfirm(token: "…") { ... on EmailChanged { email } ... on Error { code } } }'
UNDO = 'mutation{ emailChangeUndo(token: "…") { ... on EmailRestored { email } ... on Error { code } } }'
HIRE = """mutation{ staffCreate(input: {email: "…", name: "…", roles: ["customer_support"]}) {
    ... on StaffMember { id isActive } ... on Error { code } } }"""
INVITE = 'mutation{ staffInvite(id: "…") { ... on StaffMember { name } ... on Error { code } } }'
RECOVER = 'mutation{ staffRecover(id: "…") { ... on StaffMember { name } ... on Error { code } } }'
SET = """mutation{ passwordSet(token: "…", password: "…") { ... on SessionsEnded { count } ... on Error { code } } }"""


@dataclass
class Scene:
    """A shop, its mails, and how many of them were read."""

    trade: Trade
    post: Post
    read: dict[str, int] = field(default_factory=dict)

    @property
    def guest(self) -> Caller:
        return shop_caller(self.trade.http)

    @property
    def desk(self) -> Caller:
        """The admin API, to nobody in particular."""
        return Caller(self.trade.http, "/admin/graphql", {})

    async def letters(self, address: str) -> list[tuple[str, str]]:
        """The mails that have come to an address since it was last asked: their subjects and texts."""
        await self.trade.work(ticking=False)
        found = [(str(mail["Subject"]), words(mail)[0]) for mail in mails_to(self.post, address)]
        seen = self.read.get(address, 0)
        self.read[address] = len(found)
        return found[seen:]

    async def token(self, address: str, subject: str) -> str:
        """What the link in the one new mail of this subject brings."""
        [text] = [text for said, text in await self.letters(address) if said == subject]
        return token_in(text)

    async def signed_in(self, caller: Caller, email: str, password: str) -> Caller:
        answer = await asked(caller, SIGN_IN, email, password)
        return replace(caller, headers=caller.headers | {"Authorization": f"Bearer {answer['token']}"})


@pytest.fixture
async def scene(fresh: Settings) -> AsyncIterator[Scene]:
    async with running(Post()) as post:
        settings = fresh.model_copy(update={"smtp_url": post.url, "shop_name": "Larkmoor"})
        async with a_trade(settings) as trade:
            yield Scene(trade, post)


async def test_a_guest_comes_back_as_a_customer_and_keeps_his_account(scene: Scene) -> None:
    bought = await (await scene.trade.ready({"MUG-1-R": 1})).complete()
    await asked(scene.guest, REGISTER, OLD, FIRST, "Ada")
    await scene.letters(OLD)
    assert await asked(scene.guest, SIGN_IN, OLD, FIRST) == {
        "code": "CREDENTIALS_WRONG",
        "message": "No account that may sign in has this e-mail address and password.",
    }
    assert await asked(scene.guest, ASK_VERIFICATION, OLD) == {"email": OLD}
    token = await scene.token(OLD, "Confirm your address for Larkmoor")
    assert await asked(scene.guest, VERIFY, token) == {"isVerified": True}
    await scene.letters(OLD)
    ada = await scene.signed_in(scene.guest, OLD, FIRST)
    orders = (await ada(ME))["myOrders"]["nodes"]
    assert [each["number"] for each in orders] == [bought["number"]]
    assert await asked(scene.guest, ASK_RESET, OLD) == {"email": OLD}
    token = await scene.token(OLD, "Set a new password for Larkmoor")
    assert await asked(scene.guest, RESET, token, "password1234") == {
        "code": "INVALID_INPUT",
        "fields": [{"message": "This password is too easily guessed. A few unrelated words make a good one."}],
    }
    assert await asked(scene.guest, RESET, token, SECOND) == {"count": 1}
    assert (await ada.send("{ __typename }")).status_code == 401
    assert (await scene.signed_in(scene.guest, OLD, SECOND)).headers["Authorization"].startswith("Bearer mercer_shop_")


async def test_an_account_that_was_taken_over_comes_back(scene: Scene) -> None:
    """The thief knows the password, gives the account his address, and sets another password."""
    await asked(scene.guest, REGISTER, OLD, FIRST, "Ada")
    await asked(scene.guest, VERIFY, await scene.token(OLD, "Confirm your address for Larkmoor"))
    thief = await scene.signed_in(scene.guest, OLD, FIRST)
    assert await asked(thief, CHANGE, NEW) == {"email": NEW}
    token = await scene.token(NEW, "Confirm your new address for Larkmoor")
    assert await asked(thief, CONFIRM, token) == {"email": NEW}
    assert await asked(scene.guest, ASK_RESET, NEW) == {"email": NEW}
    await asked(scene.guest, RESET, await scene.token(NEW, "Set a new password for Larkmoor"), SECOND)
    thief = await scene.signed_in(scene.guest, NEW, SECOND)
    scene.trade.clock.later(days=6)
    token = await scene.token(OLD, "The address of your account at Larkmoor was changed")
    assert await asked(scene.guest, UNDO, token) == {"email": OLD}
    assert (await thief.send("{ __typename }")).status_code == 401
    assert await asked(scene.guest, UNDO, token) == {"code": "TOKEN_UNUSABLE"}
    letters = dict(await scene.letters(OLD))
    token = token_in(letters["Set a new password for Larkmoor"])
    assert await asked(scene.guest, RESET, token, THIRD) == {"count": 0}
    for email, password in ((NEW, SECOND), (OLD, SECOND), (OLD, FIRST)):
        assert (await asked(scene.guest, SIGN_IN, email, password))["code"] == "CREDENTIALS_WRONG"
    ada = await scene.signed_in(scene.guest, OLD, THIRD)
    assert (await ada(ME))["me"] == {"email": OLD}


async def test_staff_are_invited_and_recovered(scene: Scene) -> None:
    boss, grace = scene.trade.admin, "grace@larkmoor.example"
    hired = await asked(boss, HIRE, grace, "Grace")
    token = await scene.token(grace, "Your staff account at Larkmoor")
    assert await asked(boss, INVITE, hired["id"]) == {"name": "Grace"}
    assert await asked(scene.desk, SET, token, FIRST) == {"code": "TOKEN_UNUSABLE"}
    token = await scene.token(grace, "Your staff account at Larkmoor")
    assert await asked(scene.desk, SET, token, FIRST) == {"count": 0}
    clerk = await scene.signed_in(scene.desk, grace, FIRST)
    assert await asked(boss, INVITE, hired["id"]) == {"code": "INVITATION_ACCEPTED"}
    assert (await clerk("{ me { email } }"))["me"] == {"email": grace}
    assert await asked(boss, RECOVER, hired["id"]) == {"name": "Grace"}
    token = await scene.token(grace, "Set a new password for your staff account at Larkmoor")
    assert await asked(scene.desk, SET, token, SECOND) == {"count": 1}
    assert (await clerk.send("{ __typename }")).status_code == 401
    assert (await asked(scene.desk, SIGN_IN, grace, FIRST))["code"] == "CREDENTIALS_WRONG"
    assert (
        (await scene.signed_in(scene.desk, grace, SECOND)).headers["Authorization"].startswith("Bearer mercer_admin_")
    )
