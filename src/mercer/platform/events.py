"""Facts that modules announce: written in the transaction that made them true, told to handlers after it."""

from typing import Any, ClassVar, TypeVar

import msgspec

E = TypeVar("E", bound="Event")


class Event:
    """A fact, in the past tense: a frozen dataclass of ids, in a module's `events.py`.

    It is written as JSON, kept, and read again by later versions of the program: fields are added with a default, and
    never change their meaning. No secrets and no personal data.
    """

    name: ClassVar[str]
    """`catalog.ProductCreated`: the module and the class."""

    def __init_subclass__(cls) -> None:
        cls.name = f"{cls.__module__.split('.')[1]}.{cls.__name__}"


def written(event: Event) -> Any:
    """An event's fields as JSON values."""
    return msgspec.to_builtins(event)


def read(kind: type[E], fields: Any) -> E:
    """An event as it was announced. Fields that are not known any more are left out."""
    return msgspec.convert(fields, type=kind, strict=False)
