"""Time: threads, and how long a sample waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.figures.base import best_of_each_coder
from n1codec.report.figures.named import Axes, flagship_names, names
from n1codec.report.model import FLAGSHIP, Row, Study
from n1codec.report.text import brief, fixed, plural, times

MOST_THREADED: Final = 8
"""Most codecs in the figure of threads: as many as there are colours."""

LATENCY_HEIGHT: Final = 360

WELL_KNOWN: Final = ("zstd", "lz4", "bz2", "flac", "lattice+flac", "lattice+bzip3", "lattice+pcodec", "store")
"""Codecs that are named in the figure of latencies, and as many more of the best ratios:"""

BEST_NAMED: Final = 3

FEW: Final = 6
"""Most names on a phone."""


def threads(study: Study) -> base.Figure | base.Missing:
    """Return the figure of speed over threads."""
    name, title = "threads", "Blosc and others over threads"
    families: dict[str, list[Row]] = {}
    for row in study.rows:
        if row.result.lossless and row.result.encode_mb_s:
            families.setdefault(row.result.codec, []).append(row)
    families = {
        codec: sorted(rows, key=lambda row: row.result.threads) for codec, rows in families.items() if len(rows) > 1
    }
    if not families:
        return base.Missing(
            name,
            title,
            "This run used one number of threads. `n1codec bench … --group blosc --threads 1,2,4` measures "
            "how codecs scale.",
        )

    chosen = sorted(families.values(), key=lambda rows: -_gain(rows, "encode"))[:MOST_THREADED]
    counts = sorted({row.result.threads for rows in chosen for row in rows})
    best, worst = chosen[0], min(families.values(), key=lambda rows: _gain(rows, "encode"))
    described = (
        f"Speed of {plural(len(chosen), 'codec')} with {counts[0]} to {counts[-1]} threads. Encoding, "
        f"{best[0].label} gains most, {times(_gain(best, 'encode'))}; "
        f"{worst[0].label} least of all, {times(_gain(worst, 'encode'))}."
    )
    which = (
        f"The {len(chosen)} of {len(families)} codecs that gain most. "
        if len(chosen) < len(families)
        else f"All {len(families)} codecs that ran so. "
        if len(families) > 1
        else ""
    )
    panels = [_threads_panel(chosen, counts, "encode", described)]
    if all(row.result.decode_mb_s for rows in chosen for row in rows):
        reader = max(chosen, key=lambda rows: _gain(rows, "decode"))
        words = f"The same for decoding: {reader[0].label} gains most, {times(_gain(reader, 'decode'))}."
        panels.append(_threads_panel(chosen, counts, "decode", words))
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption=f"{which}Dashed: twice the threads, twice the speed. A recording that is shorter than two of a codec's "
        "blocks leaves further threads nothing to do.",
        panels=tuple(panels),
        table=base.Table(
            ("codec", "threads", "encoding, MB/s", "times", "decoding, MB/s", "times"),
            tuple(
                (
                    row.label,
                    str(row.result.threads),
                    brief(row.result.encode_mb_s),
                    fixed(_quotient(row, rows[0], "encode"), 2),
                    brief(row.result.decode_mb_s),
                    fixed(_quotient(row, rows[0], "decode"), 2),
                )
                for rows in chosen
                for row in rows
            ),
        ),
    )


def _quotient(row: Row, fewest: Row, way: str) -> float:
    """Return how many times as fast a codec is as with the fewest threads."""
    return (getattr(row.result, f"{way}_mb_s") or 0.0) / (getattr(fewest.result, f"{way}_mb_s") or 1.0)


def _gain(rows: list[Row], way: str) -> float:
    return _quotient(rows[-1], rows[0], way)


def _threads_panel(chosen: list[list[Row]], counts: list[int], way: str, described: str) -> dict[str, Any]:
    """Return the panel of one way; the first has the legend of both."""
    records: list[base.Record] = [
        {
            "codec": row.label,
            "threads": row.result.threads,
            "gain": base.short(_quotient(row, rows[0], way)),
            "speed": base.short(getattr(row.result, f"{way}_mb_s")),
        }
        for rows in chosen
        for row in rows
    ]
    names = [rows[0].label for rows in chosen]
    chart = alt.Chart(base.data(records)).encode(
        x=alt.X(
            "threads:Q",
            title="threads" if way == "decode" else None,
            axis=alt.Axis(values=counts, format="d"),
            scale=alt.Scale(padding=24, zero=False, nice=False),
        ),
        y=alt.Y("gain:Q", title=f"times as fast to {way}", axis=alt.Axis(tickCount=5)),
    )
    ideal = alt.Chart(base.data([{"threads": count, "gain": count / counts[0]} for count in counts])).encode(
        x="threads:Q", y="gain:Q"
    )
    color, shape = base.series_color("codec", names), base.series_shape("codec", names)
    if way == "decode":
        color, shape = color.legend(None), shape.legend(None)
    tips = [
        "codec:N",
        "threads:Q",
        alt.Tooltip("gain:Q", title="times", format=".2f"),
        alt.Tooltip("speed:Q", title="MB/s", format=",.3~r"),
    ]
    return base.spec_of(
        alt.layer(
            ideal.mark_line(style="front"),
            chart.mark_line(strokeWidth=2, opacity=0.7).encode(color=color),
            chart.mark_point(filled=True, size=85, strokeWidth=0).encode(color=color, shape=shape, tooltip=tips),
        ),
        described,
        height=260,
    )


def latency(study: Study) -> base.Figure | base.Missing:
    """Return the figure of what short blocks take to encode, and what they compress to."""
    name, title = "latency", "Latency: the wait for a block, and for its encoding"
    rows = [
        row
        for row in study.exact
        if row.result.latency_ms and row.result.block_encode_ms_p99 and row.result.block_ratio
    ]
    if not rows:
        return base.Missing(
            name, title, "Short blocks were not measured: the first recording is shorter than one block."
        )
    frames = rows[0].result.block_frames or 0
    wait = (rows[0].result.latency_ms or 0) - (rows[0].result.block_encode_ms_p99 or 0)
    times_ms = [row.result.block_encode_ms_p99 or 0 for row in rows]
    blocks = [row.result.block_ratio or 0 for row in rows]
    domain = (min(times_ms) / 1.5, max(*times_ms, wait) * 1.5)
    y_domain = (min(blocks) * 0.96, max(blocks) * 1.05)

    def record(row: Row) -> base.Record:
        return base.record(row, study) | {
            "p50": base.short(row.result.block_encode_ms_p50),
            "p99": base.short(row.result.block_encode_ms_p99),
            "block": base.short(row.result.block_ratio),
        }

    axes = Axes(
        x=base.log_x("p99", "encoding one block, ms, 99th percentile", domain),
        y=alt.Y(
            "block:Q",
            title="ratio of short blocks",
            scale=alt.Scale(domain=list(y_domain), nice=False),
            axis=alt.Axis(tickCount=6),
        ),
        x_of=lambda row: row.result.block_encode_ms_p99 or 0.0,
        y_of=lambda row: row.result.block_ratio or 0.0,
        x_domain=domain,
        y_domain=y_domain,
        height=LATENCY_HEIGHT,
        record=record,
    )
    chart = alt.Chart(base.data([record(row) for row in rows])).encode(x=axes.x, y=axes.y)
    by_time = sorted(rows, key=lambda row: row.result.block_encode_ms_p99 or 0)
    flagship = [row for row in by_time if row.group == FLAGSHIP]
    others = [row for row in rows if row.result.codec in WELL_KNOWN]
    others += best_of_each_coder([row for row in rows if row.group != FLAGSHIP])[:BEST_NAMED]
    named = flagship_names(flagship)[0] | {row: row.label for row in others}
    limit = alt.Chart(base.data([{"p99": base.short(wait), "label": f"a block lasts {wait:.1f} ms"}]))
    late = [row for row in rows if (row.result.block_encode_ms_p99 or 0) > wait]
    quickest = min(rows, key=lambda row: row.result.latency_ms or 0)
    described = (
        f"Scatter plot of {plural(len(rows), 'codec')}: time to encode a block of {frames:,} samples against "
        f"the ratio of such blocks. Every codec waits {wait:.1f} ms for "
        f"the block; the least latency is {fixed(quickest.result.latency_ms, 2)} ms ({quickest.label}). "
        + (f"{plural(len(late), 'codec')} cannot keep up." if late else "All keep up with one channel.")
    )
    layers = alt.layer(
        limit.mark_rule(style="mark").encode(x="p99:Q"),
        limit.mark_text(style="value", align="right", dx=-6, y=LATENCY_HEIGHT - 28).encode(x="p99:Q", text="label:N"),
        _latency_points(chart, study),
        *names(axes, rows, lambda room: named, few=FEW),
        chart.mark_point(style="ring", size=260).transform_filter("datum.codec == pick"),
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption=f"A codec that takes blocks of {frames:,} samples of each channel cannot send the first before the "
        f"last is there: {wait:.1f} ms at this rate, whatever the codec. "
        "The time to encode comes on top. What lies right of the line cannot keep up with the recording.",
        panels=(base.spec_of(layers, described, height=LATENCY_HEIGHT),),
        table=_latency_table(rows),
        legend=True,
    )


def _latency_points(chart: alt.Chart, study: Study) -> Any:
    """Return the points, one a codec, with what pointing at one says."""
    return chart.mark_point(filled=True, strokeWidth=0, cursor="pointer").encode(
        color=base.group_color(study),
        shape=base.group_shape(study),
        size=alt.condition(f"datum.group == '{FLAGSHIP}'", alt.value(170), alt.value(75)),
        opacity=alt.condition(base.CHOSEN, alt.value(0.9), alt.value(base.FADED)),
        tooltip=[
            "codec:N",
            alt.Tooltip("kind:N", title="group"),
            alt.Tooltip("block:Q", title="ratio of short blocks", format=".3f"),
            alt.Tooltip("p50:Q", title="encoding, ms, median", format=".3~r"),
            alt.Tooltip("p99:Q", title="encoding, ms, 99th percentile", format=".3~r"),
            alt.Tooltip("latency:Q", title="latency, ms", format=".1f"),
        ],
    )


def _latency_table(rows: Sequence[Row]) -> base.Table:
    """Return the same figures in words, the quickest codec first."""
    head = (
        "codec",
        "waits for, samples",
        "encoding, ms (median)",
        "encoding, ms (99 %)",
        "latency, ms",
        "ratio of blocks",
    )
    lines = (
        (
            row.name,
            f"{row.result.block_frames or 0:,}",
            brief(row.result.block_encode_ms_p50),
            brief(row.result.block_encode_ms_p99),
            fixed(row.result.latency_ms, 2),
            fixed(row.result.block_ratio),
        )
        for row in sorted(rows, key=lambda row: row.result.latency_ms or 0)
    )
    return base.Table(head, tuple(lines))
