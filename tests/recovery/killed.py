"""A process of its own that completes a cart, and is killed by the operating system at a chosen step."""

import asyncio
import os
import signal
import sys

from tests.callers import calling, shop_caller, test_settings
from tests.recovery.dying import Life, Wire, lived, mortality
from tests.trading import Shopper


def kill(_life: Life) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, valkey: str, cart_id: str, token: str, lasts: int) -> None:
    settings = test_settings(url, valkey, log_level="error")
    async with calling(settings) as provider:
        with mortality():
            async with calling(settings, transport=Wire(provider._transport)) as mortal:
                caller = shop_caller(mortal, **{"X-Mercer-Channel": "us", "X-Mercer-Cart": token})
                buyer = Shopper(caller, cart_id)
                await lived(Life(lasts=lasts, end=kill), lambda: buyer.complete(total="38.10"))


if __name__ == "__main__":
    url, valkey, cart_id, token, lasts = sys.argv[1:]
    asyncio.run(main(url, valkey, cart_id, token, int(lasts)))
