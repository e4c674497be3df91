"""Bars and curves as SVG: drawn by hand, readable in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from loadtest.fanruns import CURVE, Outcome
from loadtest.scenarios import Medians

WIDTH: Final = 760
_STYLE: Final = """\
text{font:13px system-ui,sans-serif;fill:#14171a}.title{font-weight:600}.small{font-size:11px}
.small{fill:#5a646e}.paper{fill:#fff}.grid{stroke:#dfe3e7}.ours{fill:#b87a00}.peer{fill:#9aa4ae}
.line{fill:none;stroke-width:1.6}.s0{stroke:#b87a00;stroke-width:3}.s1{stroke:#5a646e}
.s2{stroke:#0b63ce}.s3{stroke:#b3261e}.s4{stroke:#2a7d3a}.s5{stroke:#7b4bc4}
@media (prefers-color-scheme:dark){text{fill:#e7e9ea}.small{fill:#9aa4ae}.paper{fill:#15181c}
.grid{stroke:#30363c}.ours{fill:#f0a830}.peer{fill:#5f6a75}.s0{stroke:#f0a830}.s1{stroke:#b6bfc8}
.s2{stroke:#6cb2ff}.s3{stroke:#ff8a80}.s4{stroke:#7fd38f}.s5{stroke:#c3a2ff}}"""
_BAR, _LABEL, _GAP = 22, 190, 6
_TOP, _HEIGHT, _LEFT = 64, 300, 56
# Neither the quickest tenth, which says little, nor the one slowest delivery, which is no part.
_PARTS: Final = tuple(part for part in CURVE if 0.1 <= part < 1)
_MARKS: Final = (0.5, 0.9, 0.99, 0.999)


def bars(results: Mapping[str, Medians]) -> str:
    """Deliveries per second of CPU, a group for each title, the most first."""
    parts: list[str] = []
    y = 44
    for title, found in results.items():
        ranked = sorted(found.values(), key=lambda one: -one.per_cpu_s)
        if not ranked:
            continue
        most = ranked[0].per_cpu_s or 1.0
        parts.append(_words(8, y + 4, title, "title"))
        y += 14
        for one in ranked:
            parts.append(_bar(one, y, most))
            y += _BAR + _GAP
        y += 28
    return _picture(y - 10, "Deliveries per second of server CPU; more is better", parts)


def curves(title: str, found: Medians) -> str:
    """How many milliseconds each part of the deliveries took at most, a line for each server."""
    lines = {one.server: one.curve for one in found.values() if one.curve}
    low, high = _range([ms for curve in lines.values() for ms in _shown(curve)])
    parts = [*_legend(lines), *_grid(low, high)]
    for place, curve in enumerate(lines.values()):
        points = " ".join(
            f"{_across(part):.1f},{_up(ms, low, high):.1f}"
            for part, ms in zip(_PARTS, _shown(curve), strict=True)
        )
        parts.append(f'<polyline class="line s{place % 6}" points="{points}"/>')
    return _picture(_TOP + _HEIGHT + 40, f"{title}: milliseconds to a follower", parts)


def _shown(curve: Sequence[float]) -> list[float]:
    """Milliseconds of each of _PARTS."""
    return [max(ms, 0.01) for part, ms in zip(CURVE, curve, strict=True) if part in _PARTS]


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The 1, 2 or 5 of some decade below the least, and above the most."""
    steps = [step * 10.0**power for power in range(-2, 6) for step in (1, 2, 5)]
    least, most = min(values, default=1.0), max(values, default=1.0)
    low = max(step for step in steps if step <= least)
    return low, min((step for step in steps if step >= most and step > low), default=steps[-1])


def _across(part: float) -> float:
    """Each nine as wide as the one before: 90 %, 99 %, 99.9 %."""
    return _LEFT + (WIDTH - _LEFT - 24) * -math.log10(1 - min(part, 0.999)) / 3


def _up(ms: float, low: float, high: float) -> float:
    return _TOP + _HEIGHT * (1 - math.log10(ms / low) / math.log10(high / low))


def _grid(low: float, high: float) -> Iterable[str]:
    right, foot = WIDTH - 24, _TOP + _HEIGHT
    for power in range(-2, 6):
        for ms in (10.0**power, 2 * 10.0**power, 5 * 10.0**power):
            if low * 0.99 <= ms <= high * 1.01:
                y = _up(ms, low, high)
                yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{right}"/>'
                yield _words(_LEFT - 6, y + 4, f"{ms:,g}", "small", "end")
    for part in _MARKS:
        x = _across(part)
        yield f'<path class="grid" d="M{x:.1f} {_TOP}V{foot}"/>'
        yield _words(x, foot + 18, f"{part:.1%}".replace(".0", ""), "small", "middle")
    yield _words(_LEFT, foot + 34, "of the deliveries", "small")


def _legend(names: Iterable[str]) -> Iterable[str]:
    x = float(_LEFT)
    for place, name in enumerate(names):
        yield f'<path class="line s{place % 6}" d="M{x} 42h18"/>'
        yield _words(x + 24, 46, name)
        x += 44 + 7.2 * len(name)


def _bar(one: Outcome, y: int, most: float) -> str:
    width = max(1.0, (WIDTH - _LABEL - 100) * one.per_cpu_s / most)
    side = "ours" if one.server.startswith("realtime") else "peer"
    middle = y + _BAR * 0.7
    return (
        _words(_LABEL - 8, middle, one.server, "", "end")
        + f'<rect class="{side}" x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR}"/>'
        + _words(_LABEL + width + 6, middle, f"{one.per_cpu_s:,.0f}")
    )


def _words(x: float, y: float, said: str, style: str = "", anchor: str = "start") -> str:
    look = f' class="{style}"' if style else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{look} text-anchor="{anchor}">{escape(said)}</text>'


def _picture(height: int, title: str, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    paper = f'<rect class="paper" width="{WIDTH}" height="{height}"/>'
    named = (f"<title>{escape(title)}</title>", f"<style>{_STYLE}</style>")
    return "\n".join((head, *named, paper, _words(8, 20, title, "title"), *parts, "</svg>", ""))
