"""What an answer is made of, noted while it is made."""

from collections.abc import Iterable
from datetime import datetime


class Provenance:
    """The tags of all that an answer under way shows, and when it changes by itself.

    An answer may be kept only if each of its parts has said what it shows: one that cannot say calls `refuse`.
    """

    __slots__ = ("changes_at", "is_told", "tags")

    def __init__(self) -> None:
        self.is_told = True
        self.tags: set[str] = set()
        self.changes_at: datetime | None = None

    def add(self, tags: Iterable[str], *, changes_at: datetime | None) -> None:
        """Note what one part shows, and the next moment at which that may change without a write."""
        self.tags.update(tags)
        if changes_at is not None and (self.changes_at is None or changes_at < self.changes_at):
            self.changes_at = changes_at

    def refuse(self) -> None:
        """Note that a part shows what is nobody else's business, or what nobody tells about."""
        self.is_told = False
