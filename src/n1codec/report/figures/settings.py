"""What settings do: transforms in front of a coder, and the length of chunks."""

from __future__ import annotations

from typing import Final

import altair as alt

from n1codec.report.figures import base
from n1codec.report.model import NO_TRANSFORM, Row, Study
from n1codec.report.text import fixed, percent, plural

CHAINS: Final = (NO_TRANSFORM, "delta", "lattice", "lattice+delta", "lattice+lpc")
"""Transforms that are compared in front of the same coder."""

MOST_CHUNKED: Final = 18
"""Most codecs in the figure of chunk lengths."""


def lattice_delta(study: Study) -> base.Figure | base.Missing:
    """Return the figure of the same coder behind different transforms."""
    name, title = "transforms", "What the lattice and the difference bring each coder"
    rows = [row for row in study.exact if row.transforms in CHAINS]
    coders: dict[str, list[Row]] = {}
    for row in rows:
        coders.setdefault(row.setting, []).append(row)
    coders = {coder: members for coder, members in coders.items() if len(members) > 1}
    if not coders:
        return base.Missing(name, title, "It needs a coder that was run plain and behind `delta` or `lattice`.")
    chains = [
        chain for chain in CHAINS if any(row.transforms == chain for members in coders.values() for row in members)
    ]
    order = sorted(coders, key=lambda coder: -max(row.result.ratio or 0 for row in coders[coder]))
    records = [
        base.record(row, study) | {"codec": coder, "transforms": row.transforms, "spec": row.result.codec}
        for coder in order
        for row in coders[coder]
    ]
    chart = alt.Chart(base.data(records)).encode(
        y=base.lines(order),
        x=alt.X(
            "ratio:Q", title="compression ratio", scale=alt.Scale(zero=False, padding=8), axis=alt.Axis(tickCount=6)
        ),
    )
    gains = [
        (b.result.ratio or 0) / (a.result.ratio or 1)
        for a, b in study.pairs("lattice", [row for row in rows if row.transforms == NO_TRANSFORM])
    ]
    spread = f" The lattice alone changes ratios by factors from {min(gains):.2f} to {max(gains):.2f}." if gains else ""
    described = (
        f"Dot plot of ratios of {plural(len(order), 'coder')}, each behind up to {len(chains)} chains of "
        f"transforms.{spread}"
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="A line for each coder, a point for each chain of transforms before it. Where the lattice moves a "
        "coder far to the right, it counts bits of "
        "magnitude; where it hardly moves it, it had learned by itself which values occur.",
        panels=(
            base.spec_of(
                alt.layer(
                    chart.mark_line(style="span").encode(detail="codec:N", order=alt.Order("ratio:Q")),
                    chart.mark_point(filled=True, size=85, strokeWidth=0, opacity=0.95).encode(
                        color=base.series_color("transforms", chains),
                        shape=base.series_shape("transforms", chains),
                        tooltip=[
                            alt.Tooltip("spec:N", title="codec"),
                            alt.Tooltip("ratio:Q", format=".3f"),
                            alt.Tooltip("encode:Q", title="encoding, MB/s", format=",.3~r"),
                        ],
                    ),
                ).properties(height=(base.STEP + 2) * len(order)),
                described,
            ),
        ),
        table=base.Table(
            ("coder", *chains),
            tuple(
                (
                    coder,
                    *(
                        fixed(next((row.result.ratio for row in coders[coder] if row.transforms == chain), None))
                        for chain in chains
                    ),
                )
                for coder in order
            ),
        ),
    )


def chunks(study: Study) -> base.Figure | base.Missing:
    """Return the figure of whole recordings against short blocks of the first one."""
    name, title = "chunks", "What short chunks cost"
    rows = [
        row
        for row in study.exact
        if row.result.block_ratio and row.result.recordings and row.result.recordings[0].ratio
    ]
    if not rows:
        return base.Missing(
            name, title, "Short blocks were not measured: the first recording is shorter than one block."
        )
    chosen = sorted(base.best_of_each_coder(rows), key=lambda row: -(row.result.block_ratio or 0))[:MOST_CHUNKED]
    order = [row.name for row in chosen]
    frames = chosen[0].result.block_frames or 0
    kinds = (f"blocks of {frames:,} samples", "whole recording")
    records = [
        base.record(row, study) | {"kind": kind, "value": base.short(value)}
        for row in chosen
        for kind, value in zip(kinds, (row.result.block_ratio, row.result.recordings[0].ratio), strict=True)
    ]
    chart = alt.Chart(base.data(records)).encode(
        y=base.lines(order),
        x=alt.X(
            "value:Q",
            title="compression ratio of the first recording",
            scale=alt.Scale(zero=False, padding=8),
            axis=alt.Axis(tickCount=6),
        ),
    )
    losses = {row.name: 1 - (row.result.block_ratio or 0) / (row.result.recordings[0].ratio or 1) for row in chosen}
    least, most = min(losses, key=lambda one: losses[one]), max(losses, key=lambda one: losses[one])
    described = (
        f"Dot plot of {plural(len(chosen), 'codec')}: ratio of the whole first recording and of blocks of "
        f"{frames:,} samples, each with a header and hash of its own. "
        f"Short blocks cost {least} {percent(losses[least])} of its ratio and {most} {percent(losses[most])}."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption=f"The first recording whole, and cut into blocks of {frames:,} samples of each channel that can be "
        f"decoded on their own, each with a header and hash of its own. {least} loses least of its ratio, "
        f"{percent(losses[least])}; {most} most, {percent(losses[most])}.",
        panels=(
            base.spec_of(
                alt.layer(
                    chart.mark_line(style="span").encode(detail="codec:N"),
                    chart.mark_point(filled=True, size=85, strokeWidth=0).encode(
                        color=base.series_color("kind", kinds),
                        shape=base.series_shape("kind", kinds),
                        tooltip=["codec:N", "kind:N", alt.Tooltip("value:Q", title="ratio", format=".3f")],
                    ),
                ).properties(height=base.STEP * len(order)),
                described,
            ),
        ),
        table=base.Table(
            ("codec", *kinds, "lost"),
            tuple(
                (
                    row.name,
                    fixed(row.result.block_ratio),
                    fixed(row.result.recordings[0].ratio),
                    percent(losses[row.name]),
                )
                for row in chosen
            ),
        ),
    )
