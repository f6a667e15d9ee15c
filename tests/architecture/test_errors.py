"""Expected failures: their words, their shape, their names."""

from dataclasses import dataclass

from tests.architecture import errors
from tests.architecture.verdict import obeyed

from mercer.platform.errors import DomainError

DECLARED = errors.declared()


@dataclass(eq=False)
class SlugTaken(DomainError):
    """Another product has this slug."""


@dataclass(eq=False)
class Silent(DomainError):
    slug: str


@dataclass(eq=False)
class Mumbled(DomainError):
    """slug taken"""


class Bare(DomainError):
    """The fields are missing."""


@dataclass(eq=False)
class SlugError(DomainError):
    """Something is wrong."""


def test_messages_are_sentences() -> None:
    obeyed(errors.wordless(DECLARED), because="The docstring is what the client reads.")


def test_a_message_that_is_no_sentence_is_seen() -> None:
    assert errors.wordless([SlugTaken, Silent, Mumbled]) == ["Silent", "Mumbled"]


def test_failures_are_dataclasses() -> None:
    obeyed(errors.shapeless(DECLARED), because="The fields are the payload: the API builds a type from them.")


def test_a_failure_without_fields_is_seen() -> None:
    assert errors.shapeless([SlugTaken, Bare]) == ["Bare"]


def test_failures_are_named_by_what_happened() -> None:
    obeyed(errors.named_by_kind(DECLARED), because="`SlugTaken` says what happened; `SlugError` says nothing.")


def test_a_failure_named_by_its_kind_is_seen() -> None:
    assert errors.named_by_kind([SlugTaken, SlugError]) == ["SlugError"]
