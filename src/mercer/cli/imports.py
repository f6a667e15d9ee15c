"""`mercer import`: products and past orders from files."""

import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from mercer.cli.bulk import INTERRUPTED, bulk_context, rare_cycle_search
from mercer.cli.terminal import say, until_stopped
from mercer.platform.context import Context
from mercer.platform.errors import DomainError, RequestRefused
from mercer.platform.settings import load_settings
from mercer.transfer import service as transfer
from mercer.transfer.models.mapping import Mapping
from mercer.transfer.models.order_mapping import OrderMapping
from mercer.transfer.models.rows import RejectedRow, Report
from mercer.transfer.models.sales import OrderReport

imports = App(name="import", help="Put data from files into the shop.")

COULD_NOT, ASKED_WRONGLY = 1, 2
_Rules = TypeVar("_Rules")
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

    async def importing(context: Context, rules: Mapping, told: _Told) -> str:
        done = await transfer.import_products(
            context,
            path=file,
            mapping=rules,
            on_batch=told.on_batch,
            on_rejected=told.on_rejected,
            is_dry_run=dry_run,
        )
        return _summary(done, is_dry_run=dry_run)

    return await _import(file, report, lambda: transfer.read_mapping(mapping), importing, command="products")


@imports.command(name="orders")
async def import_orders(
    file: Path,
    /,
    *,
    mapping: str,
    channel: str,
    report: Path | None = None,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Store the past orders of a file, one line of an order in each row.

    They get numbers, lines, prices, taxes, buyers and states; neither stock nor ledger nor anybody's mailbox hears of
    them. Credits become cancelled orders of their own; where it can be told from which orders they take back, these are
    partially refunded, or cancelled. What is there already stays as it is. The file, perhaps packed by gzip, its report
    and how the command ends are as those of `mercer import products`.

    Parameters
    ----------
    file
        The file with orders.
    mapping
        What its fields mean: a file (TOML or JSON), or the one that Mercer ships: `uci-online-retail`.
    channel
        The channel that they were made in, by its code. It has the mapping's currency.
    report
        Write each rejected row, and why, to this file, one JSON object a line.
    dry_run
        Change nothing, but say what would be done.
    """

    async def importing(context: Context, rules: OrderMapping, told: _Told) -> str:
        done = await transfer.import_orders(
            context,
            path=file,
            mapping=rules,
            channel=channel,
            on_batch=told.on_batch,
            on_rejected=told.on_rejected,
            is_dry_run=dry_run,
        )
        return _order_summary(done, rules.currency, is_dry_run=dry_run)

    return await _import(file, report, lambda: transfer.read_order_mapping(mapping), importing, command="orders")


class _Outcome(Protocol):
    """What reports of all imports say."""

    rejected: int
    reasons: Counter[str]
    failures: list[DomainError]

    @property
    def rows(self) -> int: ...


@dataclass
class _Told:
    """Who is told how far an import is."""

    progress: Progress
    task: TaskID
    on_rejected: Callable[[RejectedRow], None]
    is_faultless: bool = True

    def on_batch(self, report: _Outcome) -> None:
        elapsed = self.progress.tasks[0].elapsed or 1
        self.progress.update(self.task, completed=report.rows, rate=report.rows / elapsed)
        self.is_faultless = not report.rejected and not report.failures


async def _import(
    file: Path,
    report: Path | None,
    read_mapping: Callable[[], _Rules],
    importing: Callable[[Context, _Rules, _Told], Awaitable[str]],
    *,
    command: str,
) -> int:
    """Import, and say what came of it. Returns the command's status."""
    settings = load_settings()
    try:
        rules = read_mapping()
        with _rejections(report) as on_rejected, until_stopped():
            async with bulk_context(settings, command=f"mercer import {command}") as context:
                with rare_cycle_search(), Progress(*_COLUMNS, console=Console(stderr=True)) as progress:
                    told = _Told(progress, progress.add_task(file.name, total=None, rate=0.0), on_rejected)
                    summary = await importing(context, rules, told)
            sys.stdout.write(summary)
            return 0 if told.is_faultless else COULD_NOT
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


def _order_summary(report: OrderReport, currency: str, *, is_dry_run: bool) -> str:
    dry = " (dry run: nothing was changed)" if is_dry_run else ""
    rejected = [f"  {reason}: {count:,}" for reason, count in report.reasons.most_common()]
    sold, taken, refused = report.amount_sold, -report.amount_credited, report.amount_rejected
    lines = [
        f"{report.created:,} orders created, {report.unchanged:,} unchanged{dry}",
        f"  {report.credits:,} are credits: what {report.told_lines:,} of their lines take back from can be told",
        f"  {report.cancelled:,} cancelled, as all was taken back; {report.reduced:,} partially refunded",
        f"{report.rows:,} rows: {report.lines:,} lines, {report.merged:,} merged, {report.rejected:,} rejected",
        *rejected,
        f"{report.amount:,} {currency}: {sold:,} sold, {taken:,} taken back, {refused:,} rejected",
        *map(_sentence, report.failures),
    ]
    return "".join(f"{line}\n" for line in lines)


def _sentence(error: DomainError) -> str:
    details = ", ".join(f"{name}: {value}" for name, value in _details(error).items())
    return f"{error.message} ({details})" if details else error.message


def _details(error: DomainError) -> dict[str, Any]:
    return {field.name: getattr(error, field.name) for field in fields(error)}  # type: ignore[arg-type]
