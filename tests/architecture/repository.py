"""Rules on what the repository's files may name, and on what the program needs."""

import fnmatch
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.sources import ROOT

HOSTS = re.compile(r"\b(pypi|pythonhosted|npmjs)\.(org|com|io)\b|--(?:(?:extra-)?index-url|find-links)")
PLACES = re.compile(r"(?<![\w.])/(root|home|Users|work|opt)/\w")
PINNED = re.compile(r"[a-z0-9._-]+==[a-z0-9.]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def texts() -> Iterator[tuple[str, str]]:
    """The repository's files with their paths, what .gitignore names left out."""
    ignored = [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split())]
    for path in _files(ROOT, ignored):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8", errors="replace")


def named_hosts(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Lines that say which registry packages come from."""
    return _lines(texts, HOSTS)


def named_places(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Lines that name a place which only one machine has."""
    return _lines(texts, PLACES)


def unpinned(requirements: str) -> list[str]:
    """Lines that are neither a name with its version nor a hash."""
    return [line for line in requirements.splitlines() if not PINNED.fullmatch(line)]


def unexplained(pyproject: str) -> list[str]:
    """Dependencies without a reason beside them."""
    lines = [line.strip() for line in pyproject[pyproject.index("\ndependencies = [") :].splitlines()]
    listed = lines[: lines.index("[project.scripts]")]
    return [line for line in listed if line.startswith('"') and not re.search(r"# \S", line) and "mercer[" not in line]


def unused(pyproject: str, *, code: str, provided: Mapping[str, Iterable[str]]) -> list[str]:
    """Dependencies that the program neither imports nor names. `provided`: what each distribution lets one import."""
    dependencies = tomllib.loads(pyproject)["project"]["dependencies"]
    names = [re.split(r"[^a-z0-9-]", each)[0] for each in dependencies]
    return [
        name
        for name in names
        if not any(re.search(rf'(import|from) {each}\b|"{each}"', code) for each in provided[name])
    ]


def provided() -> dict[str, list[str]]:
    """What each installed distribution lets one import."""
    found: dict[str, list[str]] = {}
    for name, distributions in packages_distributions().items():
        for distribution in distributions:
            found.setdefault(distribution.lower().replace("_", "-"), []).append(name)
    return found


def _files(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if not any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored):
            if path.is_dir():
                yield from _files(path, ignored)
            else:
                yield path


def _lines(texts: Iterable[tuple[str, str]], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
