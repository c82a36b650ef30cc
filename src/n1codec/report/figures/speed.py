"""Time: threads, and how long a sample waits."""

from __future__ import annotations

from typing import Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.model import FLAGSHIP, Row, Study
from n1codec.report.text import brief, fixed, plural, times

MOST_THREADED: Final = 8
"""Most codecs in the figure of threads: as many as there are colours."""


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

    def gain(rows: list[Row]) -> float:
        return (rows[-1].result.encode_mb_s or 0) / (rows[0].result.encode_mb_s or 1)

    chosen = sorted(families, key=lambda codec: -gain(families[codec]))[:MOST_THREADED]
    records: list[base.Record] = [
        {
            "codec": families[codec][0].label,
            "threads": row.result.threads,
            "gain": base.short((row.result.encode_mb_s or 0) / (families[codec][0].result.encode_mb_s or 1)),
            "encode": base.short(row.result.encode_mb_s),
        }
        for codec in chosen
        for row in families[codec]
    ]
    names = [families[codec][0].label for codec in chosen]
    counts = sorted({one["threads"] for one in records})
    chart = alt.Chart(base.data(records)).encode(
        x=alt.X(
            "threads:Q",
            title="threads",
            axis=alt.Axis(values=counts, format="d"),
            scale=alt.Scale(padding=24, zero=False, nice=False),
        ),
        y=alt.Y("gain:Q", title="times as fast to encode", axis=alt.Axis(tickCount=5)),
    )
    ideal = alt.Chart(base.data([{"threads": count, "gain": count / counts[0]} for count in counts])).encode(
        x="threads:Q", y="gain:Q"
    )
    best, worst = families[chosen[0]], families[min(families, key=lambda codec: gain(families[codec]))]
    described = (
        f"Encoding speed of {plural(len(chosen), 'codec')} with {counts[0]} to {counts[-1]} threads. "
        f"{best[0].label} gains most, {times(gain(best))}; "
        f"{worst[0].label} least, {times(gain(worst))}."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="Dashed: twice the threads, twice the speed. A recording that is shorter than two of a codec's "
        "blocks leaves further threads nothing to do.",
        panels=(
            base.spec_of(
                alt.layer(
                    ideal.mark_line(style="front"),
                    chart.mark_line(strokeWidth=2, opacity=0.7).encode(color=base.series_color("codec", names)),
                    chart.mark_point(filled=True, size=85, strokeWidth=0).encode(
                        color=base.series_color("codec", names),
                        shape=base.series_shape("codec", names),
                        tooltip=[
                            "codec:N",
                            "threads:Q",
                            alt.Tooltip("gain:Q", title="times", format=".2f"),
                            alt.Tooltip("encode:Q", title="encoding, MB/s", format=",.3~r"),
                        ],
                    ),
                ),
                described,
                height=320,
            ),
        ),
        table=base.Table(
            ("codec", "threads", "encoding, MB/s", "times"),
            tuple(
                (str(one["codec"]), str(one["threads"]), brief(one["encode"]), fixed(one["gain"], 2)) for one in records
            ),
        ),
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
    records = [
        base.record(row, study)
        | {
            "p50": base.short(row.result.block_encode_ms_p50),
            "p99": base.short(row.result.block_encode_ms_p99),
            "block": base.short(row.result.block_ratio),
        }
        for row in rows
    ]
    chart = alt.Chart(base.data(records)).encode(
        x=alt.X(
            "p99:Q",
            title="encoding one block, ms, 99th percentile (log)",
            scale=alt.Scale(type="log", domain=list(domain), nice=False),
            axis=alt.Axis(values=base.speed_ticks(*domain), format="~r", labelOverlap=True),
        ),
        y=alt.Y(
            "block:Q",
            title="ratio of short blocks",
            scale=alt.Scale(domain=[min(blocks) * 0.96, max(blocks) * 1.03], nice=False),
            axis=alt.Axis(tickCount=6),
        ),
    )
    limit = alt.Chart(base.data([{"p99": base.short(wait), "label": f"a block lasts {wait:.1f} ms"}]))
    late = [row for row in rows if (row.result.block_encode_ms_p99 or 0) > wait]
    quickest = min(rows, key=lambda row: row.result.latency_ms or 0)
    described = (
        f"Scatter plot of {plural(len(rows), 'codec')}: time to encode a block of {frames:,} samples against "
        f"the ratio of such blocks. Every codec waits {wait:.1f} ms for "
        f"the block; the least latency is {fixed(quickest.result.latency_ms, 2)} ms ({quickest.label}). "
        + (f"{plural(len(late), 'codec')} cannot keep up." if late else "All keep up with one channel.")
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption=f"A codec that takes blocks of {frames:,} samples of each channel cannot send the first before the "
        f"last is there: {wait:.1f} ms at this rate, whatever the codec. "
        "The time to encode comes on top. What lies right of the line cannot keep up with the recording.",
        panels=(
            base.spec_of(
                alt.layer(
                    limit.mark_rule(style="mark").encode(x="p99:Q"),
                    limit.mark_text(style="value", align="right", dx=-6, y=8).encode(x="p99:Q", text="label:N"),
                    chart.mark_point(filled=True, strokeWidth=0, cursor="pointer").encode(
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
                    ),
                    chart.mark_point(style="ring", size=260).transform_filter("datum.codec == pick"),
                ),
                described,
                height=360,
            ),
        ),
        table=base.Table(
            (
                "codec",
                "waits for, samples",
                "encoding, ms (median)",
                "encoding, ms (99 %)",
                "latency, ms",
                "ratio of blocks",
            ),
            tuple(
                (
                    row.name,
                    f"{row.result.block_frames or 0:,}",
                    brief(row.result.block_encode_ms_p50),
                    brief(row.result.block_encode_ms_p99),
                    fixed(row.result.latency_ms, 2),
                    fixed(row.result.block_ratio),
                )
                for row in sorted(rows, key=lambda row: row.result.latency_ms or 0)
            ),
        ),
        legend=True,
    )
