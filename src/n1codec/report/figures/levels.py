"""What a higher level brings, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.figures.named import NARROW, Axes, by_level, flagship_names, names
from n1codec.report.model import FLAGSHIP, Row, Study
from n1codec.report.text import brief, fixed, percent, plural

EFFORT: Final = frozenset({"level", "clevel", "quality", "acceleration", "extra", "effort"})
"""Parameters that trade time for size and change nothing else."""

HEIGHT: Final = 340

FEW: Final = 9
"""Most names on a phone."""


def levels(study: Study) -> base.Figure | base.Missing:
    """Return the figure of what a higher level costs and brings."""
    name, title = "levels", "What a higher level brings, and costs"
    families: dict[str, list[Row]] = {}
    for row in study.exact:
        if row.result.encode_mb_s:
            others = " ".join(f"{key}={value}" for key, value in row.params if key not in EFFORT)
            families.setdefault("+".join([*row.chain, row.coder]) + (f" {others}" if others else ""), []).append(row)
    families = {
        family: sorted(rows, key=lambda row: -(row.result.encode_mb_s or 0))
        for family, rows in families.items()
        if len(rows) > 1
    }
    if not families:
        return base.Missing(name, title, "It needs a codec at two levels, such as `-c zstd -c zstd:level=19`.")
    rows = [row for members in families.values() for row in members]
    speeds = [row.result.encode_mb_s or 0.0 for row in rows]
    ratios = [row.result.ratio or 0.0 for row in rows]
    x_domain = (min(speeds) / 2.2, max(speeds) * 2.2)  # with room for names at the ends
    rim = 0.08 * (max(ratios) - min(ratios)) + 0.01
    y_domain = (min(ratios) - rim, max(ratios) + rim)
    records = [base.record(row, study) | {"family": family} for family, members in families.items() for row in members]
    axes = Axes(
        x=base.log_x("encode", "encoding, MB/s", x_domain),
        y=alt.Y(
            "ratio:Q",
            title="compression ratio",
            scale=alt.Scale(domain=list(y_domain), nice=False),
            axis=alt.Axis(tickCount=6),
        ),
        x_of=lambda row: row.result.encode_mb_s or 0.0,
        y_of=lambda row: row.result.ratio or 0.0,
        x_domain=x_domain,
        y_domain=y_domain,
        height=HEIGHT,
        record=lambda row: base.record(row, study),
    )
    flagship = [row for row in rows if row.group == FLAGSHIP][::-1]  # the slowest first
    chart = alt.Chart(base.data(records)).encode(x=axes.x, y=axes.y)
    layers = [
        chart.mark_line(strokeWidth=2, opacity=0.6).encode(
            color=base.group_color(study), detail="family:N", order=alt.Order("encode:Q")
        ),
        chart.mark_point(filled=True, strokeWidth=0, cursor="pointer").encode(
            color=base.group_color(study),
            shape=base.group_shape(study),
            size=alt.condition(f"datum.group == '{FLAGSHIP}'", alt.value(150), alt.value(85)),
            opacity=alt.condition(base.CHOSEN, alt.value(0.95), alt.value(base.FADED)),
            tooltip=base.tooltips(),
        ),
        *names(axes, rows, lambda room: _level_names(rows, flagship, room), few=FEW, joined=list(families.values())),
    ]
    parts = []
    for family, members in families.items():
        fast, slow = members[0], max(members, key=lambda row: row.result.ratio or 0)
        if fast is not slow:
            parts.append(
                f"{family}: {percent((slow.result.ratio or 0) / (fast.result.ratio or 1) - 1)} more ratio for "
                f"{brief((fast.result.encode_mb_s or 0) / (slow.result.encode_mb_s or 1))} times the time"
            )
    described = (
        f"Ratio against encoding speed of {plural(len(families), 'codec')} at several levels. {'; '.join(parts[:4])}."
    )
    panels = [base.spec_of(alt.layer(*layers), described, height=HEIGHT)]
    close = ""
    if by_level(flagship):
        panels.append(_close_up(flagship, study))
        close = (
            f" Below, {FLAGSHIP} alone, close up, its levels named where they encode; the axis of ratios does not "
            "begin at 0."
        )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="Each line joins the levels of one codec; a name without a level is its default. Steep is a "
        f"bargain; flat is time spent for little.{close}",
        panels=tuple(panels),
        table=base.codec_table(rows),
        legend=True,
    )


def _level_names(rows: Sequence[Row], flagship: Sequence[Row], room: str) -> dict[Row, str]:
    """Return the names of levels; on a phone the slowest alone."""
    ends, between = flagship_names(flagship)
    others = [
        row for row in rows if row.group != FLAGSHIP and (room != NARROW or EFFORT & {key for key, _ in row.params})
    ]
    return ends | ({} if room == NARROW else between) | {row: row.label for row in others}


def _close_up(flagship: Sequence[Row], study: Study) -> dict[str, Any]:
    """Return the panel of the flagship's levels alone, both ways."""
    records = [
        base.record(row, study) | {"level": row.params[0][1], "way": way, "speed": base.short(speed)}
        for row in flagship
        for way, speed in (("encode", row.result.encode_mb_s), ("decode", row.result.decode_mb_s))
        if speed
    ]
    speeds = [one["speed"] for one in records]
    domain = (min(speeds) / 1.4, max(speeds) * 1.4)
    chart = alt.Chart(base.data(records)).encode(
        x=base.log_x("speed", "MB/s", domain),
        y=alt.Y(
            "ratio:Q", title="compression ratio", scale=alt.Scale(zero=False, padding=18), axis=alt.Axis(tickCount=5)
        ),
        tooltip=base.tooltips(),
    )
    ways = ("encode", "decode")
    described = (
        f"{plural(len(flagship), 'level')} of {FLAGSHIP} alone: ratios from "
        f"{fixed(min(row.result.ratio or 0 for row in flagship))} to "
        f"{fixed(max(row.result.ratio or 0 for row in flagship))} against the speed of encoding and decoding."
    )
    return base.spec_of(
        alt.layer(
            chart.mark_line(strokeWidth=2, opacity=0.6).encode(
                color=base.series_color("way", ways), order=alt.Order("ratio:Q")
            ),
            chart.mark_point(filled=True, size=85, strokeWidth=0, opacity=0.95).encode(
                color=base.series_color("way", ways), shape=base.series_shape("way", ways)
            ),
            chart.mark_text(style="label", align="right", dx=-6, dy=10)
            .encode(text="level:N")
            .transform_filter("datum.way == 'encode'"),
        ),
        described,
        height=240,
    )
