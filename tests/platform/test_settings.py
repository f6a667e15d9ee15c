"""Settings: typed, and a wrong one stops the start with a message that leaks nothing."""

from typing import Any

import pytest

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
    assert not load_settings(environment=Environment.PRODUCTION).allows_introspection
    assert load_settings(environment=Environment.PRODUCTION, introspection=True).allows_introspection
