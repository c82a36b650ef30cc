"""What transforms leave to be coded, and how close to it entropy coders come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import altair as alt

from n1codec import registry
from n1codec.errors import N1Error
from n1codec.report.figures import base
from n1codec.report.model import NO_TRANSFORM, Row, Study
from n1codec.report.text import fixed, listed, percent, plural

BITS: Final = "bits a sample"
LANE: Final = 10
"""Height in pixels that a coder has of a bar."""
SHANNON: Final = "Shannon (order 0)"
FAMILY: Final = ("huffman", "arithmetic", "rans", "rice")
"""Order in which entropy coders take their colours; others follow."""


def entropy_coders(study: Study) -> list[Row]:
    """Return the rows whose coder is an entropy coder and whose entropies are known."""
    return [
        row
        for row in study.exact
        if _is_entropy_coder(row.coder) and row.result.entropy_coded and row.result.bits_per_sample
    ]


def transforms(study: Study) -> base.Figure | base.Missing:
    """Return the figure of entropies before and after transforms, with what each entropy coder made of it."""
    name, title = "entropy", "Entropy before and after each transform"
    rows = entropy_coders(study)
    if not rows:
        return base.Missing(name, title, "This run holds no entropy coder: add `--group entropy --group predictive`.")
    coders = _coders(rows)
    ideal = {row.transforms: row.result.entropy_coded or 0.0 for row in rows}
    order = sorted(ideal, key=lambda chain: -ideal[chain])
    bars = alt.Chart(base.data([{"codec": chain, "bits": base.short(ideal[chain])} for chain in order])).encode(
        y=base.lines(order), x=alt.X("bits:Q", title=BITS, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=6))
    )
    points = alt.Chart(base.data(_spread(rows, coders))).encode(y=base.lines(order), x="bits:Q")
    before = rows[0].result.entropy_in or 0.0
    rule = alt.Chart(base.data([{"bits": base.short(before)}])).mark_rule(style="mark").encode(x="bits:Q")
    bar_height = LANE * len(coders)
    best = min(ideal, key=lambda chain: ideal[chain])
    described = (
        f"Bars of the order-0 entropy that is left after {plural(len(order), 'chain')} of transforms, from "
        f"{fixed(ideal[order[0]])} to "
        f"{fixed(ideal[best])} bits a sample ({best}), against {fixed(before)} before any. Points show what "
        f"{listed(coders)} took."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption=f"Bars: order-0 entropy of what the coder is given, in bits for each sample of the recording. "
        f"Dotted: {fixed(before)} bits, the "
        "entropy of the samples themselves. Points: what each entropy coder took, all bytes counted. A point "
        "left of its bar beat the "
        "order-0 code by adapting; what it is to the right of it is the price of the code.",
        panels=(
            base.spec_of(
                alt.layer(
                    bars.mark_bar(style="bar-quiet", height=bar_height, cornerRadiusEnd=3),
                    rule,
                    points.mark_point(
                        filled=True, size=70, strokeWidth=0, opacity=0.95, yOffset=alt.ExprRef("datum.shift")
                    ).encode(
                        color=base.series_color("coder", coders),
                        shape=base.series_shape("coder", coders),
                        tooltip=[
                            "codec:N",
                            "coder:N",
                            alt.Tooltip("bits:Q", title="bits taken", format=".3f"),
                            alt.Tooltip("ideal:Q", title="entropy", format=".3f"),
                        ],
                    ),
                ).properties(height=(bar_height + 10) * len(order)),
                described,
            ),
        ),
        table=base.Table(
            ("transforms", "entropy after", "coder", "bits taken"),
            tuple(
                (row.transforms, fixed(row.result.entropy_coded), row.setting, fixed(row.result.bits_per_sample))
                for row in rows
            ),
        ),
    )


def shannon(study: Study) -> base.Figure | base.Missing:
    """Return the figure of Huffman against arithmetic coding against Shannon's limit."""
    name, title = "shannon", "Huffman against arithmetic coding against Shannon"
    rows = [row for row in entropy_coders(study) if row.coder in FAMILY[:3]]
    chains = [
        chain
        for chain in dict.fromkeys(row.transforms for row in rows)
        if len({row.coder for row in rows if row.transforms == chain}) > 1
    ]
    rows = [row for row in rows if row.transforms in chains]
    if not rows:
        return base.Missing(name, title, "It needs two of huffman, arithmetic and rans behind the same transforms.")
    coders = _coders(rows)
    order = sorted(chains, key=lambda chain: -max(_excess(row) for row in rows if row.transforms == chain))
    chart = alt.Chart(base.data([_record(row) for row in rows])).encode(
        y=base.lines(order),
        x=alt.X("excess:Q", title="bits a sample above the order-0 entropy", axis=alt.Axis(tickCount=6, format="+.2f")),
    )
    zero = alt.Chart(base.data([{"excess": 0, "label": SHANNON}]))
    worst = max(rows, key=_excess)
    least = min(rows, key=_excess)
    described = (
        f"Dot plot of how far {listed(coders)} stay from the order-0 entropy behind "
        f"{plural(len(order), 'chain')} of transforms: "
        f"from {_excess(least):+.3f} bits a sample ({least.label}) to {_excess(worst):+.3f} ({worst.label})."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="The line at 0 is Shannon's limit for a code that knows the histogram and nothing else. Huffman "
        "rounds every code to whole bits; "
        "arithmetic coding and rANS do not; all pay for their tables, an envelope and a hash. Left of the line "
        "lies a coder that adapts as it goes.",
        panels=(
            base.spec_of(
                alt.layer(
                    zero.mark_rule(style="mark").encode(x="excess:Q"),
                    chart.mark_point(filled=True, size=90, strokeWidth=0, opacity=0.95).encode(
                        color=base.series_color("coder", coders),
                        shape=base.series_shape("coder", coders),
                        tooltip=["codec:N", "coder:N", alt.Tooltip("excess:Q", title="above entropy", format="+.4f")],
                    ),
                ).properties(height=30 * len(order)),
                described,
            ),
        ),
        table=base.Table(
            ("transforms", "coder", "entropy", "bits taken", "above entropy", "share"),
            tuple(
                (
                    row.transforms,
                    row.setting,
                    fixed(row.result.entropy_coded),
                    fixed(row.result.bits_per_sample),
                    f"{_excess(row):+.4f}",
                    percent(_excess(row) / (row.result.entropy_coded or 1.0), 2),
                )
                for row in rows
            ),
        ),
    )


def _is_entropy_coder(coder: str) -> bool:
    try:
        return registry.entry(coder).group == "entropy"
    except N1Error:
        return False


def _coders(rows: Sequence[Row]) -> list[str]:
    names = dict.fromkeys(row.setting for row in rows)
    return sorted(
        names, key=lambda name: (FAMILY.index(name.split()[0]) if name.split()[0] in FAMILY else len(FAMILY), name)
    )


def _spread(rows: Sequence[Row], coders: Sequence[str]) -> list[base.Record]:
    """Return what is drawn of each coder, those behind the same transforms side by side across their bar."""
    records = []
    for chain in dict.fromkeys(row.transforms for row in rows):
        members = sorted((row for row in rows if row.transforms == chain), key=lambda row: coders.index(row.setting))
        middle = (len(members) - 1) / 2
        records += [_record(row) | {"shift": LANE * (place - middle)} for place, row in enumerate(members)]
    return records


def _excess(row: Row) -> float:
    return (row.result.bits_per_sample or 0.0) - (row.result.entropy_coded or 0.0)


def _record(row: Row) -> base.Record:
    return {
        "codec": row.transforms or NO_TRANSFORM,
        "coder": row.setting,
        "bits": base.short(row.result.bits_per_sample),
        "ideal": base.short(row.result.entropy_coded),
        "excess": base.short(_excess(row)),
    }
