"""Draw the figures of docs/ALGORITHM.md: docs/images/algorithm-*.svg.

Usage: ``python scripts/make_algorithm_figures.py [DATA] [--png FOLDER]``; DATA is ../shared/data unless given. Needs the extra ``report``.
Histograms and block averages only come from the recordings; bars come from docs/algorithm.json (make_ablation.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

import altair as alt
import numpy as np
import vl_convert

import ideal
from make_ablation import RESULTS, ROOT

IMAGES: Final = ROOT / "docs" / "images"
EVERY: Final = 10
WIDTH: Final = 600
INK, ACCENT, SECOND, PALE = "#333333", "#0072b2", "#d55e00", "#b9c4cc"
FULL: Final = "+ code widths"


def rows(**columns: Any) -> Any:
    """Return columns of equal length as inline data."""
    lists = {
        name: [round(float(item), 5) if isinstance(item, float) else item for item in np.asarray(column).tolist()]
        for name, column in columns.items()
    }
    return alt.InlineData(values=[dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)])


def widths(counts: ideal.Ints, one: ideal.Prepared, first: int) -> Any:
    """Histogram of codes around the middle of the converter, and the widths learned elsewhere."""
    codes = np.arange(480, 545)
    known = one.widths[codes - one.first]
    data = rows(
        code=codes,
        count=counts[codes - first] / counts.sum(),
        width=known / one.widths[400 - one.first : 620 - one.first].mean(),
    )
    x = alt.X("code:Q", scale=alt.Scale(domain=[479, 545], nice=False), title="code of the converter")
    above = (
        alt.Chart(data, width=WIDTH, height=130)
        .mark_bar(size=7, color=ACCENT)
        .encode(x=x, y=alt.Y("count:Q", title="share of samples", axis=alt.Axis(format="%")))
    )
    below = (
        alt.Chart(data, width=WIDTH, height=130)
        .mark_bar(size=7, color=SECOND)
        .encode(x=x, y=alt.Y("width:Q", title=["width learned from", "other recordings"]))
    )
    rule = alt.Chart(rows(one=[1.0])).mark_rule(color=INK, strokeDash=[4, 3]).encode(y="one:Q")
    return above & (below + rule)


def residuals(prepared: list[ideal.Prepared]) -> Any:
    """Distribution of residuals over their recording's standard deviation, beside the two laws."""
    each = [ideal.residual(one, 0, ideal.FULL).values for one in prepared]
    unit = np.concatenate([values / values.std() for values in each])
    edges = np.arange(-6.0, 6.01, 0.2)
    middles = (edges[1:] + edges[:-1]) / 2.0
    density = np.histogram(unit, edges)[0] / (len(unit) * 0.2)
    normal = np.exp(-0.5 * middles**2) / np.sqrt(2.0 * np.pi)
    laplace = np.exp(-np.sqrt(2.0) * np.abs(middles)) / np.sqrt(2.0)
    names = ["residuals (dots)", "normal law", "Laplace law"]
    colour = alt.Color("law:N", scale=alt.Scale(domain=names, range=[INK, ACCENT, SECOND]), title=None)
    x = alt.X("z:Q", title="residual, in standard deviations of its recording")
    y = alt.Y(
        "density:Q",
        scale=alt.Scale(type="log", domain=[1e-7, 1], clamp=True),
        title="density (log)",
        axis=alt.Axis(format=".0e"),
    )
    seen = density > 0
    points = alt.Chart(
        rows(z=middles[seen], density=_exact(density[seen]), law=[names[0]] * int(seen.sum())), width=WIDTH, height=260
    )
    lines = alt.Chart(
        rows(
            z=np.tile(middles, 2),
            density=_exact(np.concatenate((normal, laplace))),
            law=np.repeat(names[1:], len(middles)),
        )
    )
    return lines.transform_filter(alt.datum.density > 1e-7).mark_line().encode(
        x=x, y=y, color=colour
    ) + points.mark_point(filled=True, size=28).encode(x=x, y=y, color=colour)


def _exact(values: ideal.Floats) -> Any:
    """Keep small numbers from being rounded away: strings of four digits, which Vega reads as numbers."""
    return np.array([f"{value:.4g}" for value in values])


def scale(prepared: list[ideal.Prepared]) -> Any:
    """The scale that follows, where a recording's residuals are larger than usual for longest."""

    def blocks(values: ideal.Floats) -> ideal.Floats:
        n = len(values) // ideal.SCALE_BLOCK
        result: ideal.Floats = np.sqrt((values[: n * ideal.SCALE_BLOCK].reshape(n, -1) ** 2).mean(axis=1))
        return result

    each = [ideal.residual(one, 0, ideal.FULL).values for one in prepared]
    smooth = [np.convolve(blocks(values), np.ones(12) / 12.0, "valid") / values.std() for values in each]
    most = int(np.argmax([one.max() for one in smooth]))
    values = each[most]
    size = blocks(values)
    follows = ideal.scales(values, True)[:: ideal.SCALE_BLOCK][: len(size)]
    centre = int(np.argmax(smooth[most])) + 6
    part = slice(max(0, centre - 75), centre + 75)
    at = (np.arange(len(size))[part] - centre) * ideal.SCALE_BLOCK
    names = ["size of the residual, 32 samples each", "scale that follows", "one scale for the recording"]
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=names, range=[PALE, ACCENT, SECOND]),
        title=None,
        legend=alt.Legend(labelLimit=300, orient="top"),
    )
    x = alt.X("at:Q", title="samples", scale=alt.Scale(nice=False))
    y = alt.Y("size:Q", title="standard deviation, codes")

    def line(name: str, sizes: Any) -> Any:
        return alt.Chart(rows(at=at, size=sizes, what=[name] * len(at)), width=WIDTH, height=220).encode(
            x=x, y=y, color=colour
        )

    return (
        line(names[0], size[part]).mark_line(strokeWidth=1.5, interpolate="step-after")
        + line(names[1], follows[part]).mark_line(interpolate="step-after", strokeWidth=2.5)
        + line(names[2], np.full(len(at), float(values.std()))).mark_line(strokeDash=[5, 4])
    )


def stages(result: dict[str, Any]) -> Any:
    """What leaving a stage out costs."""
    found = [
        (one["name"], what, 100.0 * (bits / one["ladder"][FULL] - 1.0))
        for one in result["materials"]
        for what, bits in one["without"].items()
    ]
    data = rows(device=[one[0] for one in found], what=[one[1] for one in found], more=[one[2] for one in found])
    return _bars(data, "more:Q", "bits more without it, %", list(result["materials"][0]["without"]))


def distance(result: dict[str, Any]) -> Any:
    """Bits over the floor."""
    specs = ["lattice+flac", "lattice+lpc+rans", "n1:level=1", "n1:level=3", "n1:level=5", "n1:level=6", "n1:level=9"]
    found = [
        (one["name"], spec, 100.0 * (one["real"][spec] / one["floor"] - 1.0))
        for one in result["materials"]
        for spec in specs
    ]
    data = rows(device=[one[0] for one in found], what=[one[1] for one in found], more=[one[2] for one in found])
    return _bars(data, "more:Q", "bytes over the estimated floor, %", specs)


def _bars(data: Any, value: str, title: str, order: list[str]) -> Any:
    names = ["N1", "Neuropixels 2.0", "tetrode"]
    return (
        alt.Chart(data, width=WIDTH - 180, height=alt.Step(9))
        .mark_bar()
        .encode(
            y=alt.Y("what:N", sort=order, title=None, axis=alt.Axis(labelLimit=260)),
            yOffset=alt.YOffset("device:N", sort=names),
            x=alt.X(value, title=title),
            color=alt.Color("device:N", scale=alt.Scale(domain=names, range=[ACCENT, SECOND, "#009e73"]), title=None),
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--png", type=Path, help="folder for pictures to look at")
    options = parser.parse_args()
    result = json.loads(RESULTS.read_text())
    material = ideal.read(options.data, EVERY)[0]
    prepared = list(ideal.prepare(material))
    first = min(one.codes.lowest for one in prepared)
    counts = np.zeros(1024, np.int64)
    for one in prepared:
        counts[one.codes.lowest - first :][: len(one.codes.counts)] += one.codes.counts
    charts = {
        "widths": widths(counts, prepared[0], first),
        "residual": residuals(prepared),
        "scale": scale(prepared),
        "stages": stages(result),
        "floor": distance(result),
    }
    IMAGES.mkdir(exist_ok=True)
    for name, chart in charts.items():
        text = chart.configure(background="white", font="sans-serif").to_json()
        (IMAGES / f"algorithm-{name}.svg").write_text(vl_convert.vegalite_to_svg(text) + "\n")
        if options.png:
            (options.png / f"algorithm-{name}.png").write_bytes(vl_convert.vegalite_to_png(text, scale=1.5))


if __name__ == "__main__":
    main()
