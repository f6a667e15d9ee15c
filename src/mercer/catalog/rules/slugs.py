"""Slugs and codes: names that are unique among their kind."""

import hashlib
import re
from collections.abc import Container, Iterator

from mercer.values.names import slug_of

_FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 200
_DIGEST_LENGTHS = (6, 12, 64)


def is_slug(slug: str) -> bool:
    """Whether it is small letters, digits and single hyphens, 200 characters at most."""
    return len(slug) <= _LONGEST and _FORM.fullmatch(slug) is not None


def candidates(name: str, *, key: str) -> Iterator[str]:
    """The slugs that a thing of this name may get, best first. Those after the first end in a digest of its key."""
    base = slug_of(name)
    yield base
    digest = hashlib.sha256(key.encode()).hexdigest()
    for length in _DIGEST_LENGTHS:
        yield f"{base}-{digest[:length]}"


def choose_slug(name: str, *, key: str, taken: Container[str]) -> str | None:
    """The best slug that nobody has. None if even the longest is taken, which only malice can bring about.

    It depends on the data alone, so that work that is repeated ends the same.
    """
    return next((slug for slug in candidates(name, key=key) if slug not in taken), None)
