"""Ratio against speed: every codec a point, and the front that nothing beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.figures.named import NARROW, Axes, by_level, flagship_names, names
from n1codec.report.model import FLAGSHIP, Row, Study
from n1codec.report.text import brief, fixed, listed

WELL_KNOWN: Final = (
    "zstd",
    "flac",
    "lz4",
    "bz2",
    "gzip",
    "lzma",
    "wavpack",
    "brotli",
    "pcodec",
    "openzl",
    "huffman",
    "store",
)
"""Codecs that most readers know: their plain forms are named in the picture."""

PIPED: Final = ("flac", "pcodec", "openzl", "zstd", "wavpack", "huffman", "rans")
"""Coders of which a pipeline is named too, where there is room."""

HEIGHT: Final = 460
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
    flagship = sorted(
        (row for row in rows if row.group == FLAGSHIP), key=lambda row: float(getattr(row.result, f"{way}_mb_s"))
    )
    named_left = any(getattr(row.result, f"{way}_mb_s") < 2 * min(speeds) for row in flagship)
    x_domain = (min(speeds) / (2.2 if named_left else 1.4), max(speeds) * 1.5)
    y_domain = (min(*ratios, 1.0) * 0.96, max(ratios) * 1.04)
    front = sorted(
        (row for row in rows if getattr(row.result, f"pareto_{way}")),
        key=lambda row: getattr(row.result, f"{way}_mb_s"),
    )
    x = base.log_x(way, f"{verb}, MB/s", x_domain)
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
    if len(flagship) > 1:
        levels = alt.Chart(base.data([base.record(row, study) for row in flagship])).encode(x=x, y=y)
        layers.append(
            levels.mark_line(strokeWidth=2, opacity=0.6).encode(
                color=base.group_color(study), order=alt.Order(f"{way}:Q")
            )
        )
    layers.append(points)
    axes = Axes(
        x=x,
        y=y,
        x_of=lambda row: float(getattr(row.result, f"{way}_mb_s")),
        y_of=lambda row: row.result.ratio or 0.0,
        x_domain=x_domain,
        y_domain=y_domain,
        height=HEIGHT,
        record=lambda row: base.record(row, study),
    )
    layers += names(
        axes, rows, lambda room: _names(rows, front, flagship, room), few=FEW, front=front, joined=[flagship]
    )
    layers.append(everything.mark_point(style="ring", size=260).transform_filter("datum.codec == pick"))
    described = _describe(rows, front, verb, way)
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="Each point is a codec; up and to the right is better. The dashed line joins the codecs that no "
        "other beats in both "
        f"ratio and speed{f'; plain numbers are levels of {FLAGSHIP}' if by_level(flagship) else ''}. "
        "Rest on a point to see its row; click it to single out its group, here and everywhere.",
        panels=(base.spec_of(alt.layer(*layers), described, height=HEIGHT),),
        table=base.codec_table(rows),
        ratio_axis="y",
        legend=True,
    )


def _names(rows: Sequence[Row], front: Sequence[Row], flagship: Sequence[Row], room: str) -> dict[Row, str]:
    """Return what to name and how, the most important first; `flagship` and `front` are sorted by speed.

    The flagship comes first, then its closest rival, the ends of the front, pipelines, known codecs, the rest of the front.
    """
    ends, between = flagship_names(flagship)
    rival = [row for row in rows if row.group != FLAGSHIP][:1]  # the best ratio first
    known = [row for name in WELL_KNOWN for row in rows if row.result.codec == name]
    if room == NARROW:
        return ends | {row: row.label for row in [*known, *rival, *front] if row.group != FLAGSHIP}
    # Of a coder's pipelines, the best at its default settings: its name is the shortest.
    piped = [[row for row in rows if row.coder == name and row.chain] for name in PIPED]
    pipelines = [min(one, key=lambda row: bool(row.params)) for one in piped if one]
    others = [*front[-1:], *front[:1], *pipelines, *known, *front]
    return (
        ends | {row: row.label for row in rival} | between | {row: row.label for row in others if row.group != FLAGSHIP}
    )


def _describe(rows: Sequence[Row], front: Sequence[Row], verb: str, way: str) -> str:
    ends = [
        f"{row.label} with ratio {fixed(row.result.ratio)} at {brief(getattr(row.result, f'{way}_mb_s'))} MB/s"
        for row in dict.fromkeys([*front[:1], *front[len(front) // 2 : len(front) // 2 + 1], *front[-1:]])
    ]
    return (
        f"Scatter plot of {len(rows)} codecs, {verb} speed on a logarithmic axis against compression ratio. "
        f"{len(front)} of them are on the front that no other codec beats in both, among them {listed(ends)}."
    )
