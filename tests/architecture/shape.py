"""Rules on the size of files and functions, on names, and on imports out of place."""

import ast
import re
from collections.abc import Iterable

from tests.architecture.sources import Source

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}


def long_files(sources: Iterable[Source]) -> list[str]:
    lengths = ((source.path, len(source.text.splitlines())) for source in sources)
    return [f"{path} has {length} lines" for path, length in lengths if length > LONGEST_FILE]


def long_functions(sources: Iterable[Source]) -> list[str]:
    return [
        f"{source.at(function)}: {function.name} has {length} lines"
        for source in sources
        for function in source.functions()
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    ]


def empty_names(sources: Iterable[Source]) -> list[str]:
    """Folders, files and classes whose names do not say what they are about."""
    found = []
    for source in sources:
        places = [(str(source.path), part) for part in source.path.with_suffix("").parts]
        classes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
        places += [(source.at(node), node.name) for node in classes]
        found += [f"{place}: {name}" for place, name in places if _words(name) & EMPTY_NAMES]
    return found


def unexplained_local_imports(sources: Iterable[Source]) -> list[str]:
    """Imports inside functions, but for those with a reason in a comment on their line."""
    return [
        f"{source.at(node)}: {line.strip()}"
        for source in sources
        for function in source.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not _reason(line := source.text.splitlines()[node.lineno - 1])
    ]


def _words(name: str) -> set[str]:
    """The words of a snake_case or PascalCase name."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def _reason(line: str) -> str:
    comment = line.partition("#")[2]
    return re.sub(r"noqa: [A-Z0-9, ]+", "", comment).strip(" —")
