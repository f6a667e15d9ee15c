"""One holder per data directory."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.platform.embedded import holder
from tests.platform.embedded.holder import Holder

from mercer.platform import embedded
from mercer.platform.embedded.lock import held
from mercer.platform.settings import load_settings


async def test_the_second_is_told_who_holds_it(run: Callable[[], Holder], data_dir: Path) -> None:
    first = run()
    with pytest.raises(embedded.DataDirectoryInUse) as refused:
        async with embedded.servers(load_settings(data_dir=data_dir), command="second"):
            pytest.fail("it started")
    assert str(refused.value).startswith(f"The data directory {data_dir} is in use by process {first.process.pid}")
    assert "(`holder`, since 2" in str(refused.value)
    assert first.sql("SELECT id FROM kept") == [(1,)]


def test_two_at_once_on_an_empty_directory(place: Path) -> None:
    command = [sys.executable, holder.__file__, str(place / "data")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    lines = [holder.hear(process) for process in both]
    assert sorted(line[:1] for line in lines) == ["", "{"]
    for process in both:
        process.terminate()
    ended = sorted((process.communicate()[1].partition(" is in use by ")[0], process.returncode) for process in both)
    assert ended == [("Stopping …\n", 0), (f"The data directory {place / 'data'}", 1)]


async def test_a_command_uses_the_servers_that_run(run: Callable[[], Holder], data_dir: Path) -> None:
    first = run()
    async with embedded.shared_servers(load_settings(data_dir=data_dir), command="migrate") as servers:
        assert servers == embedded.Servers(first.database_url, first.valkey_url)


async def test_a_command_waits_for_another_one(data_dir: Path) -> None:
    with ExitStack() as other:
        other.enter_context(held(data_dir / "lock", command="mercer migrate"))
        said: list[str] = []

        def hear(text: str) -> None:
            said.append(text.partition(",")[0])
            other.close()

        async with embedded.shared_servers(load_settings(data_dir=data_dir), command="mercer seed", say=hear):
            assert said == [f"Waiting for process {os.getpid()} (`mercer migrate`"]


async def test_given_addresses_are_used_as_they_are(place: Path) -> None:
    settings = load_settings(data_dir=place / "data", database_url="postgresql://db/shop", valkey_url="redis://cache")
    async with embedded.servers(settings, command="mercer up") as servers:
        assert servers == embedded.Servers("postgresql://db/shop", "redis://cache")
    assert not (place / "data").exists()
