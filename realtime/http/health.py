"""Whether this process lives, whether it is able to serve, and what it has counted."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from realtime import api
from realtime.http import answer
from realtime.http.house import House

log = logging.getLogger(__name__)

_PROBE_S: Final = 5.0
_RETRY_S: Final = 2


async def alive(house: House, request: Request) -> Response:
    """GET /healthz"""
    return answer.json(api.Health("alive"))


async def ready(house: House, request: Request) -> Response:
    """GET /readyz"""
    try:
        async with asyncio.timeout(_PROBE_S):
            checks = await house.ready()
    except TimeoutError:
        checks = {"probe": f"no answer within {_PROBE_S:g} s"}
    if not checks:
        return answer.json(api.Health("ready"))
    log.warning("not ready: %s", checks)
    message = f"Not able to serve: {', '.join(sorted(checks))}."
    body = api.NotReady("unavailable", message, float(_RETRY_S), checks)
    return answer.json(body, 503, {"Retry-After": str(_RETRY_S)})


async def metrics(house: House, request: Request) -> Response:
    """GET /metrics"""
    counted = await asyncio.to_thread(_counted)
    return Response(counted, headers={"content-type": CONTENT_TYPE_LATEST})


def _counted() -> bytes:
    """What all workers together have counted, or this process alone when there is one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    # The library wants a fresh one for each reading: the workers' files are its only source.
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
