"""What stands in the database and lies in the folder."""

from pathlib import Path
from typing import Any

from tests.contents import fetch

from mercer.platform.context import Context


async def rows(context: Context, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query, outside any transaction of the test's."""
    async with context.database.engine.connect() as connection:
        return await fetch(connection, sql)


def files(folder: Path) -> set[str]:
    """The paths of all objects."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
