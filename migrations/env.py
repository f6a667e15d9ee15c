"""How Alembic meets Mercer. It runs only from `mercer migrate` and `mercer up`, never by its own command."""

from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationInfo

import mercer.modules  # noqa: F401 — registers every module's tables
from mercer.platform.migrations import comparison

attributes = context.config.attributes


def announce(*, step: MigrationInfo, **_others: Any) -> None:
    """Tell the person at the terminal which migration has been applied."""
    if say := attributes.get("say"):
        say(f"Applied {step.up_revision.doc}")


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, transaction_per_migration=True, **comparison())
else:
    context.configure(
        attributes["connection"], transaction_per_migration=True, on_version_apply=announce, **comparison()
    )
with context.begin_transaction():
    context.run_migrations()
