"""What all figures share: how one is kept, and the bits of Vega-Altair that they are put together from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import altair as alt

from n1codec.report.model import Row, Study
from n1codec.report.text import brief, fixed
from n1codec.report.theme import NARROW, SERIES, TIGHT, look_of

Chart = alt.Chart | alt.LayerChart | alt.FacetChart
Record = dict[str, Any]

STEP: Final = 22
"""Height of a line of a chart with one line a codec, in pixels."""

CHOSEN: Final = "length(groups) == 0 || indexof(groups, datum.group) >= 0"
"""Whether a mark belongs to the groups that the reader chose; the parameter is set by the page."""

LONG: Final = 18
"""Letters above which a name is too long for a phone."""

LONGER: Final = 25
"""Letters above which a name is too long for half a page."""

LegendOrient = Literal["top", "bottom"]

FADED: Final = 0.09


@dataclass(frozen=True)
class Table:
    """The numbers behind a figure, as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A drawn figure.

    Parameters
    ----------
    name : str
        Used in file names and addresses.
    title : str
        A few words.
    alt : str
        What it shows, for those who do not see it, with the numbers that matter.
    caption : str
        How to read it.
    panels : tuple of dict
        Vega-Lite specifications, each as wide as there is room.
    table : Table
        Its numbers.
    ratio_axis : str
        ``"x"`` or ``"y"`` where the page can switch the axis of ratios to a logarithmic one.
    legend : bool
        Whether colours stand for groups, whose legend belongs to the page and to exported pictures.
    """

    name: str
    title: str
    alt: str
    caption: str
    panels: tuple[dict[str, Any], ...]
    table: Table
    ratio_axis: str = ""
    legend: bool = False
    side_by_side: bool = False


@dataclass(frozen=True)
class Missing:
    """A figure that this run does not hold the numbers for, and how to get them."""

    name: str
    title: str
    reason: str
    table: None = field(default=None, init=False)


def spec_of(chart: Chart, description: str, *, height: int | None = None) -> dict[str, Any]:
    """Return a chart's Vega-Lite specification, as wide as its container, with the parameters that the page sets."""
    properties: dict[str, Any] = {"width": "container", "description": description}
    if height is not None:
        properties["height"] = height
    spec: dict[str, Any] = chart.properties(**properties).to_dict()
    spec.pop("config", None)  # comes from the theme when it is drawn
    spec.pop("$schema", None)
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["params"] = [*spec.get("params", []), {"name": "groups", "value": []}, {"name": "pick", "value": ""}]
    return spec


def data(records: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Return records as the data of a chart."""
    return alt.InlineData(values=[dict(record) for record in records])


def record(row: Row, study: Study) -> Record:
    """Return what a chart may show of a codec."""
    result = row.result
    return {
        "codec": row.name,
        "spec": result.spec,
        "group": row.group,
        "kind": study.groups.get(row.group, row.group),
        "ratio": short(result.ratio),
        "bits": short(result.bits_per_sample),
        "encode": short(result.encode_mb_s),
        "decode": short(result.decode_mb_s),
        "latency": short(result.latency_ms),
        "memory": short(result.peak_mb),
    }


def short(value: float | None) -> float | None:
    """Return a number with six significant digits: enough to draw, and a third of the bytes."""
    return None if value is None else float(f"{value:.6g}")


def tooltips() -> list[alt.Tooltip]:
    """Return what is shown of a codec when the pointer rests on it: the whole row."""
    return [
        alt.Tooltip("codec:N", title="codec"),
        alt.Tooltip("kind:N", title="group"),
        alt.Tooltip("ratio:Q", title="ratio", format=".3f"),
        alt.Tooltip("bits:Q", title="bits a sample", format=".3f"),
        alt.Tooltip("encode:Q", title="encoding, MB/s", format=",.3~r"),
        alt.Tooltip("decode:Q", title="decoding, MB/s", format=",.3~r"),
        alt.Tooltip("latency:Q", title="latency, ms", format=".1f"),
        alt.Tooltip("memory:Q", title="peak memory, MB", format=".1f"),
    ]


def group_color(study: Study) -> alt.Color:
    """Return the colour of groups; the page has one legend for all figures, so only exported pictures draw it."""
    return alt.Color("group:N", title=None, scale=alt.Scale(domain=list(study.groups), range="category"))


def group_shape(study: Study) -> alt.Shape:
    """Return the shape of groups."""
    shapes = [look_of(group, list(study.groups)).shape for group in study.groups]
    return alt.Shape("group:N", title=None, scale=alt.Scale(domain=list(study.groups), range=shapes))


def series_color(field_name: str, values: Sequence[str], orient: LegendOrient = "top") -> alt.Color:
    """Return the colour of something that is not a group, with a legend of its own."""
    return alt.Color(
        f"{field_name}:N",
        title=None,
        scale=alt.Scale(domain=list(values), range="ordinal"),
        legend=_legend(values, orient),
    )


def series_shape(field_name: str, values: Sequence[str], orient: LegendOrient = "top") -> alt.Shape:
    """Return the shape that goes with `series_color`."""
    shapes = [SERIES[index % len(SERIES)].shape for index in range(len(values))]
    return alt.Shape(
        f"{field_name}:N",
        title=None,
        scale=alt.Scale(domain=list(values), range=shapes),
        legend=_legend(values, orient),
    )


def _legend(values: Sequence[str], orient: LegendOrient) -> alt.Legend:
    columns = 1 if max(map(len, values), default=0) > LONG else 2
    return alt.Legend(orient=orient, columns=alt.ExprRef(f"{NARROW} ? {columns} : 5"))


def lines(order: Sequence[str]) -> alt.Y:
    """Return a vertical axis with a line for each name, in this order."""
    # Where there is little room, a long name goes on two lines, of which the first has the more of its stages.
    long = f"({TIGHT} ? {LONG} : {NARROW} ? {LONGER} : 99)"
    cut = f"length(datum.label) > {long} && indexof(datum.label, '+') > 0"
    stages = "split(datum.label, '+')"
    half = f"ceil(length({stages}) / 2)"
    both = f"[join(slice({stages}, 0, {half}), '+') + '+', join(slice({stages}, {half}), '+')]"
    axis = alt.Axis(
        grid=False,
        labelExpr=f"{cut} ? {both} : datum.label",
        labelFontSize=alt.ExprRef(f"{TIGHT} ? 10 : {NARROW} ? 11 : 12"),
        labelLineHeight=10,
        labelOffset=alt.ExprRef(f"{cut} ? -5 : 0"),
    )
    return alt.Y("codec:N", sort=list(order), title=None, axis=axis)


def speed_ticks(low: float, high: float) -> list[float]:
    """Return round values for a logarithmic axis: 1, 2, 5 and their tens where they fit, tens alone where they do not."""
    tens = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 200 else (1, 3) if high / low < 20_000 else (1,)
    return [step * 10.0**ten for ten in tens for step in steps if low <= step * 10.0**ten <= high]


def log_x(field: str, title: str, domain: tuple[float, float]) -> alt.X:
    """Return the logarithmic axis of a field, which ends where the domain does."""
    return alt.X(
        f"{field}:Q",
        title=f"{title} (log)",
        scale=alt.Scale(type="log", domain=list(domain), nice=False),
        axis=alt.Axis(values=speed_ticks(*domain), format=",~r", labelOverlap="greedy"),
    )


def best_of_each_coder(rows: Sequence[Row]) -> list[Row]:
    """Return the first row of each coder, Blosc's compressors taken apart."""
    return list({(row.coder, dict(row.params).get("cname")): row for row in reversed(rows)}.values())[::-1]


def codec_table(rows: Sequence[Row]) -> Table:
    """Return the usual numbers of some codecs."""
    return Table(
        ("codec", "ratio", "bits a sample", "encoding, MB/s", "decoding, MB/s"),
        tuple(
            (
                row.name,
                fixed(row.result.ratio),
                fixed(row.result.bits_per_sample),
                brief(row.result.encode_mb_s),
                brief(row.result.decode_mb_s),
            )
            for row in rows
        ),
    )
