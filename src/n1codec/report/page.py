"""The page: one file of HTML that holds its figures, their numbers, its style and its script, and loads nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from n1codec._version import __version__
from n1codec.report import groups, overview, theme
from n1codec.report.compare import Change, Comparison
from n1codec.report.export import VEGA_LITE
from n1codec.report.figures import Figure, Missing
from n1codec.report.figures.leaderboard import group_figure_name
from n1codec.report.model import Row, Study
from n1codec.report.text import DASH, brief, fixed, listed, marked, percent, plural, times

SECTIONS: Final = (
    ("overview", "Overview"),
    ("choose", "Choose"),
    ("groups", "Groups"),
    ("entropy", "Entropy"),
    ("settings", "Settings"),
    ("time", "Time"),
    ("recordings", "Recordings"),
    ("method", "Method"),
)

NO_BREAK: Final = "\u00a0"

PANEL_HEIGHT: Final = 200
"""Height kept free in pixels for a panel that does not say how high it is."""


def render(study: Study, figures: Mapping[str, Figure | Missing], comparison: Comparison | None, title: str) -> str:
    """Return the page."""
    data = json.dumps(
        {
            "figures": {name: list(one.panels) for name, one in figures.items() if isinstance(one, Figure)},
            "light": theme.config(list(study.groups), dark=False),
            "dark": theme.config(list(study.groups), dark=True),
        },
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    library, script = _library(), _asset("report.js")
    environment = Environment(
        loader=PackageLoader("n1codec.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"breakable": _breakable, "marked": _marked}
    yardstick = study.yardstick
    return environment.get_template("page.html.j2").render(
        title=title,
        version=__version__,
        style=Markup(_asset("style.css")),
        library=Markup(library),
        script=Markup(script),
        script_hashes=Markup(" ".join(_hash(text) for text in (library, script))),
        data=Markup(_inside_script(data)),
        sections=SECTIONS,
        panel_height=PANEL_HEIGHT,
        figures=figures,
        chips=[{"name": name, "title": title, **_look(name, study)} for name, title in study.groups.items()],
        measured=overview.measured(study),
        exactness=overview.exactness(study),
        notes=study.merged.notes,
        picks=overview.picks(study),
        comparison=_changes(comparison),
        columns=_columns(study, comparison),
        codec_rows=[_codec_row(row, study, comparison) for row in study.rows if row is not yardstick],
        groups=[_group(name, title, study) for name, title in study.groups.items()],
        repeats=overview.repeats(study),
        yardstick=brief(yardstick.result.encode_mb_s) if yardstick and yardstick.result.encode_mb_s else "",
        machines=overview.machines(study),
        commands=overview.commands(study),
        libraries=overview.libraries(study),
        failures=study.failures,
        skipped=study.merged.skipped,
        recordings=study.merged.recordings,
    )


_GLOBALS: Final = "window.vegaEmbed = vegaEmbed;"
"""What the bundle gives to the page's own script."""


@cache
def _library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed with all they need, as one script."""
    script: str = vl_convert.javascript_bundle(_GLOBALS, vl_version=VEGA_LITE)
    if "</script" in script.lower() or "<!--" in script:
        raise RuntimeError("this version of Vega cannot stand inside a page: its script holds the end of one")
    return script


def _asset(name: str) -> str:
    return (resources.files("n1codec.report") / "templates" / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """Return a script's hash as the page's security policy names it: no other script runs."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _inside_script(data: str) -> str:
    """Return JSON that cannot end the element it stands in, whatever a recording is called."""
    return data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _breakable(name: str) -> Markup:
    """Return a codec's name that may be broken after each of its stages and parameters, but not before its level."""
    together = re.sub(r" (?=-\d)", NO_BREAK, name)
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[+,])", together))


def _marked(text: str) -> Markup:
    """Return text in which what stands between backticks is code."""
    return Markup(marked(text, lambda part: Markup("<code>{}</code>").format(_breakable(part)), escape))


def _look(group: str, study: Study) -> dict[str, str]:
    look = theme.look_of(group, list(study.groups))
    return {"light": look.light, "dark": look.dark, "shape": look.shape}


def _group(name: str, title: str, study: Study) -> dict[str, Any]:
    words = groups.text_of(name)
    return {
        "name": name,
        "title": title,
        "figure": group_figure_name(study, name),
        "idea": words.idea,
        "use": words.use,
        "points": groups.points(study, name),
        **_look(name, study),
    }


def _columns(study: Study, comparison: Comparison | None) -> list[dict[str, Any]]:
    columns = [
        ("codec", "codec", "ascending"),
        ("ratio", "ratio", "descending"),
        ("encode", "enc MB/s", "descending"),
        ("decode", "dec MB/s", "descending"),
        ("latency", "latency ms", "ascending"),
        ("memory", "peak MB", "ascending"),
        ("bits", "bits", "ascending"),
        ("block", "block ratio", "descending"),
    ]
    if study.threaded:
        columns.append(("threads", "threads", "ascending"))
    columns.append(("group", "group", "ascending"))
    if comparison:
        columns.append(("change", "since then", "ascending"))
    return [
        {"key": key, "title": title, "first": first, "words": key in ("group", "change")}
        for key, title, first in columns
    ]


def _codec_row(row: Row, study: Study, comparison: Comparison | None) -> dict[str, Any]:
    result = row.result
    numbers: list[tuple[float | None, str]] = [
        (result.ratio, fixed(result.ratio)),
        (result.encode_mb_s, brief(result.encode_mb_s)),
        (result.decode_mb_s, brief(result.decode_mb_s)),
        (result.latency_ms, fixed(result.latency_ms, 1)),
        (result.peak_mb, fixed(result.peak_mb, 1)),
        (result.bits_per_sample, fixed(result.bits_per_sample)),
        (result.block_ratio, fixed(result.block_ratio)),
    ]
    if study.threaded:
        numbers.append((result.threads, str(result.threads)))
    cells = [
        {"value": "" if value is None else f"{value:.6g}", "text": text, "words": False} for value, text in numbers
    ]
    cells.append({"value": row.group, "text": row.group, "words": True})
    if comparison:
        change = comparison.of(row)
        kind = change.kind if change else DASH
        cells.append({"value": kind, "text": kind, "words": True})
    return {
        "name": row.name,
        "codec": result.codec,
        "group": row.group,
        "front": result.pareto_encode or result.pareto_decode,
        "error": result.error,
        "cells": cells,
        **_look(row.group, study),
    }


def _changes(comparison: Comparison | None) -> dict[str, Any] | None:
    """Return what the page says of changes: what matters first, what is the same not at all."""
    if comparison is None:
        return None
    changed = [one for one in comparison.changes if one.kind != "same"]
    changed.sort(key=lambda one: (_weight(one), -abs((one.size or 1) - 1)))
    return {
        "summary": change_summary(comparison),
        "notes": comparison.notes,
        "rows": [
            {
                "label": one.label,
                "kind": one.kind,
                "tone": tone(one),
                "before": fixed(one.ratio_before),
                "now": fixed(one.ratio_now)
                + (f" ({percent(one.size - 1, 2)})" if one.size and "files" in one.kind else ""),
                "encode": times(one.encode) if one.encode else DASH,
                "decode": times(one.decode) if one.decode else DASH,
            }
            for one in changed
        ],
    }


def change_summary(comparison: Comparison) -> str:
    """Return one sentence on how many codecs changed, and how."""
    kinds = [one.kind for one in comparison.changes]
    counts = [
        (sum("smaller files" in kind for kind in kinds), "make smaller files"),
        (sum("larger files" in kind for kind in kinds), "make larger ones"),
        (sum("faster" in kind for kind in kinds), "became faster one way or the other"),
        (sum("slower" in kind for kind in kinds), "became slower"),
        (kinds.count("fails now"), "fail now"),
        (kinds.count("works now"), "work now"),
        (kinds.count("new"), "are new"),
        (kinds.count("gone"), "are gone"),
        (kinds.count("same"), "are the same"),
    ]
    return f"Of {plural(len(kinds), 'result')}, {listed([f'{count} {words}' for count, words in counts if count])}."


def tone(change: Change) -> str:
    """Return ``"better"``, ``"worse"`` or nothing: by size first, then by speed, if both ways agree."""
    kind = change.kind
    if kind in ("fails now", "gone") or "larger" in kind:
        return "worse"
    if kind == "works now" or "smaller" in kind:
        return "better"
    faster, slower = "faster" in kind, "slower" in kind
    return "" if faster is slower else "better" if faster else "worse"


def _weight(change: Change) -> int:
    kind = change.kind
    order = ("fails now", "larger", "smaller", "works now", "new", "gone")
    return next((rank for rank, word in enumerate(order) if word in kind), len(order))
