"""Rules on expected failures."""

import importlib
import re
from collections.abc import Iterable

from tests.architecture import imports

from mercer.platform.errors import DomainError


def declared() -> list[type[DomainError]]:
    """Every expected failure of the program."""
    for name in sorted(imports.graph().modules):
        if name.startswith("mercer.") and name.split(".")[2:3] == ["errors"]:
            importlib.import_module(name)
    found, waiting = [], list(DomainError.__subclasses__())
    while waiting:
        found.append(error := waiting.pop())
        waiting += error.__subclasses__()
    return [error for error in found if error.__module__.startswith("mercer.")]


def wordless(errors: Iterable[type[DomainError]]) -> list[str]:
    """Failures whose docstring, which is the message, is not one line of whole sentences."""
    return [error.__name__ for error in errors if not re.fullmatch(r"[A-Z].*\.", vars(error).get("__doc__") or "")]


def shapeless(errors: Iterable[type[DomainError]]) -> list[str]:
    """Failures that are no dataclasses of their own."""
    return [error.__name__ for error in errors if "__dataclass_fields__" not in vars(error)]


def named_by_kind(errors: Iterable[type[DomainError]]) -> list[str]:
    """Failures that are named by what they are, instead of by what happened."""
    return [error.__name__ for error in errors if error.__name__.endswith(("Error", "Exception"))]
