"""`mercer import`: products from files."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from mercer.cli.bulk import INTERRUPTED, bulk_context, rare_cycle_search
from mercer.cli.terminal import say, until_stopped
from mercer.platform.errors import DomainError, RequestRefused
from mercer.platform.settings import Settings, load_settings
from mercer.transfer import service as transfer
from mercer.transfer.models.mapping import Mapping
from mercer.transfer.models.rows import RejectedRow, Report

imports = App(name="import", help="Put data from files into the shop.")

COULD_NOT, ASKED_WRONGLY = 1, 2
_COLUMNS = (
    SpinnerColumn(),
    TextColumn("{task.description}"),
    TextColumn("{task.completed:,.0f} rows"),
    TextColumn("{task.fields[rate]:,.0f}/s"),
    TimeElapsedColumn(),
)


@imports.command(name="products")
async def import_products(
    file: Path,
    /,
    *,
    mapping: str,
    report: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Create or update the products of a file, by SKU.

    It may be CSV, lines of JSON, an array of JSON, or a zip archive of such files, in UTF-8. What was interrupted can
    be run again and ends the same; what is run twice changes nothing. Ends with 0 when all rows are in, with 1 when
    some were rejected or could not be read, and with 2 when nothing could be imported.

    Parameters
    ----------
    file
        The file with products.
    mapping
        What its fields mean: a file (TOML or JSON), or one of those that Mercer ships: `pc-parts`, `plain-csv`.
    report
        Write each rejected row, and why, to this file, one JSON object a line.
    dry_run
        Change nothing, but say what would be done.
    """
    settings = load_settings()
    try:
        rules = transfer.read_mapping(mapping)
        with _rejections(report) as on_rejected, until_stopped():
            return await _import(settings, file, rules, on_rejected, is_dry_run=dry_run)
    except DomainError as error:
        say(_sentence(error))
        return ASKED_WRONGLY
    except RequestRefused as error:
        say(f"{error.message} Run the import again: it ends as if it had not been interrupted.")
        return COULD_NOT
    except OSError as error:
        say(f"The report cannot be written: {error.strerror}.")
        return ASKED_WRONGLY
    say("The import was interrupted. Run it again: it ends as if it had not been.")
    return INTERRUPTED


async def _import(
    settings: Settings,
    file: Path,
    mapping: Mapping,
    on_rejected: Callable[[RejectedRow], None],
    *,
    is_dry_run: bool,
) -> int:
    async with bulk_context(settings, command="mercer import") as context:
        with rare_cycle_search(), Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
            task = progress.add_task(file.name, total=None, rate=0.0)

            def on_batch(report: Report) -> None:
                elapsed = progress.tasks[0].elapsed or 1
                progress.update(task, completed=report.rows, rate=report.rows / elapsed)

            report = await transfer.import_products(
                context,
                path=file,
                mapping=mapping,
                on_batch=on_batch,
                on_rejected=on_rejected,
                is_dry_run=is_dry_run,
            )
    sys.stdout.write(_summary(report, is_dry_run=is_dry_run))
    return COULD_NOT if report.rejected or report.failures else 0


@contextmanager
def _rejections(path: Path | None) -> Iterator[Callable[[RejectedRow], None]]:
    """What is told of each rejected row: it writes them to the file, if one is wanted."""
    if path is None:
        yield lambda _row: None
        return
    with path.open("wb") as file:
        yield lambda row: _write(file.write, row)


def _write(write: Callable[[bytes], Any], row: RejectedRow) -> None:
    entry = {
        "file": row.file,
        "row": row.number,
        "error": type(row.error).__name__,
        "message": row.error.message,
        "details": _details(row.error),
        "content": row.content,
    }
    write(msgspec.json.encode(entry) + b"\n")


def _summary(report: Report, *, is_dry_run: bool) -> str:
    lines = [
        f"{report.created:,} created, {report.updated:,} updated, {report.unchanged:,} unchanged, "
        f"{report.rejected:,} rejected" + (" (dry run: nothing was changed)" if is_dry_run else "")
    ]
    lines += [f"  {reason}: {count:,}" for reason, count in report.reasons.most_common()]
    lines += [f"Skipped {name}: the mapping has no set for it" for name in report.skipped_files]
    lines += [_sentence(error) for error in report.failures]
    return "".join(f"{line}\n" for line in lines)


def _sentence(error: DomainError) -> str:
    details = ", ".join(f"{name}: {value}" for name, value in _details(error).items())
    return f"{error.message} ({details})" if details else error.message


def _details(error: DomainError) -> dict[str, Any]:
    return {field.name: getattr(error, field.name) for field in fields(error)}  # type: ignore[arg-type]
