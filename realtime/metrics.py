"""Every counter, gauge and histogram, declared once.

With several workers each process writes its own files below PROMETHEUS_MULTIPROC_DIR, which
`serve` sets, and `/metrics` of any of them sums them all.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 35.0)

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
    "realtime_deliver_seconds", "From the commit to the sockets of this process.", buckets=FAST
)
goodbyes = Counter("realtime_goodbyes_total", "Sockets that the server closed.", ["code"])
bus_messages = Counter(
    "realtime_bus_messages_total", "Messages between processes.", ["what"]
)  # published, dropped, received, broken
http_seconds = Histogram(
    "realtime_http_seconds", "From request to first byte.", ["route"], buckets=FAST
)
transactions = Counter("realtime_transactions_total", "Transactions committed.")
joined = Counter("realtime_joined_total", "Commands that shared another's transaction.")
