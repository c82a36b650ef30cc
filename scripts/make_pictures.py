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
import svg
from n1codec import synth

RATE: Final = 19_531
STRETCH: Final = 976
"""Samples that are drawn: 50 ms."""
WIDTH, HEIGHT, LEFT, TOP = 760, 110, 64, 26
PANEL: Final = HEIGHT + 30


def panel(number: int, title: str, values: Sequence[int], low: int, high: int) -> str:
    """Return one line with its title and its axis."""
    top = TOP + number * PANEL
    x, y = svg.Scale(0, len(values) - 1, LEFT, LEFT + WIDTH), svg.Scale(low, high, top + HEIGHT, top)
    return "".join(
        (
            svg.at(LEFT, top - 8, title, "t"),
            svg.path(f"M{LEFT},{top}V{top + HEIGHT}H{LEFT + WIDTH}", "a"),
            svg.at(LEFT - 6, top + 10, f"{high:,}", anchor="end"),
            svg.at(LEFT - 6, top + HEIGHT, f"{low:,}", anchor="end"),
            svg.polyline([(x(index), y(value)) for index, value in enumerate(values)], "s"),
        )
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
    words = "A recording before and after encoding, and their difference: zero at every sample"
    svg.write("round-trip", svg.document(LEFT + WIDTH + 12, TOP + 3 * PANEL, words, panels))


if __name__ == "__main__":
    main()
