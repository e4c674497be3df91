"""The docs say what the code does: every command, route, setting and metric, and no dead link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from realtime import metrics
from realtime.api import ROUTES
from realtime.config import _VARIABLES
from realtime.protocol import RESULTS, tag

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("loadtest/*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    dead = [
        target
        for target in targets
        if not target.startswith("http") and not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_command_is_in_the_protocol() -> None:
    table = read("docs/protocol.md").partition("## Commands")[2].partition("## Nouns")[0]
    told = set(re.findall(r"^\| `([a-z]+(?:\.[a-z]+)?)`", table, re.MULTILINE))
    assert told == {tag(command) for command in RESULTS}


def test_every_route_is_in_the_protocol() -> None:
    table = read("docs/protocol.md").partition("## HTTP")[2]
    missing = [route.path for route in ROUTES if f"{route.path}`" not in table]
    assert missing == []


def test_every_setting_is_explained() -> None:
    told = set(re.findall(r"`(REALTIME_[A-Z_]+)`", read("docs/operations.md")))
    assert told == set(_VARIABLES)


def test_every_metric_is_explained() -> None:
    declared = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    ours = {metric.name for each in declared for metric in each.describe()}
    told = re.findall(r"`(realtime_[a-z_]+)(?:\{[a-z,]+\})?`", read("docs/operations.md"))
    assert {name.removesuffix("_total") for name in told} == ours


@pytest.mark.parametrize("file", ["realtime/socket.py", "web/src/wire/session.ts"])
def test_the_walk_names_files_that_are_there(file: str) -> None:
    page = read("docs/architecture.md")
    assert file in page
    named = re.findall(r"`((?:realtime|web|tests)/[\w./-]+\.(?:py|ts|tsx))`", page)
    example = "bookmark"
    missing = [name for name in named if example not in name and not (ROOT / name).exists()]
    assert missing == []
