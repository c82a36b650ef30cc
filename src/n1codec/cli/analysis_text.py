"""An analysis in words and numbers, for terminals of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from n1codec.analysis import Analysis, Study, Widths
from n1codec.analysis.entropies import UNRELIABLE, Transformed
from n1codec.analysis.study import Entropy
from n1codec.analysis.target import Route
from n1codec.cli import one_line

WIDTH: Final = 80
INDENT: Final = 14
IN_FULL: Final = 3
"""Up to so many recordings are described in full; of more, each has a line in a table."""
MAX_MISSING: Final = 8
"""Missing codes that are named."""
WORTH_SAYING: Final = 0.001
"""Bits a sample that knowing the code widths has to save to be mentioned."""


def describe(study: Study) -> str:
    """Return all that is to be said of a study, lines ending in a line break."""
    lines: list[str] = []
    if len(study.recordings) <= IN_FULL:
        for one in study.recordings:
            lines += [*recording(one), ""]
    else:
        lines += [*table(study.recordings), ""]
    if len(study.recordings) > 1:
        lines += [*pooled(study), ""]
    lines += target(study)
    return "".join(f"{line}\n" for line in lines)


def recording(one: Analysis) -> Iterator[str]:
    """Yield the lines on one recording."""
    channels = f"{one.n_channels:,} channel{'s' if one.n_channels > 1 else ''}"
    yield from _wrap(
        f"{one_line(one.name)}: {channels} of {one.dtype} at {one.rate:,g} Hz, {one.n_samples / one.rate:,.2f} s", 2, 0
    )
    left_out = one.n_channels - len(one.channels)
    if not one.whole:
        yield from _item("analysed", f"the first {one.seconds:,.2f} s of {one.n_samples / one.rate:,.2f} s")
    if left_out:
        yield from _item(
            "left out", f"{left_out} channel{'s' if left_out > 1 else ''} that hardly ever change: no electrodes"
        )
    yield from _item("codes", _codes(one))
    size = one.amplitude
    median = f"{size.median:,.1f}".removesuffix(".0")
    yield from _item(
        "amplitude",
        f"mean {size.mean:,.2f}, median {median}, standard deviation {size.std:,.2f} codes; skewness "
        f"{_signed(size.skewness)}, "
        f"excess kurtosis {_signed(size.kurtosis)}; {_share(size.clipped)} clipped"
        + (" (each figure the median over channels)" if len(one.channels) > 1 else ""),
    )
    yield from _item("code widths", _widths(one.widths))
    power = one.spectrum
    yield from _item(
        "spectrum",
        "none: nothing changes, or there are too few samples"
        if not power.median_frequency
        else f"half of the power below {_hertz(power.median_frequency)}, {_share(power.spike_band_share)} of it in the "
        "band of spikes "
        f"(300 to 6,000 Hz); spectral entropy {power.entropy:.2f} of 1",
    )
    saved = dict(zip(one.prediction.orders, one.prediction.saved_bits, strict=True))
    yield from _item(
        "prediction",
        f"from one past sample saves {saved[1]:.2f} bits a sample, from 8 {saved[8]:.2f}, from 32 {saved[32]:.2f}",
    )
    if one.likeness is not None:
        yield from _item("channels", f"adjacent ones are correlated by {_signed(one.likeness.neighbours)}")
    yield from _item("spikes", _spikes(one))
    yield from _item("entropy", _entropies(one))
    yield from _item("floor", _floor(one))


def table(recordings: Iterable[Analysis]) -> Iterator[str]:
    """Yield one line a recording."""
    yield f"{'recording':<26} {'s':>7} {'std':>6} {'spikes/s':>8} {'widths':>8} {'order 0':>7} {'floor':>6} {'ratio':>6}"
    for one in recordings:
        name = one_line(one.name)
        name = name if len(name) <= 26 else f"{name[:12]}…{name[-13:]}"
        spread = "unknown" if one.widths.spread is None else f"±{one.widths.spread:.3f}"
        spread = "even" if one.widths.verdict == "even" else spread
        rate = f"{one.spikes.rate_hz:.2f}" if one.spikes else "-"
        yield (
            f"{name:<26} {one.seconds:>7,.1f} {one.amplitude.std:>6.1f} {rate:>8} {spread:>8} "
            f"{one.transforms[0].bits_per_sample:>7.3f} {one.floor.bits_per_sample:>6.3f} {_ratio(one.floor.ratio):>6}"
        )
    yield from _wrap(
        "std: of the codes; widths: standard deviation of the code widths, in steps; order 0 and floor: bits a sample; "
        "ratio: stored bits over the floor.",
        0,
    )


def pooled(study: Study) -> Iterator[str]:
    """Yield the lines on all recordings together."""
    together = study.pooled
    yield f"All {together.recordings} recordings: {together.samples:,} samples, {together.seconds:,.1f} s"
    maps = together.lattices
    yield from _item("codes", maps[0] if len(maps) == 1 else f"{len(maps)} different lattices, the first {maps[0]}")
    if together.widths is not None:
        alike = together.width_agreement
        yield from _item(
            "code widths",
            _widths(together.widths)
            + (
                f"; the pattern of one recording and of the next: correlation {alike:.3f} (median)"
                if alike is not None
                else ""
            ),
        )
    if together.spike_rate_hz is not None:
        yield from _item("spikes", f"{together.spike_rate_hz:.2f} a second and channel on average")
    yield from _item("entropy", _order_0(together.transforms))
    said = f"{together.floor_bits:.3f} bits a sample, ratio {_ratio(together.floor_ratio)}"
    if together.width_gain is not None and together.width_gain >= WORTH_SAYING:
        said += f"; {together.floor_even_bits:.3f} if codes are taken to be equally wide"
    yield from _item("floor", f"{said}; {together.floor_causal_bits:.3f} if all is learned on the way")


def target(study: Study) -> Iterator[str]:
    """Yield the lines on the way to 200x."""
    far = study.distance
    whose = "the converter's" if study.recordings[0].full_scale else "the codes'"
    some = "" if far.recordings == len(study.recordings) else f" (the first recording{_and_like_it(far.recordings)})"
    yield f"How far to 200x?{some}"
    yield from _wrap(
        f"It leaves {far.needed_of_converter:.3g} bits a sample of {whose} {far.converter_bits} "
        f"({far.needed_of_storage:.3g} of the {far.storage_bits} stored). The floor is {_bits(far.floor_bits)}: "
        + (
            "less than that, so 200x is no question here."
            if far.gap <= 1.0
            else f"{far.gap:.3g} times as much. Its ratio is {far.floor_ratio_of_converter:.2f} counted from "
            f"{far.converter_bits} bits, {far.floor_ratio_of_storage:.2f} counted from {far.storage_bits}."
        ),
        2,
    )
    if far.gap > 1.0 and far.snr_db is not None and far.spike_band_snr_db is not None:
        yield from _wrap(
            f"Nor does coarser rounding lead there: so few bits allow {far.white_snr_db:.1f} dB of signal over noise "
            f"if the signal is white, at best {far.snr_db:.1f} dB with this spectrum, and {far.spike_band_snr_db:.1f} "
            "dB in the band of spikes. What remains is to send something else:",
            2,
        )
    yield f"  {'sent':<49}{'bit/s/channel':>13}{'factor':>8}  {'exact':<5}"
    for route in far.routes:
        yield from _route(route)
    yield from _wrap("Factors of others, (*), have baselines of their own; sources in docs/analysis.md.", 2)


def _and_like_it(recordings: int) -> str:
    return f" and {recordings - 1} like it" if recordings > 1 else ", the others differ"


def _route(route: Route) -> Iterator[str]:
    what, *rest = textwrap.wrap(route.what + (" (*)" if route.kind == "cited" else ""), 48)
    bits = "-" if route.bits_per_second is None else f"{route.bits_per_second:,.0f}"
    factor = "-" if route.factor is None else f"{route.factor:,.0f}" if route.factor >= 10 else f"{route.factor:.2f}"
    yield f"  {what:<49}{bits:>13}{factor:>8}  {'yes' if route.exact else 'no':<5}".rstrip()
    yield from (f"    {line}" for line in rest)


def _codes(one: Analysis) -> str:
    counted = one.histogram
    how = f"{one.converter_bits} bits: " if one.full_scale else ""
    used = (
        f"{one.lattice}; {counted.distinct:,} different codes from {one.amplitude.lowest:,} to "
        f"{one.amplitude.highest:,}"
    )
    if counted.distinct == 1:
        return f"{how}{one.lattice}; one code only, {one.amplitude.lowest:,}"
    return f"{how}{used}, {counted.unused:,} between them never occur"


def _widths(found: Widths) -> str:
    if found.verdict == "unknown" or found.spread is None or found.p_value is None or found.bits is None:
        return "unknown: too few samples for so many codes"
    chance = f"p {_probability(found.p_value)}"
    if found.verdict == "even":
        return (
            f"even: standard deviation {found.spread:.3f} of a step, not beyond 0.1 ({chance}); worth "
            f"{found.bits:.4f} bit a sample"
        )
    missing = ", ".join(map(str, found.missing[:MAX_MISSING]))
    more = len(found.missing) - MAX_MISSING
    missing += f" and {more} more" if more > 0 else ""
    return (
        f"uneven: standard deviation {found.spread:.3f} of a step ({chance} if within 0.1); worth {found.bits:.3f} "
        "bit a sample" + (f"; missing codes: {missing}" if missing else "; no code is missing")
    )


def _probability(value: float) -> str:
    return "< 1e-12" if value < 1e-12 else f"= {value:.2g}"


def _spikes(one: Analysis) -> str:
    found = one.spikes
    if found is None:
        return "not looked for: the rate or the length leaves no band for them"
    said = (
        f"{found.rate_hz:.2f} a second and channel beyond 5 standard deviations of the noise ({found.noise:.2f} codes)"
    )
    return said + (f"; median peak {found.snr:.1f} times that" if found.snr is not None else "")


def _entropies(one: Analysis) -> str:
    given = [estimate for estimate in one.conditional[1:] if estimate.reliable]
    said = _order_0(one.transforms)
    if one.transforms[0].bias >= UNRELIABLE:
        said += "; this says little, for the samples are few for so many values"
    if given:
        least = min(given, key=lambda estimate: estimate.bits)
        said += f"; counted: {least.bits:.3f} for the {least.what}"
    return said


def _order_0(transforms: Sequence[Transformed | Entropy]) -> str:
    stored = transforms[0].bits_per_sample
    best = min(transforms, key=lambda chain: chain.bits_per_sample)
    said = f"order 0: {stored:.3f} bits as stored, "
    if best.bits_per_sample > stored - 0.0005:
        return said + "and no transform makes that less"
    return said + f"{best.bits_per_sample:.3f} after {best.chain}"


def _floor(one: Analysis) -> str:
    floor = one.floor
    some = (
        f" ({len(floor.channels)} of {len(one.channels)} channels)" if len(floor.channels) < len(one.channels) else ""
    )
    said = f"{_bits(floor.bits_per_sample)} bits a sample, ratio {_ratio(floor.ratio)}{some}"
    if floor.width_gain is not None and floor.width_gain >= WORTH_SAYING:
        said += f"; {floor.even_bits_per_sample:.3f} if codes are taken to be equally wide"
    return f"{said}; {floor.causal_bits_per_sample:.3f} if all is learned on the way"


def _ratio(value: float) -> str:
    return f"{value:.3f}" if value < 1000 else f"{value:,.0f}"


def _hertz(value: float) -> str:
    return f"{value:,.0f} Hz" if value >= 100 else f"{value:.1f} Hz"


def _share(part: float) -> str:
    if 0.0 < part < 1e-4:
        return "< 0.01 %"
    return f"{100 * part:.0f} %" if part >= 0.1 or part == 0.0 else f"{100 * part:.2g} %"


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}"  # what rounds to nothing has no sign of its own


def _bits(value: float) -> str:
    return f"{value:.3f}" if value >= 0.0005 else f"{value:.1g}"


def _item(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=f"  {name:<{INDENT - 2}}", subsequent_indent=" " * INDENT)


def _wrap(text: str, indent: int, first: int | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * (indent if first is None else first), subsequent_indent=" " * indent
    )
