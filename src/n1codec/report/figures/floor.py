"""How far codecs are from what a model needs that knows each recording in hindsight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import altair as alt

from n1codec.analysis import Floor
from n1codec.report.figures import base
from n1codec.report.model import Row, Study
from n1codec.report.text import fixed, percent, plural

MOST: Final = 14
"""Most codecs in the figure."""


def floor_bits(study: Study, floors: Mapping[str, Floor]) -> float | None:
    """Return the floor over the recordings that it is known for, in bits a sample."""
    known = [info for info in study.merged.recordings if info.name in floors]
    samples = sum(info.frames * info.channels for info in known)
    return (
        sum(floors[info.name].bits_per_sample * info.frames * info.channels for info in known) / samples
        if samples
        else None
    )


def floor_figure(study: Study, floors: Mapping[str, Floor]) -> base.Figure | base.Missing:
    """Return the figure of each coder's distance to the floor, over the recordings whose floor is known."""
    name, title = "floor", "Distance to the floor"
    bits = floor_bits(study, floors)
    if bits is None:
        return base.Missing(
            name,
            title,
            "The floor is computed from the recordings, and those of this run are not where they were, or "
            "have changed. "
            "`--recordings FOLDER` says where they are now.",
        )
    reached = {row: value for row in base.best_of_each_coder(study.exact) if (value := _bits(row, floors)) is not None}
    rows = sorted(reached, key=lambda row: reached[row])[:MOST]
    if not rows:
        return base.Missing(name, title, "The results hold no figures of single recordings.")
    order = [row.name for row in rows]
    records = [
        base.record(row, study)
        | {"mine": base.short(reached[row]), "floor": base.short(bits), "above": base.short(reached[row] / bits - 1)}
        | {"beside": base.short(max(reached[row], bits))}
        for row in rows
    ]
    low, high = min(bits, reached[rows[0]]), reached[rows[-1]]
    span = high - low + 0.01
    domain = [low - 0.06 * span, high + 0.42 * span]  # room for the figure beside the last point
    chart = alt.Chart(base.data(records)).encode(
        y=base.lines(order),
        x=alt.X(
            "mine:Q", title="bits a sample", scale=alt.Scale(domain=domain, nice=False), axis=alt.Axis(tickCount=6)
        ),
        tooltip=[
            "codec:N",
            alt.Tooltip("mine:Q", title="bits a sample", format=".3f"),
            alt.Tooltip("above:Q", title="above the floor", format="+.2%"),
        ],
    )
    rule = alt.Chart(base.data([{"floor": base.short(bits)}])).mark_rule(style="mark").encode(x="floor:Q")
    best, count = rows[0], len(study.merged.recordings)
    words = next(iter(floors.values())).model
    described = (
        f"Dot plot of bits a sample of {plural(len(rows), 'coder')} against the floor of {fixed(bits)} bits "
        f"over {plural(len(floors), 'recording')}. "
        f"The smallest, {best.label}, is {percent(abs(reached[best] / bits - 1), 2)} "
        f"{'above' if reached[best] >= bits else 'below'} it."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption=f"Dotted: {fixed(bits)} bits, the ideal code length of a heavy model "
        f"({words}), without header or hash, over "
        f"{plural(len(floors), 'recording') if len(floors) == count else f'{len(floors)} of {count} recordings'}. "
        "No bound by theory: a codec with another model may come a little below.",
        panels=(
            base.spec_of(
                alt.layer(
                    chart.mark_rule(style="span").encode(x2="floor:Q"),
                    rule,
                    chart.mark_point(filled=True, size=90, strokeWidth=0).encode(
                        color=base.group_color(study),
                        shape=base.group_shape(study),
                        opacity=alt.condition(base.CHOSEN, alt.value(0.95), alt.value(base.FADED)),
                    ),
                    chart.mark_text(style="value", align="left", dx=9).encode(
                        x="beside:Q", text=alt.Text("above:Q", format="+.1%")
                    ),
                ).properties(height=base.STEP * len(order)),
                described,
            ),
        ),
        table=base.Table(
            ("codec", "bits a sample", "above the floor"),
            tuple((row.name, fixed(reached[row]), percent(reached[row] / bits - 1, 2)) for row in rows),
        ),
        legend=True,
    )


def _bits(row: Row, floors: Mapping[str, Floor]) -> float | None:
    """Return the bits a sample that a codec took over the recordings whose floor is known."""
    known = [one for one in row.result.recordings if one.recording in floors]
    samples = sum(one.samples for one in known)
    if not samples or len(known) < len(floors) or any(one.bytes_out is None for one in known):
        return None
    return 8 * sum(one.bytes_out or 0 for one in known) / samples
