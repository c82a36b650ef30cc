"""Figures as files: SVG and PNG, without a browser."""

from __future__ import annotations

import copy
from typing import Any, Final

import altair as alt
import vl_convert

from n1codec.report.figures.base import Figure
from n1codec.report.model import Study
from n1codec.report.theme import DARK, LIGHT, config

VEGA_LITE: Final = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
"""The version of Vega-Lite that Altair writes for."""

WIDTH: Final = 800
"""Width of a picture in pixels."""

PNG_SCALE: Final = 2
"""Pixels of a PNG for each of the picture's: for dense screens."""

LEGEND_COLUMNS: Final = 5
"""Groups side by side in a picture's legend."""


def picture_spec(figure: Figure, study: Study, *, dark: bool = False) -> dict[str, Any]:
    """Return the specification of a whole figure: its panels below each other, with a legend and a ground of their own."""
    theme = config(list(study.groups), dark=dark)
    theme["legend"]["columns"] = LEGEND_COLUMNS
    theme["background"] = (DARK if dark else LIGHT).page
    theme["padding"] = 16
    if not figure.legend:
        theme["legend"]["disable"] = True  # legends that a panel asks for itself stay
    panels = [copy.deepcopy(panel) | {"width": WIDTH - 160} for panel in figure.panels]
    if len(panels) == 1:
        return panels[0] | {"width": WIDTH, "config": theme}
    datasets: dict[str, Any] = {}
    for panel in panels:
        panel.pop("params", None)
        panel.pop("autosize", None)
        datasets |= panel.pop("datasets", {})
    params = [{"name": "groups", "value": []}, {"name": "pick", "value": ""}]
    independent = {"scale": {"x": "independent", "color": "independent", "shape": "independent"}}
    return {"vconcat": panels, "datasets": datasets, "params": params, "resolve": independent, "config": theme}


def svg(figure: Figure, study: Study, *, dark: bool = False) -> str:
    """Return a figure as SVG."""
    picture: str = vl_convert.vegalite_to_svg(picture_spec(figure, study, dark=dark), vl_version=VEGA_LITE)
    return picture


def png(picture: str) -> bytes:
    """Return an SVG as PNG."""
    pixels: bytes = vl_convert.svg_to_png(picture, scale=PNG_SCALE)
    return pixels
