"""Languages (BCP 47: `de`, `de-AT`), and the choice among those a shop speaks (RFC 4647, RFC 9110 12.5.4)."""

import re
from collections.abc import Sequence
from functools import lru_cache

TAG = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_LONGEST_HEADER = 500


def parent(language: str) -> str:
    """The language without its region: `de` of `de-AT`."""
    return language.partition("-")[0]


@lru_cache(maxsize=1_000)
def negotiate(header: str | None, spoken: Sequence[str]) -> str:
    """The language to answer in: the client's most wanted among those spoken, else the first one spoken.

    A range matches a language that it equals or begins, and a spoken parent: `de-AT` finds `de-AT`, then `de`.
    """
    for wanted in _ranges(header):
        if wanted == "*":
            return spoken[0]
        for candidate in (wanted, parent(wanted)):
            for language in spoken:
                if language.casefold() == candidate or parent(language).casefold() == candidate:
                    return language
    return spoken[0]


def _ranges(header: str | None) -> list[str]:
    """The header's language ranges, the most wanted first."""
    weighed = []
    for part in (header or "")[:_LONGEST_HEADER].split(","):
        if match := _RANGE.fullmatch(part):
            weight = float(match[2] or 1)
            if weight > 0:
                weighed.append((-weight, match[1].casefold()))
    return [wanted for _, wanted in sorted(weighed, key=lambda pair: pair[0])]
