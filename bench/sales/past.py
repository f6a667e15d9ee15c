"""Many orders of the past, as staff find them after two years: for the list of orders."""

from functools import partial

from bench.datasets import Dataset
from mercer.cli.terminal import say
from mercer.demo.service import seed_orders
from mercer.platform.context import Context

_TOLD = 100_000


def past_orders(count: int) -> Dataset:
    """So many generated orders, and no catalogue."""
    return Dataset(f"bench_orders_{count}", f"{count:,} seeded", partial(_fill, count=count))


async def _fill(context: Context, *, count: int) -> None:
    def report(done: int) -> None:
        if done % _TOLD == 0 and done < count:
            say(f"  {done:,} of {count:,}")

    await seed_orders(context, orders=count, report=report)
