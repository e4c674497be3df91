"""The table and the plot of a run of fan-out."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from statistics import median
from typing import Final

from loadtest.fanruns import Outcome
from loadtest.ledger import Verdict
from loadtest.scenarios import Medians, Scenario

HEAD: Final = (
    "| server | deliveries/s | per CPU-s | µs CPU | p50 ms | p95 | p99 | max | lost, doubled, "
    "reordered | KB a socket | connects per CPU-s | bottleneck |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|---|"
)
_WIDTH, _BAR, _LABEL, _GAP = 720, 22, 180, 6


def middle(rounds: Sequence[Outcome]) -> Outcome:
    """The median of each figure; what went wrong in any round counts."""
    found = {
        field.name: median(getattr(one, field.name) for one in rounds)
        for field in fields(Outcome)
        if isinstance(getattr(rounds[0], field.name), float)
    }
    return replace(
        rounds[0],
        **found,
        posts=round(median(one.posts for one in rounds)),
        deliveries=round(median(one.deliveries for one in rounds)),
        verdict=sum((one.verdict for one in rounds), Verdict()),
        kept_up=all(one.kept_up for one in rounds),
    )


def table(scenario: Scenario, found: Medians) -> str:
    """One scenario, as Markdown: a row a server, then what was to be reached."""
    lines = [f"### {scenario.title}", "", HEAD, *(row(one) for one in found.values())]
    if any(one.command_p99_ms for one in found.values()):
        lines += ["", *(_command(one) for one in found.values())]
    goals = [said for goal in scenario.goals if (said := goal.said(found)) is not None]
    if goals:
        lines += ["", *(f"- {said}" for said in goals)]
    return "\n".join(lines) + "\n"


def row(one: Outcome) -> str:
    """One server's line."""
    wrong = one.verdict
    what = "0, 0, 0" if wrong.is_clean else f"**{wrong.lost}, {wrong.doubled}, {wrong.reordered}**"
    if not one.kept_up:
        what += ", did not keep up"
    return (
        f"| {one.server} | {one.deliveries / one.wall_s:,.0f} | {one.per_cpu_s:,.0f} "
        f"| {one.cpu_us:.2f} | {one.p50_ms:.1f} | {one.p95_ms:.1f} | {one.p99_ms:.1f} "
        f"| {one.max_ms:.1f} | {what} | {one.socket_bytes / 1024:.1f} "
        f"| {one.connects_per_cpu_s:,.0f} | {one.bottleneck} |"
    )


def _command(one: Outcome) -> str:
    return f"Another user's command at {one.server}: p99 {one.command_p99_ms:.1f} ms"


def plot(results: Mapping[str, Medians]) -> str:
    """Bars of deliveries per second of CPU, a group for each scenario's title, as SVG."""
    parts: list[str] = []
    y = 34
    for title, found in results.items():
        if not found:
            continue
        most = max(one.per_cpu_s for one in found.values()) or 1.0
        parts.append(f'<text x="8" y="{y + 4}" class="title">{html.escape(title)}</text>')
        y += 14
        for one in found.values():
            parts.append(_bar(one, y, most))
            y += _BAR + _GAP
        y += 28
    style = (
        "text{font:13px system-ui,sans-serif;fill:#14171a}.title{font-weight:600}"
        ".ours{fill:#b87a00}.peer{fill:#8a94a0}"
        "@media (prefers-color-scheme:dark){text{fill:#e7e9ea}.back{fill:#15181c}}"
        ".back{fill:#fff}"
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img" '
        'aria-label="Deliveries per second of CPU, by server">'
    )
    caption = '<text x="8" y="16">Deliveries per second of server CPU; more is better</text>'
    back = f'<rect class="back" width="{_WIDTH}" height="{y}"/>'
    return "\n".join((head, f"<style>{style}</style>", back, caption, *parts, "</svg>")) + "\n"


def _bar(one: Outcome, y: int, most: float) -> str:
    width = max(1.0, (_WIDTH - _LABEL - 110) * one.per_cpu_s / most)
    side = "ours" if one.server.startswith("realtime") else "peer"
    middle_y = y + _BAR * 0.7
    return (
        f'<text x="{_LABEL - 8}" y="{middle_y:.0f}" text-anchor="end">{html.escape(one.server)}'
        f'</text><rect class="{side}" x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR}"/>'
        f'<text x="{_LABEL + width + 6:.1f}" y="{middle_y:.0f}">{one.per_cpu_s:,.0f}</text>'
    )
