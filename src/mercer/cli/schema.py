"""`mercer schema`: both contracts as files."""

import difflib
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from mercer.app import ADMIN, SHOP
from mercer.cli.terminal import say

SCHEMAS = {"shop": SHOP.sdl, "admin": ADMIN.sdl}


def schema(
    name: Literal["shop", "admin"] | None = None,
    /,
    *,
    check: Annotated[bool, Parameter(negative=())] = False,
    directory: Path = Path("schema"),
) -> int:
    """Write `schema/shop.graphql` and `schema/admin.graphql`, the contracts of both APIs.

    Parameters
    ----------
    name
        Print this one instead.
    check
        Write nothing. Print how the files differ from the APIs, and fail if they do.
    directory
        Where the files are.
    """
    if name is not None:
        sys.stdout.write(_text(name))
        return 0
    if check:
        differences = [line for each in SCHEMAS for line in _difference(each, directory)]
        sys.stdout.write("".join(differences))
        return 1 if differences else 0
    directory.mkdir(exist_ok=True)
    for each in SCHEMAS:
        path = directory / f"{each}.graphql"
        path.write_text(_text(each))
        say(f"Wrote {path}")
    return 0


def _text(name: str) -> str:
    return SCHEMAS[name]


def _difference(name: str, directory: Path) -> list[str]:
    path = directory / f"{name}.graphql"
    committed = path.read_text() if path.exists() else ""
    return list(
        difflib.unified_diff(
            committed.splitlines(keepends=True), _text(name).splitlines(keepends=True), str(path), f"the {name} API"
        )
    )
