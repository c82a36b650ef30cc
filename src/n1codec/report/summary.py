"""The report in a page of Markdown, for a README or a pull request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from n1codec.report import groups, overview
from n1codec.report.compare import Comparison
from n1codec.report.figures import Figure, Missing
from n1codec.report.model import Study
from n1codec.report.page import change_summary
from n1codec.report.text import DASH, brief, fixed, marked, percent, times

LEADERS: Final = 15
"""Codecs in the leaderboard."""

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~&])")


def render(study: Study, figures: Mapping[str, Figure | Missing], comparison: Comparison | None, title: str) -> str:
    """Return the summary."""
    lines = [f"# {escape(title)}", "", f"{escape(overview.measured(study))} {escape(overview.exactness(study))}", ""]
    if study.merged.notes:
        lines += [*(f"> - {escape(note)}" for note in study.merged.notes), ""]
    headline = figures["ratio-encode"]
    if isinstance(headline, Figure):
        lines += [f"![{escape(headline.alt)}](figures/ratio-encode.svg)", ""]
    lines += ["## Which codec", ""]
    lines += [
        f"- **{escape(pick.question)}:** {code(pick.codec)}, {escape(pick.answer)}" for pick in overview.picks(study)
    ]
    lines += ["", f"## The first {min(LEADERS, len(study.exact))} by ratio", ""]
    lines += _table(
        ("codec", "ratio", "bits a sample", "encoding, MB/s", "decoding, MB/s", "latency, ms", "peak, MB"),
        [
            (
                code(row.result.codec),
                fixed(row.result.ratio),
                fixed(row.result.bits_per_sample),
                brief(row.result.encode_mb_s),
                brief(row.result.decode_mb_s),
                fixed(row.result.latency_ms, 1),
                fixed(row.result.peak_mb, 1),
            )
            for row in study.exact[:LEADERS]
        ],
    )
    if comparison is not None:
        lines += ["", "## What changed", "", escape(change_summary(comparison)), ""]
        lines += [f"> - {escape(note)}" for note in comparison.notes]
        changed = [one for one in comparison.changes if one.kind != "same"]
        if changed:
            rows = [
                (
                    code(one.label),
                    escape(one.kind),
                    fixed(one.ratio_before),
                    fixed(one.ratio_now),
                    percent(one.size - 1, 2) if one.size else DASH,
                    times(one.encode) if one.encode else DASH,
                    times(one.decode) if one.decode else DASH,
                )
                for one in changed
            ]
            head = ("codec", "change", "ratio before", "ratio now", "difference", "encoding speed", "decoding speed")
            lines += ["", *_table(head, rows, words=2)]
    lines += ["", "## The groups", ""]
    for name, heading in study.groups.items():
        lines += [f"### {escape(heading)}", "", escape(groups.text_of(name).idea), ""]
        lines += [f"- {marked(point, code, escape)}" for point in groups.points(study, name)]
        lines.append("")
    if study.failures:
        lines += ["## Failed, or gave something else back", ""]
        lines += [f"- {code(row.name)}: {escape(row.result.error or '')}" for row in study.failures]
        lines.append("")
    lines += ["## Measured on", ""]
    lines += [f"- {escape(line)}" for line in overview.machines(study)]
    lines += [f"- {code(command)}" for command in overview.commands(study)]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: no name becomes a link, a tag or a new column."""
    return _SPECIAL.sub(r"\\\1", text)


def code(text: str) -> str:
    """Return text as code, whatever backticks and bars it holds."""
    text = text.replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> list[str]:
    """Return a table whose first columns hold words, and all others numbers."""
    dashes = [*["---"] * words, *["---:"] * (len(head) - words)]
    return [f"| {' | '.join(cells)} |" for cells in [head, dashes, *rows]]
