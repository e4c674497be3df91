"""The table of a run of fan-out, and how its figures are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from statistics import median
from typing import Any, Final

from loadtest.fanruns import Outcome
from loadtest.ledger import Verdict
from loadtest.scenarios import Medians

HEAD: Final = (
    "| server | deliveries/s | per CPU-s | µs CPU | p50 ms | p95 | p99 | max | lost, doubled, "
    "reordered | KB a socket | connects per CPU-s | bottleneck |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|---|"
)


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
        curve=tuple(map(median, zip(*(one.curve for one in rounds), strict=True))),
        posts=round(median(one.posts for one in rounds)),
        deliveries=round(median(one.deliveries for one in rounds)),
        verdict=sum((one.verdict for one in rounds), Verdict()),
        kept_up=all(one.kept_up for one in rounds),
    )


def table(title: str, found: Medians) -> str:
    """One scenario, as Markdown: a row a server."""
    lines = [f"### {title}", "", HEAD, *(row(one) for one in found.values())]
    if any(one.command_p99_ms for one in found.values()):
        lines += ["", *(_command(one) for one in found.values())]
    if any(one.resumes_per_cpu_s for one in found.values()):
        lines += ["", *(_storm(one) for one in found.values())]
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
        f"| {one.max_ms:.1f} | {what} | {one.socket_kb:.1f} "
        f"| {one.connects_per_cpu_s:,.0f} | {one.bottleneck} |"
    )


def _storm(one: Outcome) -> str:
    words = (
        f"Cut off, all were back at {one.server} after {one.back_s:.1f} s, "
        f"{one.resumes_per_cpu_s:,.0f} per CPU-s"
    )
    if not one.connect_reads:
        return words
    return (
        f"{words}; {one.connect_reads:.2f} statements for a first hello, {one.resume_reads:.2f} "
        f"for a resume; another user's command meanwhile: p99 {one.storm_p99_ms:.0f} ms"
    )


def _command(one: Outcome) -> str:
    return f"Another user's command at {one.server}: p99 {one.command_p99_ms:.1f} ms"


def kept(name: str, title: str, found: Medians) -> dict[str, Any]:
    """One scenario as it stands in a file."""
    return {
        "scenario": name,
        "title": title,
        "servers": {server: _rounded(asdict(one)) for server, one in found.items()},
    }


def _rounded(told: dict[str, Any]) -> dict[str, Any]:
    """Without digits that no clock has."""
    figures = {name: round(each, 4) for name, each in told.items() if isinstance(each, float)}
    return {**told, **figures, "curve": [round(ms, 3) for ms in told["curve"]]}


def restored(told: Mapping[str, Any]) -> tuple[str, Medians]:
    """The title and the figures that `kept` wrote, by this or an older version."""
    known = {field.name for field in fields(Outcome)}

    def outcome(one: Mapping[str, Any]) -> Outcome:
        figures = {name: each for name, each in one.items() if name in known}
        return Outcome(**{**figures, "verdict": Verdict(**one["verdict"])})

    return told["title"], {server: outcome(one) for server, one in told["servers"].items()}
