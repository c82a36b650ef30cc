"""Figures of an analysis, drawn with Vega-Altair from its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import numpy as np

from n1codec.analysis import Analysis, Study
from n1codec.analysis.entropies import UNRELIABLE
from n1codec.report.figures.base import data, short, spec_of, speed_ticks

Record = dict[str, Any]

BINS: Final = 1024
"""Most bars of a histogram that are drawn."""
BLUE, ORANGE = "#3b8ec2", "#d5682a"
"""Of the Okabe and Ito hues, at a lightness that reads on both grounds."""
SCHEME: Final = "viridis"
AXIS: Final = 48
"""Width in pixels of the axes of two charts one below the other, for the same code to stand in line."""


@dataclass(frozen=True)
class Picture:
    """A drawn figure: its name, title, what it shows (for those who do not see it), how to read it, and its charts."""

    name: str
    title: str
    alt: str
    caption: str
    panels: tuple[dict[str, Any], ...]


def pictures(study: Study) -> Iterator[Picture]:
    """Yield the figures: those of the first recording, then those of all together."""
    one = study.recordings[0]
    if one.waveform is not None and len(one.waveform.codes) > 1:
        yield _waveform(one)
    yield _codes(one)
    if one.spectrum.median_frequency > 0:  # of what does not change there is no more to be seen
        yield _spectrum(one)
        if one.spectrogram is not None and one.spectrogram.decibels.size:
            yield _spectrogram(one)
        yield _prediction(one)
    if one.likeness is not None and len(one.likeness.channels) > 2:
        yield _likeness(one)
    yield _entropies(study)
    if sum(recording.amplitude.std > 0 for recording in study.recordings) > 1:
        yield _floors(study)
    yield _target(study)


def _waveform(one: Analysis) -> Picture:
    wave = one.waveform
    assert wave is not None
    points: list[Record] = [
        {"ms": short(1000.0 * index / one.rate), "code": int(code)} for index, code in enumerate(wave.codes)
    ]
    chart = _chart(points).mark_line(strokeWidth=1, color=BLUE)
    chart = chart.encode(x=alt.X("ms:Q", title="milliseconds"), y=_from_data("code", "code of the converter"))
    text = f"The first {len(points):,} samples of channel {wave.channel}, in codes of the converter."
    return Picture("waveform", "The signal", text, text, (spec_of(chart, text, height=220),))


def _codes(one: Analysis) -> Picture:
    shown = one.histogram
    step = -(-len(shown.counts) // BINS)
    sums = np.add.reduceat(shown.counts, np.arange(0, len(shown.counts), step))
    width = step * shown.codes_per_bin
    bars = [
        {"from": shown.lowest + index * width, "to": shown.lowest + (index + 1) * width, "samples": int(count)}
        for index, count in enumerate(sums)
    ]
    domain = [shown.lowest, shown.lowest + len(sums) * width]
    axis = alt.Scale(domain=domain, nice=False)
    whole = alt.Axis(format=",d", tickMinStep=1)
    found = one.widths
    alone = found.verdict == "unknown" or found.spread is None
    histogram = _chart(bars).mark_rect(color=BLUE)
    histogram = histogram.encode(
        x=alt.X("from:Q", title="code of the converter" if alone else None, scale=axis, axis=whole),
        x2="to:Q",
        y=alt.Y("samples:Q", title="samples", axis=alt.Axis(minExtent=AXIS)),
        y2=alt.value(160),
        tooltip=[alt.Tooltip("from:Q", title="code"), alt.Tooltip("samples:Q", format=",")],
    )
    words = f"{shown.distinct:,} different codes occur, {shown.unused:,} between the lowest and the highest never do. "
    panels = [spec_of(histogram, words, height=160)]
    if alone:
        words += "There are too few samples to tell how wide the codes are."
    else:
        missing = f", missing codes: {', '.join(map(str, found.missing[:8]))}" if found.missing else ""
        words += f"Code widths are {found.verdict}: standard deviation {found.spread:.3f} of a step{missing}."
        points = [
            {"code": int(code), "width": short(float(width)), "error": short(float(error))}
            for code, width, error in zip(found.codes, found.widths, found.errors, strict=True)
        ]
        dots = _chart(points).mark_circle(size=22, opacity=0.9, color=ORANGE)
        dots = dots.encode(
            x=alt.X("code:Q", title="code of the converter", scale=axis, axis=whole),
            y=alt.Y("width:Q", title="relative width", axis=alt.Axis(minExtent=AXIS)),
            tooltip=[
                "code:Q",
                alt.Tooltip("width:Q", format=".3f"),
                alt.Tooltip("error:Q", title="standard error", format=".3f"),
            ],
        )
        even = _chart([{"width": 1}]).mark_rule(style="mark").encode(y="width:Q")
        panels.append(spec_of(_layers(even, dots), words, height=200))
    caption = (
        f"How often each code comes up. {words}"
        if alone
        else "Above: how often each code comes up. Below: the width of each code relative to its neighbourhood, from how "
        "often it comes up and how often the predictions of the past would have it come up; of an even converter all "
        "are 1."
    )
    return Picture("codes", "Codes of the converter", words, caption, tuple(panels))


def _spectrum(one: Analysis) -> Picture:
    power = one.spectrum
    points = [
        {"hz": short(float(hz)), "power": short(float(value))}
        for hz, value in zip(power.frequencies, power.density, strict=True)
        if value > 0
    ]
    chart = _chart(points).mark_line(strokeWidth=1.8, color=BLUE)
    chart = chart.encode(
        x=alt.X(
            "hz:Q",
            title="hertz",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=_ticks(one["hz"] for one in points), format=",~r", labelOverlap="greedy"),
        ),
        y=alt.Y(
            "power:Q",
            title="codes² / Hz",
            scale=alt.Scale(type="log"),
            axis=alt.Axis(
                values=_ticks((one["power"] for one in points), tens=True), format="~e", labelOverlap="greedy"
            ),
        ),
        tooltip=[alt.Tooltip("hz:Q", format=".4~s"), alt.Tooltip("power:Q", format=".3e")],
    )
    words = (
        f"Half of the power lies below {power.median_frequency:,.0f} Hz, {100 * power.spike_band_share:.1f} % "
        "between 300 and 6,000 Hz; "
        f"spectral entropy {power.entropy:.2f} of 1. An ideal linear prediction would leave "
        f"{power.gaussian_bits:.3f} bits a sample to a "
        "Gaussian on an even converter."
    )
    return Picture(
        "spectrum",
        "Spectrum",
        words,
        f"Welch's estimate, mean over channels. {words}",
        (spec_of(chart, words, height=260),),
    )


def _spectrogram(one: Analysis) -> Picture:
    shown = one.spectrogram
    assert shown is not None
    half_s = (shown.seconds[1] - shown.seconds[0]) / 2 if len(shown.seconds) > 1 else one.seconds / 2
    half_hz = one.rate / 4 / len(shown.frequencies)
    cells = [
        {
            "s": short(float(second - half_s)),
            "s2": short(float(second + half_s)),
            "hz": short(float(hz - half_hz)),
            "hz2": short(float(hz + half_hz)),
            "dB": round(float(decibels), 1),
        }
        for second, row in zip(shown.seconds, shown.decibels, strict=True)
        for hz, decibels in zip(shown.frequencies, row, strict=True)
    ]
    chart = (
        _chart(cells)
        .mark_rect()
        .encode(
            x=alt.X("s:Q", title="seconds", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, tickCount=10)),
            x2="s2:Q",
            y=alt.Y("hz:Q", title="hertz", scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, format=",~r")),
            y2="hz2:Q",
            color=alt.Color("dB:Q", title="dB", scale=alt.Scale(scheme=SCHEME), legend=alt.Legend(orient="right")),
        )
    )
    words = (
        f"Power of channel {shown.channel} over time and frequency, from {shown.decibels.min():.0f} to "
        f"{shown.decibels.max():.0f} dB of codes² / Hz."
    )
    return Picture("spectrogram", "Spectrogram", words, words, (spec_of(chart, words, height=240),))


def _prediction(one: Analysis) -> Picture:
    known = one.prediction
    points = [
        {"ms": short(1000.0 * lag / one.rate), "correlation": short(float(value))}
        for lag, value in enumerate(known.autocorrelation)
    ]
    zero = _chart([{"correlation": 0}]).mark_rule(style="mark").encode(y="correlation:Q")
    line = _chart(points).mark_line(color=BLUE, strokeWidth=1.8)
    line = line.encode(x=alt.X("ms:Q", title="lag, milliseconds"), y=alt.Y("correlation:Q", title="autocorrelation"))
    bars = [
        {"order": str(order), "bits": short(bits), "dB": short(gain)}
        for order, bits, gain in zip(known.orders, known.saved_bits, known.gains_db, strict=True)
    ]
    gains = (
        _chart(bars)
        .mark_bar(color=ORANGE)
        .encode(
            x=alt.X("order:N", title="past samples", sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("bits:Q", title="bits a sample saved"),
            tooltip=["order:N", alt.Tooltip("bits:Q", format=".3f"), alt.Tooltip("dB:Q", format=".2f")],
        )
    )
    words = (
        f"Linear prediction saves {known.saved_bits[0]:.2f} bits a sample from one past sample and "
        f"{known.saved_bits[-1]:.2f} from "
        f"{known.orders[-1]}."
    )
    caption = "Above: how alike the signal is to itself a little later. Below: what linear prediction makes of it."
    panels = (spec_of(_layers(zero, line), words, height=180), spec_of(gains, words, height=160))
    return Picture("prediction", "What the past tells", words, caption, panels)


def _likeness(one: Analysis) -> Picture:
    alike = one.likeness
    assert alike is not None
    cells = [
        {"channel": int(a), "other": int(b), "correlation": round(float(value), 3)}
        for a, row in zip(alike.channels, alike.matrix, strict=True)
        for b, value in zip(alike.channels, row, strict=True)
    ]
    ordinal = alt.Axis(labelOverlap=True, labelAngle=0)
    chart = (
        _chart(cells)
        .mark_rect()
        .encode(
            x=alt.X("channel:O", title="channel", axis=ordinal),
            y=alt.Y("other:O", title="channel", axis=ordinal),
            color=alt.Color(
                "correlation:Q",
                scale=alt.Scale(scheme=SCHEME, domain=[min(0.0, float(alike.matrix.min())), 1]),
                legend=alt.Legend(orient="right"),
            ),
            tooltip=["channel:O", "other:O", "correlation:Q"],
        )
    )
    words = (
        f"Adjacent channels are correlated by {alike.neighbours:+.2f} on average; shown are {len(alike.channels)} "
        "channels."
    )
    return Picture("channels", "Likeness of channels", words, words, (spec_of(chart, words, height=360),))


def _entropies(study: Study) -> Picture:
    together = study.pooled
    rows = sorted(together.transforms, key=lambda chain: chain.bits_per_sample)
    bars = [{"chain": chain.chain or "as stored", "bits": short(chain.bits_per_sample)} for chain in rows]
    floor = _chart([{"bits": short(together.floor_bits)}]).mark_rule(style="mark").encode(x="bits:Q")
    chart = (
        _chart(bars)
        .mark_bar(color=BLUE)
        .encode(
            y=alt.Y("chain:N", sort=[str(bar["chain"]) for bar in bars], title=None, axis=alt.Axis(grid=False)),
            x=alt.X("bits:Q", title="order-0 entropy, bits a sample"),
            tooltip=["chain:N", alt.Tooltip("bits:Q", format=".3f")],
        )
    )
    words = (
        f"Order-0 entropy after {len(rows) - 1} chains of transforms; least after {rows[0].chain or 'none'}: "
        f"{rows[0].bits_per_sample:.3f} bits a sample."
    )
    caption = (
        "What a coder that knows the histogram and nothing else would take after each chain of transforms, all "
        "recordings. Dotted: the "
        f"floor of {together.floor_bits:.3f} bits. Where bytes come out, those of a sample are counted apart."
    )
    if any(one.transforms[0].bias >= UNRELIABLE for one in study.recordings):
        caption += " The samples are few for so many values, so these entropies are too low."
    return Picture(
        "entropy",
        "Before and after each transform",
        words,
        caption,
        (spec_of(_layers(chart, floor), words, height=20 * len(bars)),),
    )


def _floors(study: Study) -> Picture:
    points = [
        {
            "recording": one.name[:60],
            "floor": short(one.floor.bits_per_sample),
            "std": short(one.amplitude.std),
            "ratio": short(one.floor.ratio),
        }
        for one in study.recordings
        if one.amplitude.std > 0  # the axis is logarithmic
    ]
    chart = (
        _chart(points)
        .mark_circle(size=60, opacity=0.75, color=BLUE)
        .encode(
            x=alt.X(
                "std:Q",
                title="standard deviation of the signal, codes (log)",
                scale=alt.Scale(type="log", nice=False, padding=12),
            ),
            y=_from_data("floor", "floor, bits a sample"),
            tooltip=[
                "recording:N",
                alt.Tooltip("floor:Q", format=".3f"),
                alt.Tooltip("std:Q", format=".1f"),
                alt.Tooltip("ratio:Q", format=".3f"),
            ],
        )
    )
    bits = [one.floor.bits_per_sample for one in study.recordings]
    words = (
        f"The floors of {len(bits)} recordings lie between {min(bits):.3f} and {max(bits):.3f} bits a sample, "
        f"{study.pooled.floor_bits:.3f} together."
    )
    caption = f"{words} A loud signal need not be hard: what is slow can be predicted."
    return Picture("floors", "Every recording's floor", words, caption, (spec_of(chart, words, height=280),))


def _target(study: Study) -> Picture:
    far = study.distance
    bars: list[Record] = [
        {"what": f"stored ({far.storage_bits} bits)", "bits": far.storage_bits},
        {"what": "codes", "bits": far.converter_bits},
        {"what": "floor, lossless", "bits": short(far.floor_bits)},
        {"what": "200x of the codes", "bits": short(far.needed_of_converter)},
    ]
    # Whole decades, at least the four that most recordings need.
    decades = range(min(-2, math.floor(math.log10(min(far.floor_bits, far.needed_of_converter)))), 2)
    encoded = _chart(bars).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(grid=False)),
        x=alt.X(
            "bits:Q",
            title="bits a sample (log)",
            scale=alt.Scale(type="log", domain=[10.0 ** decades[0], 40], nice=False),
            axis=alt.Axis(values=[10.0**decade for decade in decades], format="~g"),
        ),
    )
    labels = encoded.mark_text(align="left", dx=8, style="value").encode(text=alt.Text("bits:Q", format=".3~r"))
    words = f"200x leaves {far.needed_of_converter:.3g} bits a sample; the floor is " + (
        f"{far.floor_bits:.3f}, {far.gap:.3g} times as much." if far.gap > 1.0 else "less than that."
    )
    chart = _layers(encoded.mark_circle(size=110, color=ORANGE, opacity=1), labels)
    return Picture("target", "200x, seen from here", words, words, (spec_of(chart, words, height=130),))


def _ticks(values: Iterable[float | None], *, tens: bool = False) -> list[float]:
    """Return round values for a logarithmic axis, or only the powers of ten around those that are shown."""
    known = [value for value in values if value]
    if not known:
        return []
    low, high = min(known), max(known)
    if not tens:
        return speed_ticks(low, high)
    return [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def _chart(records: list[Record]) -> alt.Chart:
    return alt.Chart(data(records))


def _layers(*charts: alt.Chart) -> alt.LayerChart:
    return alt.LayerChart(layer=list(charts))


def _from_data(field: str, title: str) -> alt.Y:
    """Return a vertical axis that begins where the data does."""
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False))
