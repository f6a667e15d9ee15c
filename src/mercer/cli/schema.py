"""`mercer schema`: both contracts as files."""

import difflib
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from mercer.app import ADMIN, SHOP
from mercer.cli.terminal import say

CONTRACTS = {"shop": SHOP.sdl, "admin": ADMIN.sdl}


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
        sys.stdout.write(CONTRACTS[name])
        return 0
    if check:
        differences = [line for each, sdl in CONTRACTS.items() for line in _difference(each, sdl, directory)]
        sys.stdout.write("".join(differences))
        return 1 if differences else 0
    directory.mkdir(exist_ok=True)
    for each, sdl in CONTRACTS.items():
        path = directory / f"{each}.graphql"
        path.write_text(sdl)
        say(f"Wrote {path}")
    return 0


def _difference(name: str, sdl: str, directory: Path) -> list[str]:
    path = directory / f"{name}.graphql"
    committed = path.read_text() if path.exists() else ""
    lines = committed.splitlines(keepends=True), sdl.splitlines(keepends=True)
    return list(difflib.unified_diff(lines[0], lines[1], str(path), f"the {name} API"))
