"""Settings: typed, and a wrong one stops the start with a message that leaks nothing."""

import base64
from typing import Any

import pytest
from tests.keys import OTHER_KEY, SECRET_KEY

from mercer.platform.settings import Environment, SettingsInvalid, load_settings


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("port", 70_000, "MERCER_PORT: Input should be less than or equal to 65535 (it is 70000)"),
        ("workers", "many", "MERCER_WORKERS: Input should be a valid integer, unable to parse string as an integer"),
        ("environment", "staging", "MERCER_ENVIRONMENT: Input should be 'development', 'test' or 'production'"),
        ("database_url", "mysql://a:hunter2@b", "MERCER_DATABASE_URL: must start with postgresql://"),
        ("valkey_url", "http://:hunter2@b", "MERCER_VALKEY_URL: must start with redis://, rediss:// or unix://"),
        ("log_level", "loud", "MERCER_LOG_LEVEL: String should match pattern"),
    ],
)
def test_a_wrong_setting_is_named(setting: str, value: Any, message: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(**{setting: value})
    told = str(refused.value)
    assert told.startswith(f"Mercer cannot start with these settings:\n  {message}")
    assert "hunter2" not in told


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCER_PORT", "9000")
    monkeypatch.setenv("MERCER_HOST", "0.0.0.0")
    settings = load_settings()
    assert settings.address == "http://0.0.0.0:9000"


def test_production_hides_the_schema_unless_told_otherwise() -> None:
    assert load_settings().allows_introspection
    production = {"environment": Environment.PRODUCTION, "secret_keys": SECRET_KEY}
    assert not load_settings(**production).allows_introspection
    assert load_settings(**production, introspection=True).allows_introspection


NO_KEYS = [
    "hunter2",
    "hunter2" * 10,
    base64.b64encode(b"x" * 31).decode(),
    base64.b64encode(bytes(32)).decode(),
    base64.b64encode(bytes(range(31))).decode(),
    base64.b64encode(bytes(range(33))).decode(),
    f"{SECRET_KEY},hunter2",
    "Ä" * 44,
]


@pytest.mark.parametrize("keys", NO_KEYS, ids=range(len(NO_KEYS)))
@pytest.mark.parametrize("environment", Environment)
def test_a_short_key_stops_the_start_and_is_not_shown(environment: Environment, keys: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(environment=environment, secret_keys=keys)
    assert str(refused.value) == (
        "Mercer cannot start with these settings:\n  MERCER_SECRET_KEYS: must be keys of 32 random bytes in base64, "
        "separated by commas: `openssl rand -base64 32` (its value is not shown)"
    )


@pytest.mark.parametrize("keys", ["", " , ", None])
def test_production_needs_a_key(monkeypatch: pytest.MonkeyPatch, keys: str | None) -> None:
    monkeypatch.setenv("MERCER_ENVIRONMENT", "production")
    monkeypatch.delenv("MERCER_SECRET_KEYS", raising=False)
    if keys is not None:
        monkeypatch.setenv("MERCER_SECRET_KEYS", keys)
    with pytest.raises(SettingsInvalid, match="MERCER_SECRET_KEYS: production needs a key: `openssl rand -base64 32`"):
        load_settings()


def test_several_keys_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    url_safe = SECRET_KEY.replace("+", "-").replace("/", "_")
    monkeypatch.setenv("MERCER_SECRET_KEYS", f"{OTHER_KEY}, {url_safe}")
    settings = load_settings()
    assert settings.secret_keys == (OTHER_KEY, url_safe)
    assert OTHER_KEY not in repr(settings)
