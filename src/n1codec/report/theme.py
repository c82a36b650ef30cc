"""Colours and shapes: one look for the page, light and dark, and for the exported pictures.

The hues are those of Okabe and Ito ("Color universal design", 2008), which stay apart for the common kinds of colour
blindness; yellow is darkened on a light ground, where it would not be seen. No colour stands alone: each group has a shape too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', "
    "'Liberation Sans', 'DejaVu Sans', Arial, sans-serif"
)

NARROW: Final = "(containerSize()[0] || 900) < 560"
"""Vega expression: whether a figure has little room. Exported pictures have no container, and enough of it."""

TIGHT: Final = "(containerSize()[0] || 900) < 440"
"""Vega expression: whether it has hardly any, as on a phone."""

STAR: Final = "M0,-1.1L0.26,-0.36L1.05,-0.34L0.42,0.14L0.65,0.89L0,0.44L-0.65,0.89L-0.42,0.14L-1.05,-0.34L-0.26,-0.36Z"
PLUS: Final = "M-0.3,-1H0.3V-0.3H1V0.3H0.3V1H-0.3V0.3H-1V-0.3H-0.3Z"
CROSS: Final = (
    "M-0.9,-0.55L-0.55,-0.9L0,-0.35L0.55,-0.9L0.9,-0.55L0.35,0L0.9,0.55L0.55,0.9L0,0.35L-0.55,0.9L-0.9,0.55L-0.35,0Z"
)
SQUARE: Final = "M-0.8,-0.8H0.8V0.8H-0.8Z"
DIAMOND: Final = "M0,-1.05L0.85,0L0,1.05L-0.85,0Z"
UP: Final = "M0,-0.95L0.95,0.75H-0.95Z"
DOWN: Final = "M0,0.95L0.95,-0.75H-0.95Z"
CIRCLE: Final = "M0.85,0A0.85,0.85,0,1,1,-0.85,0A0.85,0.85,0,1,1,0.85,0Z"
HEXAGON: Final = "M0,-1L0.87,-0.5V0.5L0,1L-0.87,0.5V-0.5Z"


@dataclass(frozen=True)
class Look:
    """How a group is drawn: its colour on light and on dark ground, and an SVG path from -1 to 1."""

    light: str
    dark: str
    shape: str


GROUPS: Final = {
    "n1": Look("#D55E00", "#FF8A3D", STAR),
    "dictionary": Look("#C77F00", "#E69F00", SQUARE),
    "predictive": Look("#0072B2", "#4BA6E0", CIRCLE),
    "entropy": Look("#009E73", "#21C79A", UP),
    "run-length": Look("#8A7A00", "#F0E442", CROSS),
    "audio": Look("#B4558D", "#E08CBB", DIAMOND),
    "blosc": Look("#3B3F46", "#D5D9E0", PLUS),
    "numeric": Look("#2F8FCB", "#8ED0F5", DOWN),
    "baseline": Look("#8B929C", "#7E8896", HEXAGON),
    "yardstick": Look("#8B929C", "#7E8896", HEXAGON),
}

OTHERS: Final = (
    Look("#7B4FB5", "#B79AE8", HEXAGON),
    Look("#8C5A3C", "#D2A283", DIAMOND),
    Look("#4F7A28", "#A5CE7B", SQUARE),
)
"""Groups that other packages bring, in turn."""

SERIES: Final = (
    Look("#0072B2", "#4BA6E0", CIRCLE),
    Look("#D55E00", "#FF8A3D", DIAMOND),
    Look("#009E73", "#21C79A", UP),
    Look("#B4558D", "#E08CBB", SQUARE),
    Look("#C77F00", "#E69F00", DOWN),
    Look("#3B3F46", "#D5D9E0", PLUS),
    Look("#2F8FCB", "#8ED0F5", CROSS),
    Look("#8A7A00", "#F0E442", HEXAGON),
)
"""Whatever is not a group, in turn."""


@dataclass(frozen=True)
class Ground:
    """What lies behind and around the data."""

    page: str
    text: str
    muted: str
    grid: str
    rule: str


LIGHT: Final = Ground("#ffffff", "#18212d", "#57626f", "#e6e9ee", "#8a94a1")
DARK: Final = Ground("#151b23", "#e8ecf2", "#a3aebc", "#2b333f", "#768292")


def look_of(group: str, groups: Sequence[str]) -> Look:
    """Return how a group is drawn among those of a study."""
    if group in GROUPS:
        return GROUPS[group]
    strangers = [name for name in groups if name not in GROUPS]
    return OTHERS[strangers.index(group) % len(OTHERS)]


def config(groups: Sequence[str], *, dark: bool) -> dict[str, Any]:
    """Return the Vega-Lite configuration: `range.category` are the colours of `groups`, `range.ordinal` those of series."""
    ground = DARK if dark else LIGHT
    axis = {
        "labelColor": ground.muted,
        "titleColor": ground.text,
        "gridColor": ground.grid,
        "domainColor": ground.rule,
        "tickColor": ground.rule,
        "labelFontSize": 12,
        "titleFontSize": 12.5,
        "titleFontWeight": 600,
        "titlePadding": 10,
        "labelPadding": 6,
        "domain": False,
        "ticks": False,
    }
    looks = [look_of(group, groups) for group in groups]
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"titleAnchor": {"expr": f"{NARROW} ? 'end' : 'middle'"}},
        "axisY": {"labelLimit": {"expr": f"{TIGHT} ? 142 : {NARROW} ? 180 : 290"}},
        "legend": {
            "labelColor": ground.text,
            "titleColor": ground.muted,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": 600,
            "symbolStrokeWidth": 0,
            "symbolOpacity": 1,
            "orient": "top",
            "titleAnchor": "start",
            "labelLimit": 260,
            "columnPadding": 16,
        },
        "title": {"color": ground.text, "anchor": "start", "fontSize": 13, "fontWeight": 600, "offset": 12},
        "range": {
            "category": [look.dark if dark else look.light for look in looks] or [ground.text],
            "ordinal": [look.dark if dark else look.light for look in SERIES],
        },
        "text": {"color": ground.text, "fontSize": 12},
        "style": {
            "front": {"color": ground.rule, "strokeWidth": 1.5, "strokeDash": [5, 4]},
            "ring": {"color": ground.text, "strokeWidth": 2, "filled": False},
            "mark": {"color": ground.text, "strokeWidth": 1.5, "strokeDash": [2, 3]},
            "span": {"color": ground.rule, "strokeWidth": 1.5, "opacity": 0.7},
            "label": {"color": ground.text, "fontSize": 11.5},
            "leader": {"color": ground.rule, "strokeWidth": 1, "filled": False},
            "value": {"color": ground.muted, "fontSize": 11.5},
            "bar-quiet": {"color": ground.grid},
            "ink": {"color": ground.text},
        },
    }
