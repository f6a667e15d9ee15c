from dataclasses import replace
from typing import Any

import pytest
from tests.contents import fetch
from tests.factories.shop import EU, US
from tests.fixtures import writing

from mercer.channels.errors import ChannelCurrencyFixed, ChannelInvalid
from mercer.channels.rules import check_channel
from mercer.channels.service import list_channels, spoken_languages, store_channels
from mercer.platform.settings import Settings
from mercer.values.stored import Stored


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "US"),
        ("name", " "),
        ("currency", "XXY"),
        ("languages", ()),
        ("languages", ("english",)),
        ("country", "XY"),
        ("time_zone", "Mars/Olympus"),
        ("origins", ("https://shop.example/path",)),
        ("origins", ("*",)),
    ],
)
def test_faulty_channels_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ChannelInvalid) as caught:
        check_channel(replace(US, **{field: value}))
    assert caught.value.field == field


async def test_channels_are_created_changed_and_left_alone(fresh: Settings) -> None:
    async with writing(fresh) as context:
        assert await store_channels(context, channels=[US, EU]) == Stored(created=2, updated=0, unchanged=0)
        assert await store_channels(context, channels=[US, EU]) == Stored(created=0, updated=0, unchanged=2)
        renamed = replace(EU, name="Old world")
        assert await store_channels(context, channels=[US, renamed]) == Stored(created=0, updated=1, unchanged=1)
        channels = await list_channels(context)
        assert [(channel.code, channel.name) for channel in channels] == [("eu", "Old world"), ("us", "United States")]
        assert spoken_languages(channels) == ["de", "en"]


async def test_one_channel_is_the_default(fresh: Settings) -> None:
    async with writing(fresh) as context:
        default = "SELECT code FROM channels.channel WHERE is_default"
        await store_channels(context, channels=[US, EU])
        assert await fetch(context.db, default) == [("us",)]
        await store_channels(context, channels=[EU])
        assert await fetch(context.db, default) == [("us",)]
        await store_channels(context, channels=[replace(EU, is_default=True)])
        assert await fetch(context.db, default) == [("eu",)]
        await store_channels(context, channels=[US, replace(EU, is_default=True)])
        assert await fetch(context.db, default) == [("eu",)]


async def test_a_currency_never_changes(fresh: Settings) -> None:
    async with writing(fresh) as context:
        await store_channels(context, channels=[US])
        with pytest.raises(ChannelCurrencyFixed) as caught:
            await store_channels(context, channels=[replace(US, currency="EUR")])
        assert vars(caught.value) == {"channel": "us", "currency": "USD"}
