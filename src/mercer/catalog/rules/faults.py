"""What is wrong with an input, told all at once."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mercer.platform.errors import InvalidField, InvalidInput, InvalidValue

T = TypeVar("T")


class Faults:
    """What is wrong with an input so far. Places are named by field: `("variants", "0", "sku")`."""

    def __init__(self) -> None:
        self._found: list[InvalidField] = []

    @property
    def are_found(self) -> bool:
        return bool(self._found)

    def note(self, error: InvalidValue, *path: str) -> None:
        """This is wrong, there."""
        self._found.append(InvalidField(path=(*path, *error.path), message=error.message))

    def check(self, path: tuple[str, ...], check: Callable[..., T], *values: Any, **options: Any) -> T | None:
        """What the check makes of the values; None, and a note, when it refuses them."""
        try:
            return check(*values, **options)
        except InvalidValue as error:
            self.note(error, *path)
            return None

    def check_fields(
        self, given: Mapping[str, Any], checks: Mapping[str, Callable[[Any], Any]], *path: str
    ) -> dict[str, Any]:
        """Those of the given fields that there is a check for, checked."""
        return {name: self.check((*path, name), check, given[name]) for name, check in checks.items() if name in given}

    def refuse(self) -> None:
        """Raise `InvalidInput` with all that was found, if anything was."""
        if self._found:
            raise InvalidInput(fields=tuple(self._found))
