"""The program's text, as the rules read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

ROOT = Path(__file__).parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A Python file. Its path is relative to the repository."""

    path: PurePath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def role(self) -> str:
        """What a module's file is for, such as `service` for catalog/service/products.py. Empty outside of modules."""
        parts = self.path.with_suffix("").parts
        return parts[3] if parts[:2] == ("src", "mercer") and len(parts) > 3 else ""

    def functions(self) -> Iterator[Function]:
        """All functions, at any depth."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, node: ast.stmt | ast.expr) -> str:
        """Where this is, as editors understand it."""
        return f"{self.path}:{node.lineno}"


def sources(*folders: str) -> list[Source]:
    """All Python files below these folders of the repository. Migrations are generated, and so are not among them."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [Source(path.relative_to(ROOT), path.read_text("utf-8")) for path in paths]


def sample(text: str, *, path: str = "src/mercer/catalog/service.py") -> Source:
    """A file that a rule is tried on."""
    return Source(PurePath(path), text)
