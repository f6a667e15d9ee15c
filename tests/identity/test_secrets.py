"""What is encrypted: with which key, how keys are changed, and what becomes of it when one is lost."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from tests.callers import Caller
from tests.factories.shop import NOW
from tests.identity.apps import App, as_person, later, with_app
from tests.identity.people import PASSWORD, Person, a_customer, acting, rows
from tests.keys import OTHER_KEY, SECRET_KEY

from mercer.identity import service
from mercer.identity.errors import FactorUnreadable, FactorWrong
from mercer.identity.models import Audience, Challenge, OpenedSession, Proof
from mercer.identity.providers import secrets
from mercer.platform.context import Context
from mercer.platform.settings import Settings, load_settings
from mercer.platform.transactions import transaction

TEXT = "JBSWY3DPEHPK3PXP"


def with_keys(*keys: str) -> Settings:
    return load_settings(secret_keys=keys)


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    old = secrets.encrypt(with_keys(SECRET_KEY), TEXT)
    new = secrets.encrypt(with_keys(OTHER_KEY, SECRET_KEY), TEXT)
    assert TEXT.encode() not in old + new
    assert old != secrets.encrypt(with_keys(SECRET_KEY), TEXT)
    both = with_keys(OTHER_KEY, SECRET_KEY)
    assert (secrets.decrypt(both, old), secrets.decrypt(both, new)) == (TEXT, TEXT)
    assert secrets.decrypt(with_keys(OTHER_KEY), new) == TEXT
    with pytest.raises(secrets.SecretUnreadable):
        secrets.decrypt(with_keys(OTHER_KEY), old)


def test_a_key_may_be_written_in_either_alphabet_of_base64() -> None:
    key = base64.b64encode(bytes([251, 255] * 16)).decode()
    encrypted = secrets.encrypt(with_keys(key), TEXT)
    assert secrets.decrypt(with_keys(key.replace("+", "-").replace("/", "_")), encrypted) == TEXT


@pytest.mark.parametrize("tampered", [b"", b"x", b"gAAAAA", "each byte"])
def test_what_was_tampered_with_is_unreadable(tampered: Any) -> None:
    encrypted = secrets.encrypt(with_keys(SECRET_KEY), TEXT)
    given = [tampered]
    if isinstance(tampered, str):
        given = [
            encrypted[:at] + bytes([encrypted[at] ^ 1]) + encrypted[at + 1 :] for at in range(0, len(encrypted), 7)
        ]
    for each in given:
        with pytest.raises(secrets.SecretUnreadable):
            secrets.decrypt(with_keys(SECRET_KEY), each)
        assert secrets.encrypted_anew(with_keys(SECRET_KEY), each) is None


def test_it_is_encrypted_anew_with_the_first_key_once() -> None:
    old = secrets.encrypt(with_keys(SECRET_KEY), TEXT)
    both = with_keys(OTHER_KEY, SECRET_KEY)
    renewed = secrets.encrypted_anew(both, old)
    assert renewed is not None
    assert secrets.decrypt(with_keys(OTHER_KEY), renewed) == TEXT
    assert secrets.encrypted_anew(both, renewed) is None
    assert secrets.encrypted_anew(with_keys(OTHER_KEY), old) is None


def test_without_a_key_one_is_made_in_the_data_directory(tmp_path: Path) -> None:
    """Once, also when several want it at the same moment, and readable by nobody else."""
    directory = tmp_path / "new" / "data"
    secrets._key_in.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        encrypted = list(
            threads.map(lambda _: secrets.encrypt(load_settings(data_dir=directory, secret_keys=()), TEXT), range(16))
        )
    assert [path.name for path in directory.iterdir()] == [secrets.KEY_FILE]
    assert stat.S_IMODE((directory / secrets.KEY_FILE).stat().st_mode) == 0o600
    secrets._key_in.cache_clear()
    assert {secrets.decrypt(load_settings(data_dir=directory), each) for each in encrypted} == {TEXT}
    made = (directory / secrets.KEY_FILE).read_text()
    assert load_settings(secret_keys=made).secret_keys == (made,)


async def _signing_in(settings: Settings, person: Person, **proof: str) -> OpenedSession:
    async with acting(settings) as context:
        asked = await service.sign_in(context, audience=Audience.SHOP, email=person.email, password=PASSWORD)
        assert isinstance(asked, Challenge)
        return await service.sign_in_with_factor(
            context, audience=Audience.SHOP, challenge=asked.token, proof=Proof(**proof)
        )


@pytest.fixture
async def somebody(context: Context) -> tuple[Person, App]:
    return await with_app(context, await a_customer(context))


async def test_a_lost_key_costs_the_factor_and_not_the_account(
    context: Context, shop_settings: Settings, somebody: tuple[Person, App]
) -> None:
    person, app = somebody
    lost = shop_settings.model_copy(update={"secret_keys": (OTHER_KEY,)})
    for _ in range(7):  # nobody is held up by what he cannot help
        with structlog.testing.capture_logs() as logs, pytest.raises(FactorUnreadable):
            await _signing_in(lost, person, code=app.code(NOW))
        assert [(each["event"], each["factor_id"]) for each in logs] == [("factor_unreadable", str(app.id))]
    assert await _signing_in(lost, person, recovery_code=app.recovery_codes[0])
    logged = "SELECT outcome, count(*) FROM identity.attempt WHERE surface = 'shop_factor' GROUP BY 1 ORDER BY 1"
    assert await rows(context, logged) == [("refused", 7), ("succeeded", 1)]
    assert await _signing_in(shop_settings, person, code=app.code(NOW))


async def test_one_unreadable_factor_is_no_excuse_for_a_wrong_code(
    shop_settings: Settings, somebody: tuple[Person, App]
) -> None:
    person, first = somebody
    other = shop_settings.model_copy(update={"secret_keys": (OTHER_KEY,)})
    async with acting(other) as with_other_key:
        person, second = await with_app(with_other_key, person, name="Tablet")
    with pytest.raises(FactorWrong):
        await _signing_in(other, person, code=first.code(NOW))
    assert await _signing_in(other, person, code=second.code(NOW))


async def test_the_api_says_so(context: Context, own_http: httpx2.AsyncClient, somebody: tuple[Person, App]) -> None:
    person, app = somebody
    async with context.database.transaction() as connection:
        await connection.exec_driver_sql("UPDATE identity.factor SET secret = 'damaged'")
    answered = await Caller(own_http, "/shop/graphql", person.at(own_http).headers)(
        "mutation ($code: String!) { sessionConfirm(code: $code) { ... on Error { code message } } }",
        {"code": app.code(NOW)},
    )
    message = "Codes cannot be checked: the key is missing that they are encrypted with. A recovery code works."
    assert answered == {"sessionConfirm": {"code": "FACTOR_UNREADABLE", "message": message}}


async def test_each_night_all_is_encrypted_with_the_newest_key(
    context: Context, shop_settings: Settings, somebody: tuple[Person, App]
) -> None:
    person, app = somebody
    await with_app(context, await a_customer(context))
    async with context.database.transaction() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO identity.factor (customer_id, kind, name, secret, created_at) "
            "SELECT customer_id, kind, name, 'damaged', created_at FROM identity.factor LIMIT 1"
        )
    for changed in (2, 0):
        async with (
            acting(shop_settings.model_copy(update={"secret_keys": (OTHER_KEY, SECRET_KEY)})) as rotating,
            transaction(rotating) as inner,
        ):
            assert await service.encrypt_anew(inner) == changed
    only_new = shop_settings.model_copy(update={"secret_keys": (OTHER_KEY,)})
    assert await _signing_in(only_new, person, code=app.code(NOW))
    async with acting(only_new) as there, transaction(as_person(later(there, minutes=5), person)) as inner:
        await service.delete_factor(inner, factor_id=app.id)
