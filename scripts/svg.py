"""Small drawings as SVG text: lines, bars and dots that read on a light and on a dark page, and need no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

IMAGES: Final = Path(__file__).resolve().parent.parent / "docs" / "images"

STYLE: Final = (
    "text{font:12px sans-serif;fill:#333}.t{font-weight:bold}.m{fill:#767676}.a{stroke:#bbb;fill:none}.g{stroke:#e3e3e3;fill:none}"
    ".s{stroke:#0072b2;fill:none;stroke-width:1.2}.u{stroke:#d55e00;fill:none;stroke-width:1.2}.v{stroke:#009e73;fill:none;stroke-width:1.2}"
    ".w{stroke:#aa4499;fill:none;stroke-width:1.2}.b{fill:#0072b2}.o{fill:#d55e00}.h{fill:none;stroke:#0072b2;stroke-width:1.6}.p{fill:#b9c4cc}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.m{fill:#aaa}.a{stroke:#666}.g{stroke:#3a3a3a}.s,.h{stroke:#56b4e9}.b{fill:#56b4e9}"
    ".o{fill:#e8854a}.u{stroke:#e8854a}.p{fill:#59636b}}"
)


def document(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """Return a whole picture; the title is for those who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>\n"
    )


def write(name: str, text: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / f"{name}.svg").write_text(text, encoding="utf-8")


def at(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    """Return a word at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def polyline(points: Sequence[tuple[float, float]], kind: str) -> str:
    return f'<polyline class="{kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def path(steps: str, kind: str) -> str:
    return f'<path class="{kind}" d="{steps}"/>'


def bar(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.0):.1f}" height="{height:.1f}"/>'


def dot(x: float, y: float, kind: str, radius: float = 4.0) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>'


class Scale:
    """Values to places on an axis, even or logarithmic."""

    def __init__(self, low: float, high: float, start: float, end: float, *, log: bool = False) -> None:
        self._log = log
        self._low, self._high = (math.log10(low), math.log10(high)) if log else (low, high)
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        place = math.log10(value) if self._log else value
        return self._start + (self._end - self._start) * (place - self._low) / (self._high - self._low)
