"""The page of ``n1codec analyze --html``: one file, nothing fetched, figures drawn by Vega in the reader's browser."""

from __future__ import annotations

import importlib.resources
import importlib.util
import json
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from typing import Final

from n1codec._version import __version__
from n1codec.analysis import Analysis, Study
from n1codec.analysis.target import Route
from n1codec.errors import MissingDependencyError
from n1codec.report import theme
from n1codec.report.text import DASH, brief, fixed

REQUIRED: Final = ("altair", "vl_convert")
MAX_COMMAND: Final = 400
"""Characters of a command line that is shown as it is ..."""
KEPT_WORDS: Final = 4
"""... and words at either end of a longer one."""
MAX_ROWS: Final = 1000
"""Recordings in the table: of more, the first."""


def check_available() -> None:
    """Raise :class:`MissingDependencyError` unless the plotting library is installed."""
    missing = [name for name in REQUIRED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(f"--html needs {' and '.join(missing)}: pip install 'n1codec[report]'")


@cache
def _library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script; once, for it takes longer than all the rest of a page."""
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return script.replace("</script", "<\\/script")


def render(study: Study) -> str:
    """Return the page of a study as HTML.

    Raises
    ------
    MissingDependencyError
        If the plotting library is not installed.
    """
    check_available()
    from n1codec.report.analysis_figures import pictures

    specs = {}
    figures = []
    for picture in pictures(study):
        panels = []
        for number, spec in enumerate(picture.panels):
            identifier = f"{picture.name}-{number}"
            specs[identifier] = spec
            panels.append(f'<div class="panel" id="{identifier}" role="img" aria-label="{escape(picture.alt)}"></div>')
        figures.append(
            f'<section><h2 id="{picture.name}">{escape(picture.title)}</h2><figure>{"".join(panels)}'
            f"<figcaption>{escape(picture.caption)}</figcaption></figure></section>"
        )
    first = study.recordings[0]
    title = first.name if len(study.recordings) == 1 else f"{len(study.recordings)} recordings"
    shown = (
        ""
        if len(study.recordings) == 1
        else f"<p class=muted>Figures of one recording show the first, {escape(first.name)}.</p>"
    )
    configs = {"light": theme.config([], dark=False), "dark": theme.config([], dark=True)}
    parts = [
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}: analysis</title><link rel=icon href=data:,>",
        f"<style>{_colours()}{_template('analysis.css')}</style></head>",
        f"<body><main><h1>{escape(title)}</h1>",
        f"<p class=muted>n1codec {escape(__version__)} · <code>{escape(_shortened(study.command))}</code></p>",
        _facts(study),
        shown,
        *figures,
        _target(study),
        _recordings(study.recordings),
        f'</main><script type="application/json" id="specs">{_json(specs)}</script>',
        f'<script type="application/json" id="configs">{_json(configs)}</script>',
        f'<script type="module">{_library()}\n{_template("analysis.js")}</script></body></html>\n',
    ]
    return "".join(parts)


def _shortened(command: str) -> str:
    """Return a command line whose many recordings do not fill the page: its beginning and its end."""
    words = command.split(" ")
    if len(command) <= MAX_COMMAND or len(words) <= 2 * KEPT_WORDS:
        return command
    left_out = len(words) - 2 * KEPT_WORDS
    return " ".join((*words[:KEPT_WORDS], f"… ({left_out} more) …", *words[-KEPT_WORDS:]))


def _colours() -> str:
    """Return the page's colours and font as custom properties."""
    names = ("page", "text", "muted", "grid")
    light, dark = (
        "".join(f"--{name}: {getattr(ground, name)};" for name in names) for ground in (theme.LIGHT, theme.DARK)
    )
    return f":root {{{light}--font: {theme.FONT};}}\n@media (prefers-color-scheme: dark) {{:root {{{dark}}}}}\n"


def _template(name: str) -> str:
    return importlib.resources.files("n1codec.report").joinpath("templates", name).read_text(encoding="utf-8")


def _json(value: object) -> str:
    """Return JSON that no text in it can break out of: `<` is spelt as an escape."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _facts(study: Study) -> str:
    together, first = study.pooled, study.recordings[0]
    widths = together.widths or first.widths
    facts = [
        ("floor, bits a sample", fixed(together.floor_bits)),
        ("ratio at the floor", fixed(together.floor_ratio, 3 if together.floor_ratio < 1000 else 0)),
        ("if all is learned on the way", f"{fixed(together.floor_causal_bits)} bits"),
        ("order 0 as stored", f"{fixed(together.transforms[0].bits_per_sample)} bits"),
        ("code widths", widths.verdict if widths.spread is None else f"{widths.verdict}, ±{fixed(widths.spread)}"),
        ("knowing them saves", DASH if together.width_gain is None else f"{fixed(max(0.0, together.width_gain))} bits"),
        (
            "missing codes",
            ", ".join(map(str, widths.missing[:4])) + (" …" if len(widths.missing) > 4 else "") or "none",
        ),
        ("spikes", DASH if together.spike_rate_hz is None else f"{fixed(together.spike_rate_hz, 2)} / s"),
        (
            "lattice",
            f"{first.converter_bits} bits, gain {brief(first.gain)}"
            if first.full_scale
            else f"gain {brief(first.gain)}",
        ),
    ]
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return (
        f"<dl>{items}</dl><p>The floor is what a model heavier than codecs would need, had it known the recording's "
        "statistics beforehand, without a byte for a header. Lossless codecs come near it; what lies below is noise, and "
        f"noise does not compress.</p><p class=muted>Model: {escape(first.floor.model)}.</p>"
    )


def _target(study: Study) -> str:
    far = study.distance
    whose = "" if far.recordings == len(study.recordings) else _whose(study)
    text = (
        f"{whose}200x leaves {far.needed_of_converter:.3g} bits a sample of {far.converter_bits}-bit codes, "
        f"{far.needed_of_storage:.3g} of {far.storage_bits} stored bits ({far.target_source}). "
    )
    if far.gap <= 1.0:
        text += "A strong lossless model needs less than that, so 200x is no question here. What else could be sent:"
    else:
        text += (
            f"A strong lossless model needs {far.floor_bits:.3f}, {far.gap:.3g} times as much. Its ratio is "
            f"{far.floor_ratio_of_converter:.2f} counted from the codes, {far.floor_ratio_of_storage:.2f} counted from "
            "the stored bits. "
        )
        if far.snr_db is not None and far.spike_band_snr_db is not None:
            text += (
                f"Coarser rounding does not lead there: so few bits allow {far.white_snr_db:.1f} dB of signal over "
                f"noise for white noise, at best {far.snr_db:.1f} dB for a Gaussian signal of this spectrum, and then "
                f"{far.spike_band_snr_db:.1f} dB in the band of spikes. "
            )
        text += (
            f"Through a radio of 1 Mbit/s fit the samples of {far.lossless_channels:.1f} channels. More channels need "
            "something else to be sent, which is another product than lossless compression:"
        )
    note = (
        "Computed: from these recordings. Derived: arithmetic from what is said. Cited: others' figures with "
        "baselines of their own, "
        "not to be ranked."
    )
    header = ("sent", "exact", "bit/s a channel", "factor", "what is lost, what is reported", "wait", "source")
    table = _table("What 200x would mean", header, (2, 3), map(_route, far.routes))
    return (
        f"<section><h2>What 200x would mean</h2><p>{escape(text)}</p>{table}<p class=muted>{escape(note)}</p></section>"
    )


def _whose(study: Study) -> str:
    """Return of which recordings the distance is said, if not of all."""
    alike = study.distance.recordings - 1
    return f"Of the first recording{f' and {alike} like it' if alike else ', since the others differ'}: "


def _route(route: Route) -> tuple[str, ...]:
    factor = DASH if route.factor is None else fixed(route.factor, 0 if route.factor >= 10 else 2)
    bits = DASH if route.bits_per_second is None else fixed(route.bits_per_second, 0)
    return (
        route.what,
        "yes" if route.exact else "no",
        bits,
        factor,
        route.lost,
        route.latency,
        f"{route.kind}: {route.source}",
    )


def _recordings(recordings: Sequence[Analysis]) -> str:
    header = ("recording", "channels", "seconds", "std", "code widths", "spikes / s", "order 0", "floor", "ratio")
    rows = (
        (
            one.name,
            str(one.n_channels),
            fixed(one.seconds, 2),
            fixed(one.amplitude.std, 1),
            one.widths.verdict if one.widths.spread is None else f"{one.widths.verdict}, ±{one.widths.spread:.3f}",
            DASH if one.spikes is None else fixed(one.spikes.rate_hz, 2),
            fixed(one.transforms[0].bits_per_sample),
            fixed(one.floor.bits_per_sample),
            fixed(one.floor.ratio),
        )
        for one in recordings[:MAX_ROWS]
    )
    return f"<section><h2>All recordings</h2>{_table('All recordings', header, (1, 2, 3, 5, 6, 7, 8), rows)}</section>"


def _table(label: str, header: Sequence[str], numbers: Sequence[int], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        marked = (
            f"<{tag}{' scope=col' if tag == 'th' else ''}{' class=number' if index in numbers else ''}>"
            f"{escape(cell)}</{tag}>"
            for index, cell in enumerate(cells)
        )
        return f"<tr>{''.join(marked)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>'
        f"<thead>{line(header, 'th')}</thead><tbody>{body}</tbody></table></div>"
    )
