"""How a broken rule is told."""

from collections.abc import Sequence


def obeyed(findings: Sequence[str], *, because: str) -> None:
    """Fail with the rule's reason and everything that was found against it."""
    assert not findings, "\n".join([because, *findings])
