"""Traces: a request joins the trace that its caller began. Spans go nowhere until an OpenTelemetry SDK is installed."""

from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACER = trace.get_tracer("mercer")
_PROPAGATOR = TraceContextTextMapPropagator()


def callers_trace(headers: Mapping[bytes, bytes]) -> Context | None:
    """The trace that the headers `traceparent` and `tracestate` name, if they do."""
    if b"traceparent" not in headers:
        return None
    names = (name for name in (b"traceparent", b"tracestate") if name in headers)
    return _PROPAGATOR.extract({name.decode(): headers[name].decode("latin-1") for name in names})


def trace_id_of(span: trace.Span) -> str | None:
    """The id of the span's trace in hexadecimal digits, or None when there is no trace."""
    context = span.get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


def traceparent() -> str | None:
    """The trace under way, as it is written down for those who go on with it later."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def carried_trace(traceparent: str | None) -> Context | None:
    """The trace that was written down as `traceparent`, for whoever goes on with it."""
    return None if traceparent is None else _PROPAGATOR.extract({"traceparent": traceparent})
