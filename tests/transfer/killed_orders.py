"""An import of past orders in a process of its own that is killed, as by `kill -9`, at a chosen moment."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from tests.callers import test_settings
from tests.factories.shop import NOW

from mercer.orders import service as orders_module
from mercer.orders.models import PastOrder
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.transfer.service import orders, read_order_mapping
from mercer.values.stored import Stored


async def main(url: str, path: str, batches: int, *, within: bool) -> None:
    """Die after so many batches are committed, or within the one that follows."""
    committed = 0

    def on_batch(_report: object) -> None:
        nonlocal committed
        committed += 1
        if committed == batches and not within:
            os.kill(os.getpid(), signal.SIGKILL)

    async def dying(context: Context, *, orders: Sequence[PastOrder]) -> Stored:
        stored = await orders_module.store_past_orders(context, orders=orders)
        if committed == batches and within:
            os.kill(os.getpid(), signal.SIGKILL)
        return stored

    settings = test_settings(url, "unix:///nowhere")
    with mock.patch.multiple(orders, BATCH=7, store_past_orders=dying):
        await orders.import_orders(
            Context(settings, Database(settings, url=url), NOW),
            path=Path(path),
            mapping=read_order_mapping("uci-online-retail"),
            channel="gb",
            on_batch=on_batch,
            on_rejected=lambda _row: None,
        )


if __name__ == "__main__":
    url, path, batches, moment = sys.argv[1:]
    asyncio.run(main(url, path, int(batches), within=moment == "within"))
