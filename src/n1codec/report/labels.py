"""Where the names of points go, so that they cover neither each other nor the points, and each is seen to be whose it is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LETTER: Final = 6.9
"""Mean width of a letter in pixels, at the size that labels have, in the widest of the fonts that are asked for."""

LINE: Final = 13.0
"""Height of a label in pixels."""

POINT: Final = 5.0
"""Half the size of a point in pixels."""

LINE_WIDTH: Final = 2.0
"""Half of what a line takes in pixels."""

GAP: Final = 9.0
"""Distance from the middle of a point to a label beside it in pixels."""

REACHES: Final = (24.0, 34.0, 46.0, 60.0, 76.0, 94.0, 116.0)
"""Distances in pixels of labels for which there is no room beside their point, and which a thin line joins to it."""

CROSSING: Final = 50.0
"""Up to which distance in pixels that line may cross another, if there is no other way."""

DIRECTIONS: Final = 24
"""Directions that are tried at each of those distances."""

ABOVE: Final = 14.0
"""How far a label may reach out of the chart at the top, in pixels."""

Position = tuple[float, float]


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

    def nearest(self, x: float, y: float) -> Position:
        """Return its place that is nearest to another."""
        return min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)

    def distance(self, x: float, y: float) -> float:
        """Return how far a place is from it."""
        return math.dist((x, y), self.nearest(x, y))


@dataclass(frozen=True)
class Place:
    """Where a label stands, from the middle of its point.

    Parameters
    ----------
    index : int
        The point.
    dx, dy : float
        From the middle of the point, in pixels.
    align : str
        Which part of the label is there: ``"left"``, ``"center"`` or ``"right"``.
    leader : tuple of float
        Both ends of the line that joins them, from the middle of the point; none if the label is beside it.
    """

    index: int
    dx: float
    dy: float
    align: str
    leader: tuple[Position, Position] | None = None


def scale(value: float, low: float, high: float, size: float, *, log: bool) -> float:
    """Return the position of a value on an axis of `size` pixels."""
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return size * (value - low) / (high - low)


def staircase(corners: Sequence[Position]) -> list[Box]:
    """Return what a line of steps covers that goes up or down first, then across, from each corner to the next."""
    boxes = []
    for (x, y), (next_x, next_y) in itertools.pairwise(corners):
        boxes.append(Box(x - LINE_WIDTH, min(y, next_y), x + LINE_WIDTH, max(y, next_y)))
        boxes.append(Box(min(x, next_x), next_y - LINE_WIDTH, max(x, next_x), next_y + LINE_WIDTH))
    return boxes


def polyline(corners: Sequence[Position]) -> list[Box]:
    """Return what a line from each corner straight to the next covers."""
    return [
        Box(x - LINE_WIDTH, y - LINE_WIDTH, x + LINE_WIDTH, y + LINE_WIDTH)
        for start, end in itertools.pairwise(corners)
        for x, y in _along(start, end)
    ]


def place(
    points: Sequence[Position],
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
    marks = [Box(x - POINT, y - POINT, x + POINT, y + POINT) for x, y in points]
    taken: list[Box] = []
    leaders: list[Position] = []
    placed: list[Place] = []
    for index, text in wanted:
        x, y = points[index]
        others = [box for number, box in enumerate(marks) if number != index]
        strangers = [point for number, point in enumerate(points) if number != index]
        free: list[tuple[float, float, str, Box]] = []
        for dx, dy, align, near in _spots():
            box = _box(x + dx, y + dy, align, text)
            if not (box.left >= 0 and box.right <= width + 8 and box.top >= -ABOVE and box.bottom <= height):
                continue
            if any(box.meets(other) for other in (*others, *taken, *lines)):
                continue
            if any(box.distance(*one) < 1 for one in leaders):
                continue
            if not near:
                free.append((dx, dy, align, box))
            elif all(box.distance(*one) >= box.distance(x, y) for one in strangers):  # else it would be another's
                placed.append(Place(index, dx, dy, align))
                taken.append(box)
                break
        else:
            # A thin line may cross a thick one if it must, but no point and no label.
            close = [one for one in free if math.hypot(*one[:2]) <= CROSSING]
            for spots, obstacles in ((free, [*others, *taken, *lines]), (close, [*others, *taken])):
                found = next((one for one in spots if _reaches(x, y, one[3], obstacles)), None)
                if found:
                    dx, dy, align, box = found
                    start, end = _leader(x, y, box)
                    placed.append(Place(index, dx, dy, align, ((start[0] - x, start[1] - y), (end[0] - x, end[1] - y))))
                    taken.append(box)
                    leaders += _along(start, end)
                    break
    return placed


def _reaches(x: float, y: float, box: Box, obstacles: Sequence[Box]) -> bool:
    """Whether a line from a point to its label meets nothing."""
    start, end = _leader(x, y, box)
    around = Box(
        *(min(pair) - 1 for pair in zip(start, end, strict=True)),
        *(max(pair) + 1 for pair in zip(start, end, strict=True)),
    )
    near = [other for other in obstacles if other.meets(around)]
    return not any(other.distance(*one) < 1 for one in _along(start, end) for other in near)


def _spots() -> Iterator[tuple[float, float, str, bool]]:
    """Yield the places to try, the most natural first, and whether they are beside the point."""
    yield from ((GAP, 0.0, "left", True), (-GAP, 0.0, "right", True))
    yield from ((0.0, -1.5 * GAP, "center", True), (0.0, 1.5 * GAP, "center", True))
    for up, side in itertools.product((-1, 1), (1, -1)):
        yield 0.7 * GAP * side, 1.2 * GAP * up, "left" if side > 0 else "right", True
    for reach in REACHES:
        for step in range(DIRECTIONS):
            angle = 2 * math.pi * step / DIRECTIONS
            across, down = math.cos(angle), math.sin(angle)
            align = "center" if abs(across) < 0.5 else "left" if across > 0 else "right"
            yield reach * across, reach * down, align, False


def _box(x: float, y: float, align: str, text: str) -> Box:
    size = LETTER * len(text)
    left = {"left": x, "right": x - size, "center": x - size / 2}[align]
    return Box(left, y - LINE / 2, left + size, y + LINE / 2)


def _leader(x: float, y: float, box: Box) -> tuple[Position, Position]:
    """Return the ends of a line from the rim of a point to a label."""
    to_x, to_y = box.nearest(x, y)
    length = math.dist((x, y), (to_x, to_y))
    start, end = (POINT + 1) / length, 1 - 2 / length
    return (x + start * (to_x - x), y + start * (to_y - y)), (x + end * (to_x - x), y + end * (to_y - y))


def _along(start: Position, end: Position) -> Iterator[Position]:
    """Yield places along a line, close to each other."""
    steps = max(1, math.ceil(math.dist(start, end) / 2))
    for step in range(steps + 1):
        part = step / steps
        yield start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])
