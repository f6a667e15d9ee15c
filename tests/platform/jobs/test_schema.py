"""The queue's tables are those of the procrastinate that is installed."""

from importlib import resources
from importlib.metadata import version

from mercer.platform.migrations import LOCATION


def test_the_migrated_schema_is_the_installed_ones() -> None:
    """When this fails, write a migration from procrastinate's own (`sql/migrations`), and keep the new schema here."""
    applied = (LOCATION / "procrastinate" / f"{version('procrastinate')}.sql").read_text()
    shipped = (resources.files("procrastinate.sql") / "schema.sql").read_text()
    assert shipped.endswith(applied.partition("-- Enums")[2])
