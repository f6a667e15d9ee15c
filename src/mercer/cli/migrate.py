"""`mercer migrate`: the database's shape."""

import asyncio
import sys
from typing import Annotated

from cyclopts import Parameter

import mercer.modules  # noqa: F401 — registers every module's tables
from mercer.cli.terminal import say
from mercer.platform import migrations
from mercer.platform.embedded import shared_servers
from mercer.platform.settings import load_settings


async def migrate(
    *,
    check: Annotated[bool, Parameter(negative=())] = False,
    write: str | None = None,
    sql: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Bring the database to the shape that this version needs.

    Each migration is one transaction. It waits at most 5 seconds for a lock, and is tried again for two minutes.

    Parameters
    ----------
    check
        Change nothing. Fail if a migration is missing, or if the tables declare what no migration does.
    write
        Write a new migration with this title, from what the tables declare and the database lacks.
    sql
        Print the SQL of all migrations. Needs no database.
    """
    if sql:
        sys.stdout.write(migrations.as_sql())
        return 0
    async with shared_servers(load_settings(), command="mercer migrate", say=say) as servers:
        if check:
            differences = await asyncio.to_thread(migrations.differences, servers.database_url)
            sys.stdout.write("".join(f"{line}\n" for line in differences))
            return 1 if differences else 0
        await asyncio.to_thread(migrations.upgrade, servers.database_url, say=say)
        if write:
            say(f"Wrote {await asyncio.to_thread(migrations.write_migration, servers.database_url, write)}")
        else:
            say("The database is up to date.")
    return 0
