"""The curves of a soak as a picture: drawn by hand, readable in light and in dark."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Final

from tests.faults.soak.flat import lives
from tests.faults.soak.gauge import Sample
from tests.faults.soak.life import Soak

WIDTH: Final = 960
LEFT: Final = 64
RIGHT: Final = 16
TOP: Final = 72
HEIGHT: Final = 104  # of a panel
GAP: Final = 30
STEPS: Final = (0.5, 1, 2, 5, 10, 20)  # minutes between two times on the axis
TIMES: Final = 8
_STYLE: Final = """\
text { font: 12px system-ui, sans-serif; fill: #3b4045 }
.title { font-size: 15px; font-weight: 600 } .axis { stroke: #c9ced3 } .paper { fill: #fff }
.n0 { stroke: #0b63ce } .n1 { stroke: #b4450a } .n2 { stroke: #2a7d3a } .n3 { stroke: #7a7f85 }
.fault { stroke: #b3261e; opacity: .55 } path { fill: none; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #c8ccd0 } .axis { stroke: #41474d } .paper { fill: #14171a }
.n0 { stroke: #6cb2ff } .n1 { stroke: #ffa667 } .n2 { stroke: #7fd38f } .n3 { stroke: #9aa0a6 }
.fault { stroke: #ff8a80 } }"""


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity over the whole time, from 0."""

    title: str
    value: Callable[[Sample], float]
    has_harness: bool = False


PANELS: Final = (
    Panel("memory, MiB", lambda sample: sample.rss_bytes / 2**20, has_harness=True),
    Panel("open files", lambda sample: sample.fds),
    Panel("tasks", lambda sample: sample.tasks),
    Panel("sockets", lambda sample: sample.sockets),
    Panel("event loop's lag, ms (mean of 5 s)", lambda sample: 1000 * sample.lag_s),
)


def svg(lived: Soak) -> str:
    """The whole picture."""
    assert lived.gauge is not None
    height = TOP + len(PANELS) * (HEIGHT + GAP) + 24
    date = time.strftime("%Y-%m-%d", time.gmtime(lived.began))
    title = f"{lived.took_s / 60:.0f} minutes, {date}, seed {lived.seed}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>What three nodes used in {title}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{LEFT}" y="22">{title}</text>',
        *_legend(),
    ]
    for number, panel in enumerate(PANELS):
        parts += _panel(lived, panel, TOP + number * (HEIGHT + GAP))
    parts += _clock(lived, height - 10)
    return "\n".join((*parts, "</svg>", ""))


def _legend() -> list[str]:
    parts, x = [], LEFT
    for number, name in enumerate(("node 1", "node 2", "node 3, never killed", "the crowd")):
        parts.append(f'<path class="n{number}" d="M{x} 38h20"/>')
        parts.append(f'<text x="{x + 26}" y="42">{name}</text>')
        x += 60 + 7 * len(name)
    parts.append(f'<path class="fault" d="M{x} 32v12"/><text x="{x + 8}" y="42">a fault</text>')
    return parts


def _panel(lived: Soak, panel: Panel, top: float) -> list[str]:
    assert lived.gauge is not None
    series = [*lived.gauge.nodes]
    if panel.has_harness:
        series.append(lived.gauge.harness)
    most = _round_up(max((panel.value(one) for each in series for one in each), default=1.0))
    foot = top + HEIGHT
    parts = [
        f'<text x="{LEFT}" y="{top - 6}">{escape(panel.title)}</text>',
        f'<path class="axis" d="M{LEFT} {top}V{foot}H{WIDTH - RIGHT}"/>',
    ]
    for part in (0.0, 0.5, 1.0):
        y = foot - part * HEIGHT
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{most * part:g}</text>'
        )
    for chapter in lived.chapters[1:]:
        x = _x(lived, chapter.began)
        name = escape(chapter.fault.name)
        parts.append(f'<path class="fault" d="M{x:.1f} {foot}v-8"><title>{name}</title></path>')
    for number, samples in enumerate(series):
        for life in lives(samples):
            points = " ".join(
                f"{_x(lived, one.at):.1f},{foot - HEIGHT * panel.value(one) / most:.1f}"
                for one in life
            )
            parts.append(f'<path class="n{number}" d="M{points}"/>')
    return parts


def _clock(lived: Soak, y: float) -> list[str]:
    minutes = lived.took_s / 60
    step = next((step for step in STEPS if minutes / step <= TIMES), STEPS[-1])
    return [
        f'<text x="{_x(lived, lived.started + 60 * step * i):.0f}" y="{y}"'
        f' text-anchor="middle">{step * i:g} min</text>'
        for i in range(int(minutes / step) + 1)
    ]


def _x(lived: Soak, at: float) -> float:
    part = (at - lived.started) / max(1.0, lived.took_s)
    return LEFT + min(1.0, max(0.0, part)) * (WIDTH - LEFT - RIGHT)


def _round_up(most: float) -> float:
    """The next number of one digit, so that half of it is easy to read."""
    scale = 1.0
    while most > 10 * scale:
        scale *= 10
    while most and most < scale:
        scale /= 10
    return max(scale, scale * -(-most // scale))
