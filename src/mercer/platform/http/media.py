"""Which media types a request is sent in, and which ones it takes for an answer."""

from enum import Enum
from functools import lru_cache

from mercer.platform.errors import RequestRefused

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"


class AnswerType(Enum):
    """How an answer is labelled when it is a success. Anything else is always labelled as GraphQL."""

    GRAPHQL = b"application/graphql-response+json; charset=utf-8"
    JSON = b"application/json; charset=utf-8"


@lru_cache(maxsize=256)
def choose_answer_type(accept: bytes) -> AnswerType:
    """The media type for an answer, from the header `Accept`. Raises `RequestRefused` with 406."""
    weights = _weights(accept)
    graphql, json = _weight(weights, GRAPHQL), _weight(weights, JSON)
    if graphql >= json and graphql > 0:
        return AnswerType.GRAPHQL
    if json > 0:
        return AnswerType.JSON
    raise RequestRefused(f"Answers are {GRAPHQL} or {JSON}. Accept one of them.", code="NOT_ACCEPTABLE", status=406)


@lru_cache(maxsize=256)
def prefers_html(accept: bytes) -> bool:
    """Say whether a person at a browser asks."""
    weights = _weights(accept)
    html = weights.get(HTML, 0)
    return html > 0 and html >= max(_weight(weights, GRAPHQL), _weight(weights, JSON))


@lru_cache(maxsize=256)
def check_request_type(content_type: bytes, content_encoding: bytes) -> None:
    """Take JSON in UTF-8 only, not compressed. Raises `RequestRefused` with 415."""
    media_type, *parameters = content_type.decode("latin-1").lower().split(";")
    charsets = [
        value.strip(' "')
        for name, _, value in (each.partition("=") for each in parameters)
        if name.strip() == "charset"
    ]
    is_utf8 = all(charset in ("utf-8", "utf8") for charset in charsets)
    if media_type.strip() != JSON or not is_utf8 or content_encoding.lower() != b"identity":
        raise RequestRefused(
            f"Send the request as {JSON} in UTF-8, not compressed.",
            code="UNSUPPORTED_MEDIA_TYPE",
            status=415,
            headers={"Accept-Post": JSON},
        )


def _weights(accept: bytes) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in (accept.decode("latin-1").lower() or "*/*").split(","):
        media_type, *parameters = item.split(";")
        weight = 1.0
        for name, _, value in (each.partition("=") for each in parameters):
            if name.strip() == "q":
                weight = _quality(value)
        weights[media_type.strip()] = weight
    return weights


def _quality(value: str) -> float:
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


def _weight(weights: dict[str, float], media_type: str) -> float:
    kind = media_type.partition("/")[0]
    return next((weights[name] for name in (media_type, f"{kind}/*", "*/*") if name in weights), 0.0)
