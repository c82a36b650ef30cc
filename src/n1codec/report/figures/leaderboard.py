"""Who compresses best: bars of ratios, over all codecs and within a group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.model import Row, Study
from n1codec.report.text import brief, fixed, listed, plural

MOST: Final = 16
"""Most codecs in the chart of a group."""


def leaderboard(study: Study) -> base.Figure | base.Missing:
    """Return the figure of the best pipeline of each coder."""
    rows = sorted(base.best_of_each_coder(study.exact), key=lambda row: -(row.result.ratio or 0))
    name, title = "leaderboard", "The best pipeline of each coder"
    if not rows:
        return base.Missing(name, title, "No codec of this run gave every recording back.")
    ahead = [f"{row.label} ({fixed(row.result.ratio)})" for row in rows[:3]]
    described = (
        f"Bar chart of the compression ratios of {plural(len(rows), 'coder')}, each with the transforms and "
        f"settings of this run that "
        f"suit it best. Ahead: {listed(ahead)}. Last: {rows[-1].label} ({fixed(rows[-1].result.ratio)})."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="Each coder with the transforms and settings that suited it best in this run. All bytes are counted.",
        panels=(base.spec_of(_bars(study, rows), described),),
        table=base.codec_table(rows),
        legend=True,
    )


def group_figure(study: Study, group: str) -> base.Figure | base.Missing:
    """Return the figure of a group: ratios, and speeds both ways."""
    name, title = group_figure_name(study, group), f"{study.groups[group]}: ratio and speed"
    rows = _representatives(study.in_group(group))
    if not rows:
        return base.Missing(name, title, "No codec of this group gave every recording back.")
    everything = len(rows) == len(study.in_group(group))
    described = (
        f"Two charts of {plural(len(rows), 'codec')}. Ratios from {fixed(rows[-1].result.ratio)} ({rows[-1].label}) to "
        f"{fixed(rows[0].result.ratio)} ({rows[0].label}); encoding and decoding speeds beside them."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="The ratio, and the speed of encoding and decoding on a logarithmic axis."
        + (
            ""
            if everything
            else " The best pipeline and the plain form of each coder; all others are in the table of codecs."
        ),
        panels=(
            base.spec_of(_bars(study, rows), described),
            base.spec_of(_speeds(study, rows), _describe_speeds(rows)),
        ),
        table=base.codec_table(rows),
        side_by_side=True,
    )


def _describe_speeds(rows: Sequence[Row]) -> str:
    words = "Dot plot of the speeds of encoding and decoding on a logarithmic axis."
    encoder = max(rows, key=lambda row: row.result.encode_mb_s or 0)
    decoder = max(rows, key=lambda row: row.result.decode_mb_s or 0)
    return (
        f"{words} {encoder.label} encodes fastest, {brief(encoder.result.encode_mb_s)} MB/s; "
        f"{decoder.label} decodes fastest, {brief(decoder.result.decode_mb_s)} MB/s."
    )


def group_figure_name(study: Study, group: str) -> str:
    """Return the name of a group's figure: safe as a file's, whatever another package calls its group."""
    slug = re.sub(r"[^a-z0-9]+", "-", group.lower()).strip("-")
    return f"group-{slug}" if slug == group else f"group-{list(study.groups).index(group)}-{slug}".rstrip("-")


def _representatives(rows: Sequence[Row]) -> list[Row]:
    """Return all rows if there is room, else the best and the plain form of each coder, and then the best of the rest."""
    if len(rows) <= MOST:
        return list(rows)
    chosen = base.best_of_each_coder(rows)
    chosen += [row for row in rows if not row.chain and not row.params and row not in chosen]
    chosen = sorted(chosen, key=lambda row: -(row.result.ratio or 0))[:MOST]
    rest = [row for row in rows if row not in chosen]
    return sorted([*chosen, *rest[: MOST - len(chosen)]], key=lambda row: -(row.result.ratio or 0))


def _bars(study: Study, rows: Sequence[Row]) -> base.Chart:
    order = [row.name for row in rows]
    chart = alt.Chart(base.data([base.record(row, study) for row in rows])).encode(
        y=base.lines(order),
        x=alt.X(
            "ratio:Q", title="compression ratio", scale=alt.Scale(zero=True, domainMin=0), axis=alt.Axis(tickCount=5)
        ),
        tooltip=base.tooltips(),
    )
    bars = chart.mark_bar(cornerRadiusEnd=3, height=base.STEP * 0.64).encode(
        color=base.group_color(study), opacity=alt.condition(base.CHOSEN, alt.value(0.92), alt.value(base.FADED * 2))
    )
    values = chart.mark_text(style="value", align="left", dx=5).encode(text=alt.Text("ratio:Q", format=".3f"))
    return alt.layer(bars, values).properties(height=base.STEP * len(order))


def _speeds(study: Study, rows: Sequence[Row]) -> base.Chart:
    order = [row.name for row in rows]
    records = [
        base.record(row, study) | {"way": way, "speed": base.short(getattr(row.result, f"{way}_mb_s"))}
        for row in rows
        for way in ("encode", "decode")
    ]
    known = [one["speed"] for one in records if one["speed"]]
    domain = (min(known) / 1.3, max(known) * 1.3) if known else (1.0, 10.0)
    chart = alt.Chart(base.data([one for one in records if one["speed"]])).encode(
        y=base.lines(order),
        x=base.log_x("speed", "MB/s", domain),
        tooltip=base.tooltips(),
    )
    spans = chart.mark_line(style="span").encode(detail="codec:N")
    points = chart.mark_point(filled=True, size=70, strokeWidth=0).encode(
        color=base.series_color("way", ("encode", "decode"), "bottom"),
        shape=base.series_shape("way", ("encode", "decode"), "bottom"),
    )
    return alt.layer(spans, points).properties(height=base.STEP * len(order))
