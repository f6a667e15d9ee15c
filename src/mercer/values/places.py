"""Places as tax and shipping zones name them: countries, their regions, and postal codes by what they begin with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from babel.core import get_global

LONGEST_REGION = 100
LONGEST_POSTAL_CODE = 12
_UNKNOWN = "ZZ"
"""CLDR's word for no country."""


@dataclass(frozen=True, kw_only=True)
class Area:
    """A country, or a part of it. It holds the places that all it says is true of."""

    country: str
    """ISO 3166-1, two letters."""
    region: str | None = None
    """State or province: `NY`."""
    postal_from: str | None = None
    """What its postal codes begin with, at least: `100`."""
    postal_to: str | None = None
    """What they begin with, at most; of the same length. None: the same."""


def is_country(code: str) -> bool:
    """Whether these two letters are a country's (ISO 3166-1), or used as if (`XK`)."""
    return code in get_global("territory_currencies") and code != _UNKNOWN


def region_key(region: str | None, *, country: str) -> str | None:
    """A region as it is compared: in capitals, without its country (`us-ny` is `NY`). None when it says nothing."""
    if region is None:
        return None
    shown = "".join(letter for letter in region if letter.isprintable()).strip().upper()
    return shown.removeprefix(f"{country}-") or None


def postal_key(postal_code: str | None) -> str | None:
    """A postal code as it is compared: letters and digits only, in capitals. None when it has none."""
    if postal_code is None:
        return None
    return "".join(letter for letter in postal_code if letter.isalnum()).upper() or None


def area_key(area: Area) -> Area:
    """An area as it is stored and compared."""
    first = postal_key(area.postal_from)
    return replace(
        area,
        region=region_key(area.region, country=area.country),
        postal_from=first,
        postal_to=postal_key(area.postal_to) or first,
    )


def area_faults(area: Area) -> Mapping[str, str]:
    """The fields of an area that have values they cannot have, each with what it should be."""
    return {field: says for field, (is_right, says) in _FIELDS.items() if not is_right(area)}


def overlap(one: Area, other: Area) -> bool:
    """Whether neither of two areas, as they are stored, is the more specific one, and some place is in both."""
    if (one.country, one.region) != (other.country, other.region):
        return False
    if one.postal_from is None or other.postal_from is None:
        return one.postal_from is other.postal_from
    if len(one.postal_from) != len(other.postal_from):
        return False
    return one.postal_from <= (other.postal_to or "") and other.postal_from <= (one.postal_to or "")


def _is_region(area: Area) -> bool:
    return area.region is None or (area.region.isprintable() and 0 < len(area.region.strip()) <= LONGEST_REGION)


def _is_start(area: Area) -> bool:
    return area.postal_from is None or _is_postal(area.postal_from)


def _is_end(area: Area) -> bool:
    if area.postal_to is None:
        return True
    if not _is_start(area) or not _is_postal(area.postal_to):
        return False
    first, last = postal_key(area.postal_from) or "", postal_key(area.postal_to) or ""
    return len(first) == len(last) and first <= last


def _is_postal(code: str) -> bool:
    letters = code.replace(" ", "").replace("-", "")
    return 0 < len(letters) <= LONGEST_POSTAL_CODE and letters.isascii() and letters.isalnum()


_FIELDS: Mapping[str, tuple[Callable[[Area], bool], str]] = {
    "country": (lambda area: is_country(area.country), "This is no country (ISO 3166-1)."),
    "region": (_is_region, "A region has 1 to 100 printable characters."),
    "postal_from": (_is_start, "The beginning of a postal code has 1 to 12 letters and digits."),
    "postal_to": (_is_end, "The last beginning is as long as the first one, and does not come before it."),
}
