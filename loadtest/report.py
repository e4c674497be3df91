"""Everything that is measured, on one page: `python -m loadtest.report` renews docs/performance.md.

Each part runs in a process of its own and is kept by itself in performance.jsonl, so that one can
be renewed alone (`--part writes`) and a broken one spoils nothing. The exit status is 1 if a part
gave no result, or lost, doubled or reordered anything; a missed aim is no failure, it is told.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loadtest import parts, results, sheet
from loadtest.parts import PARTS, Broken
from loadtest.results import say

ROOT: Final = parts.ROOT
DOCS: Final = ROOT / "docs"


def asked_for(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = tuple(part.name for part in PARTS)
    parser.add_argument("--part", nargs="+", choices=names, default=(), metavar="PART")
    parser.add_argument("--quick", action="store_true", help="a selection of five minutes")
    parser.add_argument("--to", type=_folder, default=DOCS, help="the folder of the page")
    parser.add_argument("--keep", type=Path, help="measure nothing: take this result for --part")
    parser.add_argument("--render", action="store_true", help="measure nothing: only the page")
    parser.add_argument("--list", action="store_true", help="say what the parts are")
    asked = parser.parse_args(words)
    if asked.keep is not None and len(asked.part) != 1:
        parser.error("--keep needs exactly one --part")
    return asked


def _folder(word: str) -> Path:
    return Path(word).resolve()


def main(words: Sequence[str] | None = None) -> int:
    """Measure what was asked for, and write the page after each part; the exit status."""
    asked = asked_for(words)
    if asked.list:
        for part in PARTS:
            say(f"{part.name:16} python -m {' '.join(part.command)}")
        return 0
    if asked.keep is not None:
        _keep(asked.to, asked.part[0], results.read(asked.keep))
        return 0
    if asked.render:
        render(asked.to)
        return 0
    return 1 if measure(asked.part, asked.to, quick=asked.quick) else 0


def measure(names: Sequence[str], folder: Path, *, quick: bool) -> list[str]:
    """Run these parts, each kept as soon as it is done; what went wrong, in sentences."""
    wrong: list[str] = []
    began = time.monotonic()
    for part in parts.chosen(names, quick=quick):
        start = time.monotonic()
        try:
            found = parts.run(part, quick=quick)
        except Broken as error:
            wrong.append(str(error))
            say(f"BROKEN: {error}")
            continue
        wrong += [f"{part.name}: {sentence}" for sentence in found.wrong]
        if found.rows or found.tables:  # else what was found before says more
            _keep(folder, part.name, found)
        say(f"-- {part.name}: {time.monotonic() - start:.0f} s\n")
    say(f"{time.monotonic() - began:.0f} s in all; {folder / 'performance.md'}")
    for sentence in wrong:
        say(f"WRONG: {sentence}")
    return wrong


def _keep(folder: Path, name: str, found: results.Result) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "performance.jsonl"
    parts.write(path, {**parts.read(path), name: found})
    render(folder)


def render(folder: Path) -> None:
    """Write the page and its plots anew from what is kept; in docs/ the README's table too."""
    kept = parts.read(folder / "performance.jsonl")
    blocks = sheet.blocks(kept)
    page = folder / "performance.md"
    if page.exists() and folder == DOCS:
        page.write_text(sheet.filled(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")
        readme = ROOT / "README.md"
        readme.write_text(
            sheet.filled(readme.read_text(encoding="utf-8"), blocks), encoding="utf-8"
        )
    else:
        page.write_text(sheet.BLANK.format(**blocks), encoding="utf-8")
    for name, drawn in sheet.plots(kept).items():
        (folder / name).write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
