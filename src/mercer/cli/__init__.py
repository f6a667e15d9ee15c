"""The command line: the ways in that are not HTTP. Each command has a file of its own, loaded when it is used."""

import sys
from importlib.metadata import version

from cyclopts import App

from mercer.platform.embedded import EmbeddedError
from mercer.platform.migrations import MigrationFailed
from mercer.platform.settings import SettingsInvalid

app = App(
    name="mercer",
    version=version("mercer"),
    help="Mercer is a headless commerce backend: two GraphQL APIs over PostgreSQL.\n\n"
    "`mercer up` runs all of it. Settings are environment variables named `MERCER_…`; `mercer up --help` lists some.",
)
COMMANDS = {
    "up": "mercer.cli.up:up",
    "serve": "mercer.cli.serve:serve",
    "worker": "mercer.cli.worker:worker",
    "migrate": "mercer.cli.migrate:migrate",
    "staff": "mercer.cli.staff:staff",
    "seed": "mercer.cli.seed:seed",
    "import": "mercer.cli.imports:imports",
    "schema": "mercer.cli.schema:schema",
}
for place, (name, path) in enumerate(COMMANDS.items()):
    app.command(path, name=name, sort_key=place)


def main() -> None:
    """Run a command. Ends with 0, with 1 if it could not be done, with 2 if it was asked for wrongly."""
    if not sys.argv[1:] or sys.argv[1] in app.help_flags:
        for each in COMMANDS:
            app[each]  # loads it: the overview shows the first line of each command's own words
    try:
        app()
    except SettingsInvalid as error:
        sys.exit(_tell(error, status=2))
    except (EmbeddedError, MigrationFailed) as error:
        sys.exit(_tell(error, status=1))


def _tell(error: Exception, *, status: int) -> int:
    sys.stderr.write(f"{error}\n")
    return status
