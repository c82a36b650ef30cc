"""Where the names of points go, so that they cover neither each other nor the points."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LETTER: Final = 6.3
"""Mean width of a letter in pixels, at the size that labels have."""

LINE: Final = 13.0
"""Height of a label in pixels."""

POINT: Final = 5.0
"""Half the size of a point in pixels."""

LINE_WIDTH: Final = 2.0
"""Half of what a line takes in pixels."""

GAP: Final = 9.0
"""Distance from the middle of a point to its label in pixels."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two rectangles share any place."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True)
class Place:
    """Where a label stands, from the middle of its point."""

    index: int
    dx: float
    dy: float
    align: str


def scale(value: float, low: float, high: float, size: float, *, log: bool) -> float:
    """Return the position of a value on an axis of `size` pixels."""
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return size * (value - low) / (high - low)


def staircase(corners: Sequence[tuple[float, float]]) -> list[Box]:
    """Return what a line of steps covers that goes up or down first, then across, from each corner to the next."""
    boxes = []
    for (x, y), (next_x, next_y) in itertools.pairwise(corners):
        boxes.append(Box(x - LINE_WIDTH, min(y, next_y), x + LINE_WIDTH, max(y, next_y)))
        boxes.append(Box(min(x, next_x), next_y - LINE_WIDTH, max(x, next_x), next_y + LINE_WIDTH))
    return boxes


def place(
    points: Sequence[tuple[float, float]],
    wanted: Sequence[tuple[int, str]],
    width: float,
    height: float,
    lines: Sequence[Box] = (),
) -> list[Place]:
    """Place labels one after the other; those for which there is no room are left out.

    Parameters
    ----------
    points : sequence of (float, float)
        All points in pixels from the top left corner, named or not.
    wanted : sequence of (int, str)
        Index of a point and its label, the most important first.
    width, height : float
        Size of the chart in pixels.
    lines : sequence of Box
        What else labels must not cover.
    """
    taken = [Box(x - POINT, y - POINT, x + POINT, y + POINT) for x, y in points]
    placed: list[Place] = []
    for index, text in wanted:
        x, y = points[index]
        size = LETTER * len(text)
        others = [box for number, box in enumerate(taken) if number != index]
        for dx, dy, align in _spots():
            left = {"left": x + dx, "right": x + dx - size, "center": x + dx - size / 2}[align]
            box = Box(left, y + dy - LINE / 2, left + size, y + dy + LINE / 2)
            inside = box.left >= 0 and box.right <= width + 8 and box.top >= -14 and box.bottom <= height
            if inside and not any(box.meets(other) for other in (*others, *lines)):
                taken.append(box)
                placed.append(Place(index, dx, dy, align))
                break
    return placed


def _spots() -> list[tuple[float, float, str]]:
    """Return the places to try, the most natural first."""
    near = [(GAP, 0.0, "left"), (-GAP, 0.0, "right"), (0.0, -1.5 * GAP, "center"), (0.0, 1.5 * GAP, "center")]
    slanted = [(0.7 * GAP * x, 1.2 * GAP * y, "left" if x > 0 else "right") for y in (-1, 1) for x in (1, -1)]
    far = [(0.7 * GAP * x, 2.3 * GAP * y, "left" if x > 0 else "right") for y in (-1, 1) for x in (1, -1)]
    return near + slanted + far
