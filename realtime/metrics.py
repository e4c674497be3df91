"""Every counter, gauge and histogram, declared once.

With several workers each process writes its own files below PROMETHEUS_MULTIPROC_DIR, which
`serve` sets, and `/metrics` of any of them sums them all.
"""

from __future__ import annotations

import functools
import time

from prometheus_client import Counter, Gauge, Histogram

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 35.0)
# From 1 ms to 37 s, each 15 % above the one before: a quantile is read to within 8 %.
DELIVERY = tuple(round(0.001 * 10 ** (step / 16), 6) for step in range(74))

sockets = Gauge("realtime_sockets", "Sockets that are open.", multiprocess_mode="livesum")
commands = Counter("realtime_commands_total", "Commands answered.", ["type", "code"])
command_seconds = Histogram(
    "realtime_command_seconds", "From the frame's arrival to its answer.", ["type"], buckets=FAST
)
deliveries = Counter("realtime_deliveries_total", "Events handed to sockets.")
repairs = Counter(
    "realtime_repairs_total", "Logged rows that a reading of the log handed to a listener."
)
behind = Counter("realtime_behind_total", "Times that a slow reader left its topics.")
resumes = Counter("realtime_resumes_total", "Sockets that came back.", ["result"])
reconcile_seconds = Histogram(
    "realtime_reconcile_seconds", "One reconciliation of this process.", buckets=FAST
)
deliver_seconds = Histogram(
    "realtime_deliver_seconds",
    "From a change, just before its commit, to the sockets of this process.",
    ["what"],
    buckets=DELIVERY,
)  # event, repair, state, counts
goodbyes = Counter("realtime_goodbyes_total", "Sockets that the server closed.", ["code"])
bus_messages = Counter(
    "realtime_bus_messages_total", "Messages between processes.", ["what"]
)  # published, dropped, received, broken
http_seconds = Histogram(
    "realtime_http_seconds", "From request to first byte.", ["route"], buckets=FAST
)
reads = Counter("realtime_reads_total", "Statements that read outside of transactions.")
corrupt_rows = Counter(
    "realtime_corrupt_rows_total", "Rows read that no code of ours wrote so.", ["table"]
)
transactions = Counter("realtime_transactions_total", "Transactions committed.")
joined = Counter("realtime_joined_total", "Commands that shared another's transaction.")
tasks = Gauge("realtime_tasks", "Tasks of the event loop.", multiprocess_mode="livesum")
loop_lag_seconds = Histogram(
    "realtime_loop_lag_seconds", "How late the event loop woke who was due.", buckets=FAST
)


@functools.cache
def _command(kind: str, code: str) -> Counter:
    """Looked up once: finding it by its labels takes longer than counting."""
    return commands.labels(kind, code)


@functools.cache
def _command_time(kind: str) -> Histogram:
    return command_seconds.labels(kind)


@functools.cache
def _delivery_time(what: str) -> Histogram:
    return deliver_seconds.labels(what)


def answered(kind: str, code: str, seconds: float) -> None:
    """A command of this kind was answered so, after so long."""
    _command(kind, code).inc()
    _command_time(kind).observe(seconds)


def delivered(what: str, at_ms: int) -> None:
    """Something that changed at `at_ms`, in this epoch's milliseconds, is with its sockets now."""
    if at_ms:
        _delivery_time(what).observe(max(0.0, time.time() - at_ms / 1000))
