import pytest

from mercer.platform.cache import answers, hearing


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outages are noticed, and ended, as soon as may be. A slow machine is none."""
    monkeypatch.setattr(hearing, "RETRY_S", 0.01)
    monkeypatch.setattr(hearing, "ASK_S", 0.02)
    monkeypatch.setattr(hearing, "SURE_S", 30)
    monkeypatch.setattr(answers, "RETELL_S", 0.01)
