"""Ratio against speed: every codec a point, and the front that nothing beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.labels import place, scale, staircase
from n1codec.report.model import FLAGSHIP, Row, Study
from n1codec.report.text import brief, fixed, listed

WELL_KNOWN: Final = (
    "zstd",
    "lz4",
    "gzip",
    "bz2",
    "lzma",
    "flac",
    "wavpack",
    "brotli",
    "bzip3",
    "pcodec",
    "openzl",
    "huffman",
    "store",
)
"""Codecs that most readers know: their plain forms are named in the picture. Front and flagship are named in any case."""

HEIGHT: Final = 460
WIDTHS: Final = {"wide": 730, "narrow": 260}
"""Sizes that labels are placed for, in pixels: a desk and a phone."""

NARROW: Final = 520
"""Width of the chart below which it counts as narrow, in pixels."""

FEW: Final = 8
"""Most labels of a narrow chart."""


def tradeoff(study: Study, way: str) -> base.Figure | base.Missing:
    """Return the figure of ratio against the speed of ``"encode"`` or ``"decode"``."""
    verb = {"encode": "encoding", "decode": "decoding"}[way]
    name, title = f"ratio-{way}", f"Ratio against {verb} speed"
    rows = [row for row in study.exact if getattr(row.result, f"{way}_mb_s")]
    if not rows:
        return base.Missing(name, title, "No codec of this run gave every recording back.")
    speeds = [getattr(row.result, f"{way}_mb_s") for row in rows]
    ratios = [row.result.ratio or 0.0 for row in rows]
    x_domain = (min(speeds) / 1.4, max(speeds) * 1.5)
    y_domain = (min(*ratios, 1.0) * 0.96, max(ratios) * 1.04)
    front = sorted(
        (row for row in rows if getattr(row.result, f"pareto_{way}")),
        key=lambda row: getattr(row.result, f"{way}_mb_s"),
    )
    x = alt.X(
        f"{way}:Q",
        title=f"{verb}, MB/s (log)",
        scale=alt.Scale(type="log", domain=list(x_domain), nice=False, clamp=True),
        axis=alt.Axis(values=base.speed_ticks(*x_domain), format="~s", labelOverlap=True),
    )
    y = alt.Y(
        "ratio:Q",
        title="compression ratio",
        scale=alt.Scale(domain=list(y_domain), nice=False),
        axis=alt.Axis(format=".3~r", tickCount=7),
    )
    everything = alt.Chart(base.data([base.record(row, study) for row in rows])).encode(x=x, y=y)
    of_front = alt.Chart(base.data([base.record(row, study) for row in front])).encode(x=x, y=y)
    points = everything.mark_point(filled=True, strokeWidth=0, cursor="pointer").encode(
        color=base.group_color(study),
        shape=base.group_shape(study),
        size=alt.condition(f"datum.group == '{FLAGSHIP}'", alt.value(170), alt.value(75)),
        opacity=alt.condition(base.CHOSEN, alt.value(0.9), alt.value(base.FADED)),
        tooltip=base.tooltips(),
    )
    layers: list[alt.Chart] = [of_front.mark_line(interpolate="step-before", style="front")]
    flagship = [row for row in rows if row.group == FLAGSHIP]
    if len(flagship) > 1:
        levels = alt.Chart(base.data([base.record(row, study) for row in flagship])).encode(x=x, y=y)
        layers.append(
            levels.mark_line(strokeWidth=2, opacity=0.6).encode(
                color=base.group_color(study), order=alt.Order(f"{way}:Q")
            )
        )
    layers.append(points)
    layers.append(everything.mark_point(style="ring", size=260).transform_filter("datum.codec == pick"))
    layers.append(_labels(study, rows, front, way, x, y, x_domain, y_domain))
    described = _describe(rows, front, verb, way)
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="Each point is a codec; up and to the right is better. The dashed line joins the codecs that no "
        "other beats in both "
        "ratio and speed. Rest on a point to see its row; click it to single out its group, here and everywhere.",
        panels=(base.spec_of(alt.layer(*layers), described, height=HEIGHT),),
        table=base.codec_table(rows),
        ratio_axis="y",
        legend=True,
    )


def _labels(
    study: Study,
    rows: Sequence[Row],
    front: Sequence[Row],
    way: str,
    x: alt.X,
    y: alt.Y,
    x_domain: tuple[float, float],
    y_domain: tuple[float, float],
) -> alt.Chart:
    """Return the layer of names: the flagship and its closest rival, the ends of the front, known codecs, the rest of it."""
    known = [row for name in WELL_KNOWN for row in rows if row.result.codec == name]
    flagship = [row for row in rows if row.group == FLAGSHIP]
    rivals = [row for row in rows if row.group != FLAGSHIP]  # the best ratio first
    order = list(dict.fromkeys([*flagship, *rivals[:1], *front[:1], *front[-1:], *known, *front]))
    wanted = [(rows.index(row), row.label) for row in order]
    records: list[dict[str, Any]] = []
    for room, width in WIDTHS.items():
        points = [
            (
                scale(getattr(row.result, f"{way}_mb_s"), *x_domain, width, log=True),
                HEIGHT - scale(row.result.ratio or 0.0, *y_domain, HEIGHT, log=False),
            )
            for row in rows
        ]
        steps = staircase([points[rows.index(row)] for row in front])
        spots = place(points, wanted, width, HEIGHT, steps)[: None if room == "wide" else FEW]
        for spot in spots:
            where = {"dx": spot.dx, "dy": spot.dy, "align": spot.align, "room": room}
            records.append(base.record(rows[spot.index], study) | where)
    fits = f"(width < {NARROW} ? 'narrow' : 'wide') == datum.room"
    shown = alt.ExprRef(f"!({fits}) ? 0 : {base.CHOSEN} ? 1 : 0.15")
    marks = alt.Chart(base.data(records)).mark_text(
        style="label",
        align=alt.ExprRef("datum.align"),
        dx=alt.ExprRef("datum.dx"),
        dy=alt.ExprRef("datum.dy"),
        opacity=shown,
        tooltip=None,
    )
    labels: alt.Chart = marks.encode(x=x, y=y, text=alt.Text("codec:N"))
    return labels


def _describe(rows: Sequence[Row], front: Sequence[Row], verb: str, way: str) -> str:
    ends = [
        f"{row.label} with ratio {fixed(row.result.ratio)} at {brief(getattr(row.result, f'{way}_mb_s'))} MB/s"
        for row in dict.fromkeys([*front[:1], *front[len(front) // 2 : len(front) // 2 + 1], *front[-1:]])
    ]
    return (
        f"Scatter plot of {len(rows)} codecs, {verb} speed on a logarithmic axis against compression ratio. "
        f"{len(front)} of them are on the front that no other codec beats in both, among them {listed(ends)}."
    )
