"""Write the findings of docs/analysis.md and its pictures, from recordings of the N1, a probe, a tetrode and other devices.

Usage: ``python scripts/make_analysis.py [DATA] [--every 1]``; DATA is ../shared/data unless given. Moments, spectra and the likeness of recordings come
from all files of the N1; floors, code widths and spikes from every Nth. Six minutes of one processor. No recording is drawn: pictures hold
histograms, spectra and correlations.
"""

from __future__ import annotations

import argparse
import base64
import csv
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

import sections
import svg
from n1codec import analysis, formats
from n1codec.analysis.codes import Codes
from n1codec.analysis.spectrum import spectrogram, spectrum
from n1codec.analysis.study import Study

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "analysis.md"
SCRIPT: Final = "scripts/make_analysis.py"
WILD: Final = 10.0
"""A spread of widths above this is no converter's: the recording has few values, far apart."""


class File(NamedTuple):
    """One recording of the N1: what is said of all of them."""

    codes: Any
    entropy: float
    density: Any
    frequencies: Any
    median_frequency: float


def file_of(path: Path) -> File:
    recording = formats.read(path)
    codes = Codes.of(np.asarray(recording.samples))
    found = spectrum(codes.codes, recording.rate)
    return File(
        codes.codes[:, 0].astype(np.int32), found.entropy, found.density, found.frequencies, found.median_frequency
    )


def moments(values: Any) -> tuple[float, float, float, float]:
    """Return mean, standard deviation, skewness and excess kurtosis."""
    values = np.asarray(values, np.float64)
    mean, std = float(values.mean()), float(values.std())
    z = (values - mean) / (std or 1.0)
    return mean, std, float((z**3).mean()), float((z**4).mean() - 3.0)


def likeness(files: Sequence[File]) -> tuple[float, float, float]:
    """Return of the absolute correlations of two files' signals, sample by sample, the median, the largest, and the share above 0.2."""
    length = min(len(one.codes) for one in files)
    rows = np.stack([one.codes[:length] for one in files]).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = np.abs(rows @ rows.T)[np.triu_indices(len(rows), 1)]
    return float(np.median(pairs)), float(pairs.max()), float((pairs > 0.2).mean())


def histogram(values: Sequence[float], edges: Any, title: str, left: float, *, log: bool = False) -> list[str]:
    """Return the parts of a histogram."""
    counts = np.histogram(values, edges)[0]
    x = svg.Scale(float(edges[0]), float(edges[-1]), left, left + 330, log=log)
    y = svg.Scale(0.0, float(counts.max()), 180.0, 40.0)
    parts = [svg.at(left, 20, title, "t"), svg.path(f"M{left},180H{left + 330}", "a")]
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        parts.append(svg.bar(x(low) + 0.5, y(count), x(high) - x(low) - 1.0, 180.0 - y(count), "b"))
    step = max(1, (len(edges) - 1) // 5)
    parts += [svg.at(x(edge), 196, f"{edge:.3g}", "m", "middle") for edge in edges[::step]]
    return [*parts, svg.at(left + 330, 34, f"{int(counts.max())} files", "m", "end")]


def spectra(lines: Sequence[tuple[str, Any, Any]]) -> list[str]:
    """Return the parts of spectra on logarithmic axes: density over its mean, so that shapes compare."""
    x = svg.Scale(1.0, 15_000.0, 70.0, 700.0, log=True)
    y = svg.Scale(1e-4, 1e3, 300.0, 40.0, log=True)
    parts = [svg.at(70, 20, "density of power, over its mean up to half the rate", "t")]
    for mark in (1, 10, 100, 1_000, 10_000):
        parts += [svg.path(f"M{x(mark):.1f},40V300", "g"), svg.at(x(mark), 316, f"{mark:,} Hz", "m", "middle")]
    for power in range(-4, 4):
        parts += [
            svg.path(f"M70,{y(10.0**power):.1f}H700", "g"),
            svg.at(64, y(10.0**power) + 4, f"{10.0**power:g}", "m", "end"),
        ]
    for kind, (name, frequencies, density) in zip("suvw", lines, strict=False):
        mean = float(np.trapezoid(density, frequencies) / (frequencies[-1] - frequencies[0]))
        keep = (density > 0) & (frequencies >= 1.0)
        points = [
            (x(f), y(min(max(d / mean, 1e-4), 1e3))) for f, d in zip(frequencies[keep], density[keep], strict=True)
        ]
        place = 56 + 18 * "suvw".index(kind)
        parts += [svg.polyline(points, kind), svg.path(f"M520,{place - 4}h24", kind), svg.at(550, place, name)]
    return parts


COLOURS: Final = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], np.float64)


def image(values: Any, left: float, top: float, width: float, height: float) -> str:
    """Return a matrix (first row at the bottom) as a picture within a picture."""
    low, high = float(values.min()), float(values.max())
    place = (values[::-1] - low) / ((high - low) or 1.0) * (len(COLOURS) - 1)
    below = np.minimum(place.astype(int), len(COLOURS) - 2)
    part = (place - below)[..., None]
    pixels = (COLOURS[below] * (1 - part) + COLOURS[below + 1] * part).astype(np.uint8)
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
    address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return (
        f'<image x="{left}" y="{top}" width="{width}" height="{height}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="{address}"/>'
    )


def line(name: str, what: str, one: analysis.Analysis) -> str:
    """Return a recording's row of the table."""
    spikes = f"{one.spikes.rate_hz:.2g}" if one.spikes else "-"
    spread = "-" if one.widths.spread is None or one.widths.spread > WILD else f"{one.widths.spread:.2f}"
    return (
        f"| {name} | {what} | {one.amplitude.std:,.4g} | {one.amplitude.skewness:+.2f} | {one.amplitude.kurtosis:+,.1f} | {one.spectrum.entropy:.2f} | "
        f"{one.spectrum.median_frequency:,.{0 if one.spectrum.median_frequency >= 100 else 1}f} | {spikes} | {spread} | {one.floor.bits_per_sample:.2f} | {one.floor.ratio:.2f} |"
    )


HEAD: Final = (
    "| recording | what it is | std, codes | skewness | kurtosis | spectral entropy | half of the power below, Hz | spikes/s | spread of widths | floor, bits | ratio |\n"
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def findings(data: Path, every: int) -> str:
    """Return the section, and draw its pictures."""
    paths = sorted((data / "neuralink").glob("*.wav"))
    files = [file_of(path) for path in paths]
    study = Study.of([_analysed(path) for path in paths[::every]])
    probe = _analysed(data / "multichannel" / "run-001_g0_t0.imec0.ap.bin")
    locust = np.fromfile(data / "multichannel" / "locust_trial_01.raw", "<i2").reshape(-1, 4)
    tetrode = analysis.analyse(locust, 15_000.0, "tetrode", pictures=False)
    with (data / "devices" / "INDEX.tsv").open(encoding="utf-8") as table:
        index = {Path(row["file"]).stem: row for row in csv.DictReader(table, delimiter="\t")}
    devices = {
        name: analysis.analyse(np.load(data / "devices" / row["file"]), float(row["rate_hz"]), name, pictures=False)
        for name, row in sorted(index.items()) if (data / "devices" / row["file"]).exists()
    }  # fmt: skip
    pooled, each = moments(np.concatenate([one.codes for one in files])), [moments(one.codes) for one in files]
    entropy = np.array([one.entropy for one in files])
    alike = likeness(files)
    one = study.pooled
    assert one.widths is not None
    assert one.width_gain is not None
    assert one.width_agreement is not None
    _pictures(files, each, probe, tetrode, paths)
    first = study.recordings[0]
    rows = [
        f"| N1, {len(files)} files | {first.converter_bits} bits, 19,531 Hz | {np.median([m[1] for m in each]):.1f} | {pooled[2]:+.2f} | {pooled[3]:+.1f} | "
        f"{entropy.mean():.2f} | {np.median([f.median_frequency for f in files]):.0f} | {one.spike_rate_hz or 0.0:.2g} | {one.widths.spread or 0.0:.2f} | {one.floor_bits:.2f} | {one.floor_ratio:.2f} |",
        line("probe", "Neuropixels 2.0, 384 channels, 30 kHz", probe),
        line("tetrode", "locust, 4 channels, 15 kHz", tetrode),
        *(line(name, index[name]["device"], found) for name, found in devices.items()),
    ]
    stds = sorted(m[1] for m in each)
    wide = sum(found.widths.verdict == "uneven" for found in devices.values())
    return f"""
**Amplitude.** The N1's {len(files)} files, pooled: mean code {pooled[0]:.1f}, standard deviation {pooled[1]:.1f} of 1,023 codes, skewness {pooled[2]:+.3f}, excess kurtosis
{pooled[3]:+.1f}. The kurtosis is not that of a file: the median one has {np.median([m[3] for m in each]):+.2f}, near a normal law's 0. It comes from mixing quiet files and loud
ones, whose standard deviations reach from {stds[0]:.1f} to {stds[-1]:.0f} codes (nine in ten between {stds[len(stds) // 20]:.1f} and {stds[-len(stds) // 20 - 1]:.0f}). A codec has to follow the scale, and needs no heavy tails.

![Histograms over all files of the N1: standard deviation in codes, and spectral entropy](images/analysis-files.svg)

**Spectrum.** Power falls with frequency: {np.median([f.median_frequency for f in files]):.0f} Hz is where half of the N1's lies below, {probe.spectrum.median_frequency:.0f} Hz of the probe's. (The\ntetrode's recording is nearly white: it was filtered before it was stored.) Spectral entropy over all files is {entropy.mean():.2f} of 1
with a standard deviation of {entropy.std():.2f} (1 would be white). That is why one past sample tells most of the next, {first.prediction.saved_bits[0]:.2f} bits in the first file, and
{first.prediction.orders[-1]} of them {first.prediction.saved_bits[-1]:.2f}.

![Spectra of the N1, a Neuropixels probe and a tetrode: the first two fall from low frequencies to high ones](images/analysis-spectra.svg)

**Over time** little changes but a slow field potential; there is no pattern to find in what lies above it.

![Spectrogram of one file of the N1 and correlation of the probe's channels](images/analysis-images.svg)

**Between recordings and channels.** Two files of the N1 have next to nothing in common, sample by sample: the median pair correlates at {alike[0]:.3f}, and
{100 * alike[2]:.1f} % of all pairs above 0.2 (at most {alike[1]:.2f}, where two share a slow wave). Nothing is gained by coding them together. Their *converters* do: code widths of one file and the next correlate at {one.width_agreement:.2f}. Channels of the probe
that lie side by side correlate at {probe.likeness.neighbours if probe.likeness else 0.0:.2f}, those of the tetrode at {tetrode.likeness.neighbours if tetrode.likeness else 0.0:.2f}: prediction across channels pays on the one, and hardly on
the other.

**Code widths.** The N1's converter hardly ever answers some codes ({", ".join(map(str, one.widths.missing[:4]))}) and others up to twice as often as their neighbours: a spread of {one.widths.spread or 0.0:.2f} of a step, worth {one.width_gain:.3f} bit a sample.
The probe's spread is {probe.widths.spread or 0.0:.2f}, the tetrode's {tetrode.widths.spread or 0.0:.2f}; of the {len(devices)} other devices {wide} have uneven ones.

**Spikes** are rare: {one.spike_rate_hz or 0.0:.2g} crossings of five standard deviations a second on a channel of the N1, in the mean. A spike of a millisecond is 20 samples of 19,531: what a codec makes of them hardly
counts, and repeats among them are nothing that a dictionary could live on.

**The floor**: {one.floor_bits:.2f} bits a sample of the N1, a ratio of {one.floor_ratio:.2f}; {probe.floor.bits_per_sample:.2f} of the probe, {tetrode.floor.bits_per_sample:.2f} of the tetrode.

{HEAD}
{chr(10).join(rows)}

Moments of one channel are medians over channels; kurtosis is in excess of a normal law's. The row of the N1 pools all files{f" (spikes, widths and floor: every {every}th)" if every > 1 else ""}.
A spread of widths is left out where too few values occur for one. Made by `python scripts/make_analysis.py`.
"""


def _analysed(path: Path) -> analysis.Analysis:
    recording = formats.read(path)
    return analysis.analyse(np.asarray(recording.samples), recording.rate, path.stem, pictures=False)


def _pictures(
    files: Sequence[File],
    each: Sequence[tuple[float, ...]],
    probe: analysis.Analysis,
    tetrode: analysis.Analysis,
    paths: Sequence[Path],
) -> None:
    stds, entropies = [one[1] for one in each], [one.entropy for one in files]
    parts = histogram(stds, np.geomspace(2.0, 512.0, 25), "standard deviation, codes", 20, log=True)
    parts += histogram(entropies, np.linspace(0.0, 1.0, 26), "spectral entropy, 0 to 1", 390)
    svg.write(
        "analysis-files",
        svg.document(740, 206, "Standard deviations and spectral entropies of all files of the N1", parts),
    )
    lines = [
        (f"N1, mean of {len(files)} files", files[0].frequencies, np.mean([one.density / one.density.mean() for one in files], axis=0)),
        ("Neuropixels 2.0", probe.spectrum.frequencies, probe.spectrum.density),
        ("tetrode", tetrode.spectrum.frequencies, tetrode.spectrum.density),
    ]  # fmt: skip
    svg.write("analysis-spectra", svg.document(740, 324, "Spectra of three devices", spectra(lines)))
    recording = formats.read(paths[len(paths) // 2])
    shown = spectrogram(Codes.of(np.asarray(recording.samples)).codes[:, 0], recording.rate, 0)
    images = [
        svg.at(20, 20, f"N1: {shown.decibels.min():.0f} to {shown.decibels.max():.0f} dB over time and frequency", "t"),
        image(shown.decibels.T, 20, 30, 400, 200), svg.at(20, 246, "0 s", "m"), svg.at(420, 246, f"{shown.seconds[-1]:.1f} s", "m", "end"),
        svg.at(426, 40, f"{shown.frequencies[-1] / 1000:.1f} kHz", "m"), svg.at(426, 230, "0", "m"),
    ]  # fmt: skip
    if probe.likeness is not None:
        images += [
            svg.at(500, 20, "probe: correlation of channels", "t"),
            image(probe.likeness.matrix, 500, 30, 220, 200),
        ]
    svg.write("analysis-images", svg.document(740, 252, "A spectrogram, and how alike channels are", images))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=ROOT.parent / "shared" / "data")
    parser.add_argument("--every", type=int, default=1, help="of the N1's files, those that are analysed in full")
    options = parser.parse_args()
    found = sections.replaced(
        PAGE.read_text(encoding="utf-8"), "findings", SCRIPT, findings(options.data, options.every)
    )
    if found is None:
        raise SystemExit("docs/analysis.md has no place for the findings")
    PAGE.write_text(found, encoding="utf-8")


if __name__ == "__main__":
    main()
