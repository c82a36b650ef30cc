"""Draw docs/images/round-trip.svg: a stretch of a recording before and after a file, and their difference.

Usage: ``python scripts/make_pictures.py``. The recording is `n1codec.synth`'s. Needs nothing but this package.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

import n1codec
from n1codec import synth

IMAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "images" / "round-trip.svg"
RATE: Final = 19_531
STRETCH: Final = 976
"""Samples that are drawn: 50 ms."""
WIDTH, HEIGHT, LEFT, TOP = 760, 110, 64, 26
PANEL: Final = HEIGHT + 30
STYLE: Final = (
    "text{font:12px sans-serif;fill:#333}.t{font-weight:bold}.a{stroke:#bbb;fill:none}.s{stroke:#0072b2;fill:none;stroke-width:1.1}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.a{stroke:#555}.s{stroke:#56b4e9}}"
)


def line(values: Sequence[float], low: float, high: float) -> str:
    """Return the points of a line in its panel."""
    places = (
        f"{LEFT + index * WIDTH / (len(values) - 1):.1f},{HEIGHT - HEIGHT * (value - low) / (high - low):.1f}"
        for index, value in enumerate(values)
    )
    return " ".join(places)


def panel(number: int, title: str, values: Sequence[int], low: int, high: int) -> str:
    """Return one line with its title and its axis."""
    return (
        f'<g transform="translate(0,{TOP + number * PANEL})"><text class="t" x="{LEFT}" y="-8">{title}</text>'
        f'<path class="a" d="M{LEFT},0V{HEIGHT}H{LEFT + WIDTH}"/>'
        f'<text x="{LEFT - 6}" y="10" text-anchor="end">{high:,}</text><text x="{LEFT - 6}" y="{HEIGHT}" text-anchor="end">{low:,}</text>'
        f'<polyline class="s" points="{line(values, low, high)}"/></g>'
    )


def main() -> None:
    samples = synth.recording(seconds=5, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.n1c"
        with n1codec.Writer(path, dtype="int16", rate=RATE) as writer:
            writer.append(samples)
        size = path.stat().st_size
        with n1codec.open(path) as recording:
            back = recording[:]
    difference = back.astype(np.int64) - samples
    centre = int(np.argmax(np.abs(samples.astype(np.int64) - int(np.median(samples)))))
    first = min(max(centre - STRETCH // 2, 0), len(samples) - STRETCH)
    part = slice(first, first + STRETCH)
    low, high = int(samples[part].min()), int(samples[part].max())
    panels = (
        panel(0, f"before: {samples.nbytes:,} bytes of samples (50 ms of 5 s are drawn)", samples[part].tolist(), low, high),
        panel(1, f"after: decoded from a file of {size:,} bytes", back[part].tolist(), low, high),
        panel(
            2,
            f"difference: {np.count_nonzero(difference):,} of {len(samples):,} samples differ",
            difference[part].tolist(), (low - high) // 2, (high - low) // 2,
        ),
    )  # fmt: skip
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 12} {TOP + 3 * PANEL}" role="img"><style>{STYLE}</style>'
        f"{''.join(panels)}</svg>\n"
    )
    IMAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
