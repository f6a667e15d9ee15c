"""Logs: one JSON object a line to stdout; for people at a terminal in development, coloured text."""

import logging
import sys

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from mercer.platform.observability.requests import current_request
from mercer.platform.settings import Environment, Settings

QUIET_LIBRARIES = ("psycopg.pool", "stamina")
"""They tell of each attempt; `mercer.platform.database` tells of the outage, once."""


def configure_logging(settings: Settings) -> None:
    """Send Mercer's own logs and those of all libraries to stdout, in one form."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    is_for_people = settings.environment is Environment.DEVELOPMENT and sys.stdout.isatty()
    common: list[Processor] = [
        _add_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not is_for_people:
        common.append(structlog.processors.format_exc_info)
    own: Processor = (
        structlog.dev.ConsoleRenderer() if is_for_people else structlog.processors.JSONRenderer(orjson.dumps)
    )
    structlog.configure(
        processors=[*common, own],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory()
        if is_for_people
        else structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=settings.environment is not Environment.TEST,
    )
    _configure_libraries(common, is_for_people=is_for_people)


def _configure_libraries(common: list[Processor], *, is_for_people: bool) -> None:
    renderer: Processor = structlog.dev.ConsoleRenderer() if is_for_people else _render_as_text
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *common],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _render_as_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=repr).decode()


def _add_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record = current_request.get()
    if record is not None:
        event["request_id"] = record.id
        if record.trace_id is not None:
            event["trace_id"] = record.trace_id
    return event
