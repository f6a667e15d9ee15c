"""What `/metrics` tells of the cached answers."""

from prometheus_client import Counter, Gauge

from mercer.platform.observability.metrics import REGISTRY

LOOKUPS = Counter("mercer_cached_answers", "Lookups of cached answers.", ("outcome",), registry=REGISTRY)
STORED = Counter("mercer_cached_answers_stored", "Answers that were kept.", registry=REGISTRY)
DROPPED = Counter(
    "mercer_cached_answers_dropped", "Kept answers that were dropped, and why.", ("reason",), registry=REGISTRY
)
BYTES = Gauge(
    "mercer_cached_answers_bytes", "Memory that kept answers take.", multiprocess_mode="livesum", registry=REGISTRY
)
LISTENING = Gauge(
    "mercer_cached_answers_listening",
    "Processes that hear what is outdated, and so may answer from their cache.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)

HITS, MISSES, WAITED = (LOOKUPS.labels(outcome) for outcome in ("hit", "miss", "waited"))
OUTDATED, EVICTED, EXPIRED, CLEARED = (
    DROPPED.labels(reason) for reason in ("outdated", "evicted", "expired", "cleared")
)
