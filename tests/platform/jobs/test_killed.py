"""Real workers, really killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.platform.jobs import killed
from tests.platform.jobs.things import Ground, known, see

from mercer.platform.context import Context
from mercer.platform.jobs.declaration import job
from mercer.platform.settings import Settings

ROOT = Path(__file__).parents[3]
RUN = "import asyncio; from tests.platform.jobs.killed import main; asyncio.run(main())"


@contextmanager
def worker_process(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    named = {"database_url": settings.database_url, "valkey_url": settings.valkey_url, "log_level": "error"}
    variables = {f"MERCER_{name.upper()}": str(value) for name, value in named.items()}
    command = [sys.executable, "-c", RUN]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_what_a_killed_worker_had_begun_is_done_by_another(ground: Ground) -> None:
    @job()
    async def get_stuck(context: Context, *, number: int) -> None:
        await see(context, "stuck", number)

    for number in range(3):
        await ground.enqueue(killed.get_stuck, number=number)
    with worker_process(ground.settings) as process:
        assert process.stdout is not None
        assert {process.stdout.readline() for _ in range(3)} == {"0\n", "1\n", "2\n"}
        await ground.announce(*range(50))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert await ground.seen("stuck") == []
    await ground.sql("UPDATE procrastinate.procrastinate_workers SET last_heartbeat = now() - interval '1 min'")
    another = ground.worker(known(get_stuck))
    await another._beat()
    await another.work_off()
    assert await ground.seen("stuck") == [0, 1, 2]
    assert (await ground.seen("first"), await ground.seen("second")) == (list(range(50)), list(range(50)))
    assert sorted(position or 0 for position, _, _ in await ground.log()) == list(range(1, 51))


async def test_workers_killed_one_after_the_other_lose_nothing(ground: Ground) -> None:
    """Each is killed when it has handed on some of the events, wherever that finds it."""
    total = 60
    await ground.announce(*range(total))
    for enough in (10, 25, 40):
        with worker_process(ground.settings) as process:
            while len(await ground.seen("first")) < enough:
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        await ground.sql("UPDATE procrastinate.procrastinate_workers SET last_heartbeat = now() - interval '1 min'")
    last = ground.worker(killed.registry())
    await last._beat()
    await last.work_off()
    assert (await ground.seen("first"), await ground.seen("second")) == (list(range(total)), list(range(total)))
    assert sorted(position or 0 for position, _, _ in await ground.log()) == list(range(1, total + 1))
    assert {each.status for each in await ground.jobs()} == {"succeeded"}
