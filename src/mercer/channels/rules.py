"""What a channel may be."""

import re
import zoneinfo

from babel.core import get_global

from mercer.channels.errors import ChannelInvalid
from mercer.channels.models import ChannelTerms
from mercer.values.currency import CurrencyUnknown, digits
from mercer.values.language import TAG

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?")


def check_channel(channel: ChannelTerms) -> None:
    """Raise `ChannelInvalid` with the first field that has a value it cannot have."""
    is_right = {
        "code": bool(_CODE.fullmatch(channel.code)),
        "name": bool(channel.name.strip()),
        "currency": _is_currency(channel.currency),
        "languages": bool(channel.languages) and all(map(TAG.fullmatch, channel.languages)),
        "country": channel.country in get_global("territory_currencies"),
        "time_zone": channel.time_zone in zoneinfo.available_timezones(),
        "origins": all(map(_ORIGIN.fullmatch, channel.origins)),
    }
    for field, is_field_right in is_right.items():
        if not is_field_right:
            raise ChannelInvalid(channel=channel.code, field=field)


def _is_currency(currency: str) -> bool:
    try:
        digits(currency)
    except CurrencyUnknown:
        return False
    return True
