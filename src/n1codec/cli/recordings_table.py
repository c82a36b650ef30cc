"""The recordings of a benchmark one by one, as text: which codec is the smallest on each, and every codec's bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from n1codec.bench import Report, Sizes

SAME = " = "
"""Between the names of codecs that took the same bytes."""


def each_recording(report: Report, width: int | None) -> list[RenderableType]:
    """Return the parts of it for so many cells of width, or as many as needed.

    Where there is no room for all codecs, those that come last in the report have no column.
    """
    recordings = report.per_recording
    codecs = list(dict.fromkeys(codec for sizes in recordings for codec in sizes.bytes_out))
    shown = _fitting(recordings, codecs, width)
    parts: list[RenderableType] = [Text("\nEach recording, in bytes:", style="bold"), _table(recordings, shown)]
    if len(shown) < len(codecs):
        parts.append(Text(f"{len(codecs) - len(shown)} more codecs have no room here; --csv and --json have them all."))
    wins = Counter(SAME.join(sizes.smallest) for sizes in recordings if sizes.smallest)
    if wins:
        parts.append(Text("smallest: " + ", ".join(f"{codec} on {count}" for codec, count in wins.most_common())))
    return parts


def _table(recordings: Sequence[Sizes], codecs: Sequence[str]) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False, show_edge=False, collapse_padding=False)
    for title in ("recording", "smallest"):
        drawn.add_column(title, overflow="fold")
    for title in ("bytes", *codecs):
        drawn.add_column(Text(title), justify="right", no_wrap=True)
    for sizes in recordings:
        cells = [sizes.recording, SAME.join(sizes.smallest) or "-", *_numbers(sizes, codecs)]
        drawn.add_row(*map(Text, cells))
    return drawn


def _numbers(sizes: Sizes, codecs: Sequence[str]) -> list[str]:
    """Return the fewest bytes, and those of each codec; a dash where it did not give the recording back."""
    found = [min(sizes.bytes_out.values(), default=None), *map(sizes.bytes_out.get, codecs)]
    return ["-" if size is None else f"{size:,}" for size in found]


def _fitting(recordings: Sequence[Sizes], codecs: Sequence[str], width: int | None) -> Sequence[str]:
    """Return the first codecs for which there is room beside half of the width for names."""
    if width is None:
        return codecs
    left = width // 2 - 2 - max((len(_numbers(sizes, ())[0]) for sizes in recordings), default=0)
    for count, codec in enumerate(codecs):
        left -= 2 + max(len(codec), *(len(_numbers(sizes, [codec])[1]) for sizes in recordings))
        if left < 0:
            return codecs[:count]
    return codecs
