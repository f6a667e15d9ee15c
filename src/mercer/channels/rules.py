"""What a channel may be."""

import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence

from babel.core import get_global

from mercer.channels.errors import ChannelInvalid
from mercer.channels.models import ChannelTerms
from mercer.values.currency import CurrencyUnknown, digits
from mercer.values.language import TAG

LONGEST_NAME = 200
MOST_LANGUAGES = 50
MOST_ORIGINS = 50
_CODE = re.compile(r"(?=.{1,50}\Z)[a-z0-9]+(-[a-z0-9]+)*")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?")


def check_channel(channel: ChannelTerms) -> None:
    """Raise `ChannelInvalid` with the first field that has a value it cannot have."""
    for field in channel_faults(channel):
        raise ChannelInvalid(channel=channel.code, field=field)


def channel_faults(channel: ChannelTerms) -> Mapping[str, str]:
    """The fields that have values they cannot have, each with what it should be."""
    return {field: says for field, (is_right, says) in _FIELDS.items() if not is_right(getattr(channel, field))}


def _is_currency(currency: str) -> bool:
    try:
        digits(currency)
    except CurrencyUnknown:
        return False
    return True


def _is_name(name: str) -> bool:
    return bool(name.strip()) and name.isprintable() and len(name) <= LONGEST_NAME


def _are_languages(languages: Sequence[str]) -> bool:
    is_counted = 0 < len(languages) == len(set(languages)) <= MOST_LANGUAGES
    return is_counted and all(map(TAG.fullmatch, languages))


def _are_origins(origins: Sequence[str]) -> bool:
    return len(origins) <= MOST_ORIGINS and all(map(_ORIGIN.fullmatch, origins))


_FIELDS: Mapping[str, tuple[Callable[..., bool], str]] = {
    "code": (
        lambda code: bool(_CODE.fullmatch(code)),
        "A code has small letters and digits, with single hyphens between: at most 50.",
    ),
    "name": (_is_name, "A name has 1 to 200 printable characters."),
    "currency": (_is_currency, "This is no currency (ISO 4217)."),
    "languages": (_are_languages, "Languages are 1 to 50 different tags such as `de` or `de-AT`."),
    "country": (lambda country: country in get_global("territory_currencies"), "This is no country (ISO 3166-1)."),
    "time_zone": (lambda zone: zone in zoneinfo.available_timezones(), "This is no time zone (IANA)."),
    "origins": (_are_origins, "Origins are at most 50, each such as `https://shop.example`."),
}
