"""Recordings: how much ratios differ between them, and proof that one comes back."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import numpy as np

from n1codec.report.figures import base
from n1codec.report.model import Row, Study
from n1codec.report.sources import RoundTrip
from n1codec.report.text import fixed, plural

MOST: Final = 14
"""Most codecs in the figure of distributions."""

MOST_POINTS: Final = 60
"""Recordings up to which each is a point; above, quantiles have to do."""

WINDOW_S: Final = 0.05
"""Seconds of a recording that are drawn: spikes are about 1 ms wide."""

MOST_SAMPLES: Final = 1500
"""Most samples that are drawn."""


def distribution(study: Study) -> base.Figure | base.Missing:
    """Return the figure of ratios over recordings."""
    name, title = "recordings", "How ratios differ between recordings"
    count = len(study.merged.recordings)
    rows = [row for row in study.exact if len(_ratios(row)) > 1]
    if not rows:
        return base.Missing(name, title, f"This run holds {plural(count, 'recording')}: a spread needs more.")
    chosen = [one for group in study.groups for one in [row for row in rows if row.group == group][:1]]
    chosen += [row for row in base.best_of_each_coder(rows) if row not in chosen][: max(0, MOST - len(chosen))]
    chosen.sort(key=lambda row: -(row.result.ratio or 0))
    order = [row.name for row in chosen]
    quantiles = [_quantiles(row, study) for row in chosen]
    chart = alt.Chart(base.data(quantiles)).encode(y=base.lines(order))
    x = alt.X(
        "low:Q", title="compression ratio of a recording", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)
    )
    tips = ["codec:N", *(alt.Tooltip(f"{key}:Q", title=title, format=".3f") for key, title in _QUANTILES.items())]
    dim = alt.condition(base.CHOSEN, alt.value(0.85), alt.value(base.FADED))
    layers = [
        chart.mark_rule(style="span").encode(x=x, x2="high:Q"),
        chart.mark_bar(height=9, cornerRadius=4).encode(
            x="q1:Q", x2="q3:Q", color=base.group_color(study), opacity=dim, tooltip=tips
        ),
        chart.mark_tick(style="ink", thickness=2.5, size=17).encode(x="q2:Q", tooltip=tips),
    ]
    if count <= MOST_POINTS:
        points = [
            {"codec": row.name, "group": row.group, "ratio": base.short(one.ratio), "recording": one.recording}
            for row in chosen
            for one in row.result.recordings
            if one.lossless and one.ratio
        ]
        dots = alt.Chart(base.data(points)).mark_point(
            filled=True, size=20, strokeWidth=0, opacity=0.6, style="ink", yOffset=9
        )
        layers.append(
            dots.encode(
                y=base.lines(order),
                x="ratio:Q",
                tooltip=["codec:N", "recording:N", alt.Tooltip("ratio:Q", format=".3f")],
            )
        )
    best = quantiles[0]
    described = (
        f"Distribution of ratios of {plural(len(chosen), 'codec')} over {plural(count, 'recording')}. The "
        f"best, {best['codec']}, ranges from {best['low']:.3f} to {best['high']:.3f} with median {best['q2']:.3f}."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption="Line: the whole range; bar: the middle half; tick: the median."
        + (" Dots: recordings." if count <= MOST_POINTS else "")
        + " The best codec of each group and of further coders.",
        panels=(base.spec_of(alt.layer(*layers).properties(height=30 * len(order)), described),),
        table=base.Table(
            ("codec", *_QUANTILES.values()),
            tuple((str(one["codec"]), *(fixed(one[key]) for key in _QUANTILES)) for one in quantiles),
        ),
        legend=True,
    )


_QUANTILES: Final = {"low": "least", "q1": "lower quartile", "q2": "median", "q3": "upper quartile", "high": "most"}


def _ratios(row: Row) -> list[float]:
    return [one.ratio for one in row.result.recordings if one.lossless and one.ratio]


def _quantiles(row: Row, study: Study) -> dict[str, Any]:
    values = np.quantile(_ratios(row), (0, 0.25, 0.5, 0.75, 1))
    return base.record(row, study) | {
        key: base.short(float(value)) for key, value in zip(_QUANTILES, values, strict=True)
    }


def picture(trip: RoundTrip | None) -> base.Figure | base.Missing:
    """Return the figure of a recording before and after a round trip, and their difference."""
    name, title = "round-trip", "There and back: every sample"
    if trip is None:
        return base.Missing(
            name,
            title,
            "The recordings of this run are not where they were, or have changed. `--recordings FOLDER` says "
            "where they are now.",
        )
    before, after = (_first_channel(samples) for samples in (trip.before, trip.after))
    difference = after.astype(np.float64) - before.astype(np.float64)
    differing = int(np.count_nonzero(trip.before != trip.after))
    start, stop = _window(before, trip.rate)
    time_ms = 1e3 * np.arange(stop - start) / trip.rate
    panels = (
        _trace("before", before[start:stop], time_ms),
        _trace("after", after[start:stop], time_ms),
        _trace("difference", difference[start:stop], time_ms, flat=not differing, last=True),
    )
    equal = "every one is equal" if not differing else f"{differing:,} differ"
    described = (
        f"Three lines over {1e3 * (stop - start) / trip.rate:.0f} ms of the recording {trip.recording}: "
        f"before encoding, after decoding with {trip.codec}, "
        f"and their difference. Of all {trip.before.size:,} samples {equal}."
    )
    return base.Figure(
        name=name,
        title=title,
        alt=described,
        caption=f"{1e3 * (stop - start) / trip.rate:.0f} ms around the largest deflection of {trip.recording}, "
        f"through {trip.codec}: {trip.before.nbytes:,} bytes of samples to {trip.encoded_bytes:,} and back, "
        f"when this report was made. Of {trip.before.size:,} samples, {equal}.",
        panels=panels,
        table=base.Table(
            ("samples", "differing", "largest difference", "bytes of samples", "bytes encoded"),
            (
                (
                    f"{trip.before.size:,}",
                    f"{differing:,}",
                    f"{np.abs(difference).max():g}",
                    f"{trip.before.nbytes:,}",
                    f"{trip.encoded_bytes:,}",
                ),
            ),
        ),
    )


def _trace(label: str, values: Any, time_ms: Any, *, flat: bool = False, last: bool = False) -> dict[str, Any]:
    """Return a line over time; one that is `flat` gets an axis on which zero is seen to be zero."""
    records = [
        {"t": base.short(float(t)), "value": float(value), "which": label}
        for t, value in zip(time_ms, values, strict=True)
    ]
    ticks = (
        alt.Axis(minExtent=56, values=[-1, 0, 1], format="d")
        if flat
        else alt.Axis(minExtent=56, tickCount=3, format=",~r")
    )
    chart = alt.Chart(base.data(records)).encode(
        x=alt.X("t:Q", title="ms" if last else None, scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=6)),
        y=alt.Y(
            "value:Q",
            title=label,
            scale=alt.Scale(domain=[-1, 1], nice=False) if flat else alt.Scale(zero=False),
            axis=ticks,
        ),
        color=alt.Color(
            "which:N", legend=None, scale=alt.Scale(domain=["before", "difference", "after"], range="ordinal")
        ),
    )
    return base.spec_of(alt.layer(chart.mark_line(strokeWidth=1.3)), label, height=84 if last else 120)


def _first_channel(samples: Any) -> Any:
    return samples if samples.ndim == 1 else samples[:, 0]


def _window(samples: Any, rate: float) -> tuple[int, int]:
    """Return where to look: around the sample that is farthest from the median."""
    size = min(len(samples), MOST_SAMPLES, max(2, int(rate * WINDOW_S)))
    values = samples.astype(np.float64)
    peak = int(np.argmax(np.abs(values - np.median(values))))
    start = min(max(0, peak - size // 2), len(samples) - size)
    return start, start + size
