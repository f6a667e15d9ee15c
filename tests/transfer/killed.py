"""An import in a process of its own that is killed, as by `kill -9`, at a chosen moment."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from tests.callers import test_settings
from tests.factories.shop import NOW

from mercer.inventory import service as inventory
from mercer.platform.context import Context
from mercer.platform.database import Database
from mercer.transfer.service import products, read_mapping
from mercer.values.stored import Stored


async def main(url: str, path: str, mapping: str, batches: int, *, within: bool) -> None:
    """Die after so many batches are committed, or within the one that follows."""
    committed = 0

    def on_batch(_report: object) -> None:
        nonlocal committed
        committed += 1
        if committed == batches and not within:
            os.kill(os.getpid(), signal.SIGKILL)

    async def dying(context: Context, *, levels: Any) -> Stored:
        if committed == batches and within:
            os.kill(os.getpid(), signal.SIGKILL)
        return await inventory.store_levels(context, levels=levels)

    settings = test_settings(url, "unix:///nowhere")
    with mock.patch.multiple(products, BATCH=7, store_levels=dying):
        await products.import_products(
            Context(settings, Database(settings, url=url), NOW),
            path=Path(path),
            mapping=read_mapping(mapping),
            on_batch=on_batch,
            on_rejected=lambda _row: None,
        )


if __name__ == "__main__":
    url, path, mapping, batches, moment = sys.argv[1:]
    asyncio.run(main(url, path, mapping, int(batches), within=moment == "within"))
