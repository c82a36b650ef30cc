"""The tables of compare_devices.py, and its section of docs/results.md."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Final

import n1codec
from check_levels import inversions
from devices import Known, Row
from n1codec.bench.machine import Machine

HEAD: Final = """## Other devices

`n1` was made for the N1, Neuropixels probes and a tetrode. This is how it does elsewhere, each recording encoded as one array, decoded
and compared:

{verdict}

```
{command}
```

{when}; {cpu}, {cores} cores, load before {load};
{os}; {python}, NumPy {numpy}, n1codec {version}, {compiler}.{libraries}
"""

WIDTH: Final = 130

LEGEND: Final = """Bits a sample, all bytes counted. In brackets: by how much a level is larger than the best peer; that is a recording lost. ↑ marks a level
that is larger than a lower one by more than {inverse:g} %. *Floor* is what the model of the [analysis](analysis.md#the-floor) takes, of a
recording's beginning where it is long. It is no bound, least of all where signals repeat."""

TIMES: Final = """How much longer a level takes to encode such a recording than a signal like the N1's (`n1codec.synth`) of the same shape. Times, here and
above, are of the processor, for one thread:"""

ORIGINS: Final = """The recordings, whose thanks go to those who published them. They are cut to at most 2 MB, are no part of this package, and keep their
licences:"""


def table(head: Iterable[str], rows: Iterable[Iterable[str]], words: int = 1) -> str:
    """Return a table in Markdown whose first columns hold words, and all others numbers."""
    columns = list(head)
    lines = [columns, ["---"] * words + ["---:"] * (len(columns) - words), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def mean(values: Iterable[float]) -> float:
    """Return the geometric mean; NaN of nothing."""
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def gain(rows: Sequence[Row], level: int) -> float:
    """Return the geometric mean of the best peer's bytes over those of a level."""
    return 1.0 / mean(1.0 + row.over_best(level) / 100.0 for row in rows if row.peers)


def inverted(row: Row, limit: float) -> set[int]:
    """Return the levels that are larger than a lower one by more than so many percent."""
    found = set()
    for level, size in row.sizes.items():
        lower = [other for other in row.sizes if other < level]
        least = min(lower, key=row.sizes.__getitem__, default=level)
        if inversions({least: row.sizes[least], level: size}, limit):
            found.add(level)
    return found


def sizes_table(rows: Sequence[Row], levels: Sequence[int], inverse: float) -> str:
    """Return a line for each recording: bits a sample of the best peer, of each level and of the floor."""
    lines = []
    for row in rows:
        marked = inverted(row, inverse)
        cells = [row.name, f"{row.frames:,} x {row.channels}"]
        cells += [f"`{row.best}`", _bits(row, row.peers[row.best])] if row.best else ["-", "-"]
        for level in levels:
            lost = f" (+{row.over_best(level):.1f} %)" if row.over_best(level) > 0 else ""
            cells.append(_bits(row, row.sizes[level]) + lost + (" ↑" if level in marked else ""))
        lines.append([*cells, "-" if row.floor is None else f"{row.floor:.3f}"])
    head = ["recording", "frames x channels", "best peer", "its bits", *map(_title, levels), "floor"]
    return table(head, lines, words=3)


def _bits(row: Row, size: int) -> str:
    return f"{8.0 * size / row.samples:.3f}"


def _title(level: int) -> str:
    return f"level {level}"


def summary_table(rows: Sequence[Row], levels: Sequence[int], limit: float, inverse: float) -> str:
    """Return a line for each level: the mean over recordings, and how many are lost."""
    rivals = [row for row in rows if row.peers]
    timed = [row for row in rivals if row.peer_seconds]
    lines = []
    for level in levels:
        over = [row.over_best(level) for row in rivals]
        fast = sum(row.over_as_fast(level) > 0 for row in timed)
        lines.append(
            [
                _title(level),
                f"{gain(rivals, level):.4f}" if rivals else "-",
                f"{sum(percent > 0 for percent in over)} of {len(over)}",
                str(sum(percent > limit for percent in over)),
                f"{fast} of {len(timed)}" if timed else "not timed",
                str(sum(level in inverted(row, inverse) for row in rows)),
            ]
        )
    head = ["", "best peer's bytes over n1's, geometric mean", "lost", f"lost by more than {limit:g} %"]
    return table([*head, "lost to a peer that encodes as fast", f"larger than a lower level by {inverse:g} %"], lines)


def slower(row: Row, level: int) -> float:
    """Return how many times as long a level takes as for a signal like the N1's of the same shape."""
    return row.seconds[level] / row.synth_seconds[level]


def times_table(rows: Sequence[Row], levels: Sequence[int]) -> str:
    """Return a line for each recording: how much longer each level takes than for a signal like the N1's."""
    lines = [[row.name, *(f"{slower(row, level):.2f}" for level in levels)] for row in rows]
    lines.append(["*largest*", *(f"{max(slower(row, level) for row in rows):.2f}" for level in levels)])
    lines.append(["*geometric mean*", *(f"{mean(slower(row, level) for row in rows):.2f}" for level in levels)])
    return table(["recording", *map(_title, levels)], lines)


def growth(row: Row, level: int) -> float:
    """Return by how many percent zeros at the end lengthen what is encoded."""
    return 100.0 * (row.padded[level] / row.sizes[level] - 1.0)


def padded_table(rows: Sequence[Row], levels: Sequence[int]) -> str:
    """Return a line for each recording: what zeros at the end cost."""
    lines = [[row.name, *(f"{growth(row, level):+.3f} %" for level in levels)] for row in rows]
    return table(["larger with half as many zeros appended", *map(_title, levels)], lines)


def all_tables(rows: Sequence[Row], levels: Sequence[int], limit: float, inverse: float) -> str:
    """Return the tables of sizes and times, with what they mean."""
    parts = [
        sizes_table(rows, levels, inverse),
        LEGEND.format(inverse=inverse),
        summary_table(rows, levels, limit, inverse),
        TIMES,
        times_table(rows, levels),
    ]
    return "\n\n".join(parts)


def verdict(rows: Sequence[Row], levels: Sequence[int]) -> str:
    """Return in a paragraph what the tables say."""
    rivals = [row for row in rows if row.peers]
    won = {level: sum(row.over_best(level) <= 0 for row in rivals) for level in levels}
    each = [f"on {count} at level {level}" for level, count in won.items()]
    over = [100.0 * (1.0 / gain(rivals, level) - 1.0) for level in levels] if rivals else []
    means = [f"{abs(percent):.1f} % {'larger' if percent > 0 else 'smaller'}" for percent in over]
    text = (
        f"Of {len(rivals)} recordings of other devices, `n1` is smaller than every one of "
        f"{max((len(row.peers) for row in rivals), default=0)} other codecs {', '.join(each)}. Over all of them its files are "
        f"{', '.join(means)}, in the geometric mean, than those of the smallest other codec of each."
    )
    winners = Counter(row.best for row in rivals if row.over_best(levels[-1]) > 0)
    if winners:
        named = ", ".join(f"`{spec}` on {count}" for spec, count in winners.most_common())
        text += f" At level {levels[-1]} it loses to {named}."
    return text


def wrapped(text: str) -> str:
    """Return a paragraph in lines as long as those of pages."""
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _libraries(rows: Sequence[Row]) -> str:
    """Return the versions of the libraries behind the peers that were measured here."""
    specs = {spec for row in rows for spec in row.peer_seconds}
    found = sorted({f"{name} {version}" for spec in specs for name, version in n1codec.get(spec).libraries().items()})
    return (
        f"\n\nLibraries: {', '.join(found)}."
        if found
        else "\nThe peers' sizes are those that came with the recordings."
    )


def section(
    rows: Sequence[Row], tables: str, levels: Sequence[int], known: Known, command: str, when: str, machine: Machine
) -> str:
    """Return the section of docs/results.md."""
    head = HEAD.format(
        verdict=wrapped(verdict(rows, levels)), command=command, when=when, cpu=machine.cpu,
        cores=machine.cores, load=machine.load, os=machine.os, python=machine.python, numpy=machine.numpy,
        version=machine.n1codec, compiler=machine.compiler, libraries=_libraries(rows),
    )  # fmt: skip
    told = [(row.name, known.index[row.name]) for row in rows if row.name in known.index]
    if not told:
        return f"{head}\n{tables}"
    cells = (
        [name, one.get("device") or "-", one.get("rate_hz") or "-", one.get("source") or "-", one.get("licence") or "-"]
        for name, one in told
    )
    columns = ["recording", "what it is", "samples a second", "from", "licence"]
    return f"{head}\n{tables}\n\n{ORIGINS}\n\n{table(columns, cells, words=5)}"
