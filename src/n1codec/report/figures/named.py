"""Names beside the points of a figure, placed for a desk, for an exported picture and for a phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.labels import Box, Position, place, polyline, scale, staircase
from n1codec.report.model import Row

WIDTHS: Final = {"wide": 900, "middle": 700, "narrow": 260}
"""Sizes that names are placed for, in pixels: a desk, an exported picture, a phone."""

NARROW: Final = "narrow"
"""The one of them that has room for few names."""

ROOM: Final = "(width < 520 ? 'narrow' : width < 820 ? 'middle' : 'wide')"
"""Vega expression: the size in `WIDTHS` that a chart is nearest to."""


@dataclass(frozen=True)
class Axes:
    """Where the points of a figure are.

    Parameters
    ----------
    x, y : alt.X, alt.Y
        The axes: x is logarithmic, y is not.
    x_of, y_of : callable
        Give the values of a codec on them.
    x_domain, y_domain : tuple of float
        Their ends.
    height : int
        Of the chart in pixels.
    record : callable
        Gives what the chart has to know of a codec.
    """

    x: alt.X
    y: alt.Y
    x_of: Callable[[Row], float]
    y_of: Callable[[Row], float]
    x_domain: tuple[float, float]
    y_domain: tuple[float, float]
    height: int
    record: Callable[[Row], base.Record]

    def position(self, row: Row, width: float) -> Position:
        """Return where a codec's point is, in pixels from the top left corner."""
        return (
            scale(self.x_of(row), *self.x_domain, width, log=True),
            self.height - scale(self.y_of(row), *self.y_domain, self.height, log=False),
        )


def names(
    axes: Axes,
    rows: Sequence[Row],
    wanted: Callable[[str], Mapping[Row, str]],
    *,
    few: int,
    front: Sequence[Row] = (),
    joined: Sequence[Sequence[Row]] = (),
) -> list[alt.Chart]:
    """Return the layers of names, and of the lines that join those to their points that stand apart from them.

    Parameters
    ----------
    axes : Axes
        Where points are.
    rows : sequence of Row
        All points, named or not.
    wanted : callable
        Gives, for each key of `WIDTHS`, what to name and how, the most important first.
    few : int
        Most names of a narrow chart.
    front : sequence of Row
        Corners of a line of steps that names must not cover.
    joined : sequence of sequence of Row
        Corners of other lines.
    """
    records: list[dict[str, Any]] = []
    for room, width in WIDTHS.items():
        points = {row: axes.position(row, width) for row in rows}
        named = wanted(room)
        lines: list[Box] = staircase([points[row] for row in front])
        lines += [box for line in joined for box in polyline([points[row] for row in line])]
        order = [(rows.index(row), name) for row, name in named.items()]
        spots = place(list(points.values()), order, width, axes.height, lines)
        for spot in spots[: few if room == NARROW else None]:
            row = rows[spot.index]
            where = {"dx": round(spot.dx, 1), "dy": round(spot.dy, 1), "align": spot.align, "room": room}
            if spot.leader:
                (x0, y0), (x1, y1) = spot.leader
                where["leader"] = f"M{x0:.1f},{y0:.1f}L{x1:.1f},{y1:.1f}"
            records.append(axes.record(row) | where | {"name": named[row]})
    # Names for other widths are empty: even where they are not seen, the chart would make room for them.
    fits = f"{ROOM} == datum.room"
    shown = alt.ExprRef(f"{base.CHOSEN} ? 1 : 0.15")
    chart = alt.Chart(base.data(records)).encode(x=axes.x, y=axes.y)
    text = chart.mark_text(
        style="label",
        align=alt.ExprRef("datum.align"),
        dx=alt.ExprRef("datum.dx"),
        dy=alt.ExprRef("datum.dy"),
        text=alt.ExprRef(f"{fits} ? datum.name : ''"),
        opacity=shown,
        tooltip=None,
    )
    if not any("leader" in one for one in records):
        return [text]
    # Vega draws the path of a point of size 4 in pixels.
    path = alt.ExprRef(f"{fits} ? datum.leader : 'M0,0'")
    leaders = chart.mark_point(style="leader", shape=path, size=4, opacity=shown, tooltip=None)
    return [leaders.transform_filter("isValid(datum.leader)"), text]


def by_level(flagship: Sequence[Row]) -> bool:
    """Whether the flagship's rows are so many levels that a number is name enough for those between."""
    return len(flagship) > 2 and all([key for key, _ in row.params] == ["level"] for row in flagship)


def flagship_names(flagship: Sequence[Row]) -> tuple[dict[Row, str], dict[Row, str]]:
    """Return the names of the slowest and the fastest level, and those between, from rows that are sorted by speed."""
    ends = dict.fromkeys([*flagship[:1], *flagship[-1:]])
    between = [row for row in flagship if row not in ends]
    if by_level(flagship):
        level = {row: row.params[0][1] for row in flagship}
        return {row: f"{row.coder} level {level[row]}" for row in ends}, {row: level[row] for row in between}
    return {row: row.label for row in ends}, {row: row.label for row in between}
