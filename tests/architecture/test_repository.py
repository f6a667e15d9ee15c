"""What the repository's files name, and what the program needs."""

import pytest
from tests.architecture import repository
from tests.architecture.sources import ROOT, sources
from tests.architecture.verdict import obeyed

TEXTS = list(repository.texts())
PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")

REGISTRY, HOME = "pypi" + ".org", "/home" + "/ada"


def test_no_file_names_a_registry() -> None:
    obeyed(
        repository.named_hosts(TEXTS), because="Where packages come from is the machine's affair, not the project's."
    )


def test_a_named_registry_is_seen() -> None:
    texts = [("README.md", f"From {REGISTRY}.\nFrom there."), ("run", "pip install --index" + "-url elsewhere")]
    assert [line.partition(": ")[0] for line in repository.named_hosts(texts)] == ["README.md:1", "run:1"]


def test_no_file_names_a_place_of_one_machine() -> None:
    obeyed(repository.named_places(TEXTS), because="The next machine does not have it.")


def test_a_named_place_is_seen() -> None:
    texts = [("settings.py", f'"/var/lib/mercer"\n"{HOME}/mercer"\n"tests{HOME}"\n')]
    assert repository.named_places(texts) == [f'settings.py:2: "{HOME}/mercer"']


@pytest.mark.parametrize("name", ["run", "dev"])
def test_requirements_are_pinned(name: str) -> None:
    obeyed(
        repository.unpinned((ROOT / "requirements" / f"{name}.txt").read_text("utf-8")),
        because="Names, versions and hashes: so everybody installs the same, from wherever they get it.",
    )


def test_a_requirement_without_hash_is_seen() -> None:
    fine = "anyio==4.16.0 \\\n    --hash=sha256:" + "0" * 64
    assert repository.unpinned(f"{fine}\nredis==8.1.0\nrich>=15 \\\n-e .\n") == ["redis==8.1.0", "rich>=15 \\", "-e ."]


def test_dependencies_have_a_reason() -> None:
    obeyed(repository.unexplained(PYPROJECT), because="Each dependency is code that we answer for. Say what it is for.")


def test_a_dependency_without_reason_is_seen() -> None:
    text = '[project]\ndependencies = [\n    "redis", # the cache\n    "six",\n]\n[project.scripts]\nx = "y"\n'
    assert repository.unexplained(text) == ['"six",']


def test_dependencies_are_used() -> None:
    code = "\n".join(source.text for source in sources("src"))
    obeyed(
        repository.unused(PYPROJECT, code=code, provided=repository.provided()), because="Remove what nothing imports."
    )


def test_an_unused_dependency_is_seen() -> None:
    text = '[project]\ndependencies = ["redis", "psycopg[binary]", "six"]\n'
    code = 'import redis.asyncio\nfind_spec("psycopg")\nimport sixth\n'
    provided = {name: [name] for name in ("redis", "psycopg", "six")}
    assert repository.unused(text, code=code, provided=provided) == ["six"]
