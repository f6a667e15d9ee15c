"""Rules on verbs and decisions: `service` and `rules` of each module."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.sources import Function, Source

CLOCKS = {"now", "utcnow", "today"}
CHANGING = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
"""Methods that change what they are called on."""


def misshapen_verbs(sources: Iterable[Source]) -> list[str]:
    """Public verbs that do not take `context` first and the rest by keyword."""
    return [
        f"{source.at(verb)}: {verb.name}"
        for source in _of(sources, "service")
        for verb in source.tree.body
        if isinstance(verb, ast.AsyncFunctionDef) and not verb.name.startswith("_") and not _is_shaped(verb.args)
    ]


def service_classes(sources: Iterable[Source]) -> list[str]:
    """Classes among verbs, but for dataclasses, which are values."""
    return [
        f"{source.at(node)}: {node.name}"
        for source in _of(sources, "service")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and "dataclass" not in " ".join(map(ast.unparse, node.decorator_list))
    ]


def clock_readings(sources: Iterable[Source]) -> list[str]:
    """Where verbs or decisions look at the clock by themselves."""
    return [
        f"{source.at(node)}: {ast.unparse(node)}"
        for source in _of(sources, "service", "rules")
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS)
        or (isinstance(node, ast.Import) and any(alias.name == "time" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "time")
    ]


def global_state(sources: Iterable[Source]) -> list[str]:
    """Where functions of verbs or decisions change what outlives the call."""
    return [
        f"{source.at(node)}: {ast.unparse(node)}"
        for source in _of(sources, "service", "rules")
        for function in source.functions()
        for node in _changes(function, _names(source.tree.body))
    ]


def undocumented(sources: Iterable[Source]) -> list[str]:
    """Public verbs, nouns, failures and facts without a docstring."""
    return [
        f"{source.at(node)}: {node.name}"
        for source in sources
        for node in source.tree.body
        if (
            (source.role == "service" and isinstance(node, Function))
            or (source.role in {"models", "errors", "events"} and isinstance(node, ast.ClassDef))
        )
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]


def _of(sources: Iterable[Source], *roles: str) -> Iterator[Source]:
    return (source for source in sources if source.role in roles)


def _is_shaped(arguments: ast.arguments) -> bool:
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args)] == ["context"] and not arguments.vararg


def _changes(function: Function, shared: set[str]) -> Iterator[ast.stmt | ast.expr]:
    own = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)} | _names(function.body)
    for node in ast.walk(function):
        match node:
            case ast.Global():
                yield node
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) if name in shared - own:
                yield node
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if name in shared - own:
                if method in CHANGING:
                    yield node


def _names(body: Iterable[ast.stmt]) -> set[str]:
    """The names that these statements bind, functions among them left alone."""
    outside = (statement for statement in body if not isinstance(statement, Function | ast.ClassDef))
    nodes = (node for statement in outside for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
