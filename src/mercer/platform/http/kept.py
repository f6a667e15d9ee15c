"""How answers that may be kept go out: with an entity tag, and as 304 to whoever has them already."""

from typing import NamedTuple

from mercer.platform.cache.shelf import Kept
from mercer.platform.http.media import AnswerType

Lines = list[tuple[bytes, bytes]]

VARY = b"Accept, Accept-Language, X-Mercer-Channel"
"""What such an answer depends on besides its address."""

_SUFFIX = {AnswerType.GRAPHQL: b"g", AnswerType.JSON: b"j"}
"""The same bytes under another media type are another representation, so their tags differ."""


class Reply(NamedTuple):
    """What is sent."""

    status: int
    lines: Lines
    body: bytes


def reply(kept: Kept, answer_type: AnswerType, *, method: str, if_none_match: bytes | None, is_personal: bool) -> Reply:
    """The reply to one request. `is_personal` says that more goes out with it that is for this client alone."""
    is_get = method != "POST"
    place = (answer_type, is_get, is_personal)
    lines = kept.headers.get(place)
    if lines is None:
        lines = kept.headers[place] = _lines(kept, answer_type, may_be_stored=is_get and not is_personal)
    if is_get and if_none_match is not None and _names(if_none_match, lines[0][1]):
        return Reply(304, lines[:3], b"")
    return Reply(200, lines, b"" if method == "HEAD" else kept.body)


def _lines(kept: Kept, answer_type: AnswerType, *, may_be_stored: bool) -> Lines:
    return [
        (b"etag", b'"%b-%b"' % (kept.etag, _SUFFIX[answer_type])),
        # It may be stored by anybody, who asks each time whether it still holds.
        (b"cache-control", b"no-cache" if may_be_stored else b"no-store"),
        (b"vary", VARY),
        (b"content-type", answer_type.value),
        (b"content-length", b"%d" % len(kept.body)),
    ]


def _names(if_none_match: bytes, etag: bytes) -> bool:
    """Whether one of the tags in this header is ours, however weakly it is meant."""
    named = [each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")]
    return named == [b"*"] or etag in named
