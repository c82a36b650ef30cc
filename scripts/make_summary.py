"""Say in short what docs/results-tables.md holds: parts of docs/results.md, README.md and docs/from-the-original.md.

Usage: ``python scripts/make_summary.py [--check]``; with ``--check`` nothing is written, and the exit code is 1 if a part is not what the
tables, the registry and `n1codec.budget` say. It takes a second: run it after `make_results.py`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import sections
from n1codec import registry
from n1codec.budget import Budget
from original import PUBLISHED

ROOT: Final = Path(__file__).resolve().parent.parent
TABLES: Final = ROOT / "docs" / "results-tables.md"
SCRIPT: Final = "scripts/make_summary.py"

Row = dict[str, str]

DEVICES: Final = {
    "n-one": "300 recordings of Neuralink's N1: one channel, 10 bits, 19,531 Hz",
    "neuropixels": "A Neuropixels 2.0 probe: 385 channels, 30 kHz, half a second",
    "locust": "A tetrode in a locust: 4 channels, 12 bits, 15 kHz",
}
"""The runs that the page of results is about, and what each is of."""

LEVELS: Final = ("n1:level=9", "n1", "n1:level=3", "n1:level=1")
USUAL: Final = ("flac", "lattice+flac", "bz2", "zstd", "lz4")
"""Codecs that most readers know, shown beside the best of each group."""

README_ROWS: Final = (
    *LEVELS, "lattice+bzip3", "lattice+lpc+rans", "lattice+pcodec", "lattice+openzl", "lattice+delta+rice", "lattice+flac",
    "lattice+wavpack", "bz2", "delta+huffman", "lzma", "zstd:level=19", "gzip", "zstd", "wavpack", "lz4",
)  # fmt: skip


class Run(NamedTuple):
    """A part of the page of tables."""

    command: str
    busy: bool
    rows: list[Row]

    def row(self, codec: str) -> Row:
        return next(row for row in self.rows if row["codec"] == codec)


def runs() -> dict[str, Run]:
    """Return the runs by the names of their parts."""
    found = {}
    for part in sections.SECTION.finditer(TABLES.read_text(encoding="utf-8")):
        lines = part[0].splitlines()
        command = next(line for line in lines if line.startswith("n1codec bench"))
        rows = list(_rows(lines))
        found[part["name"]] = Run(command, "The machine was busy" in part[0], rows)
    return found


def _rows(lines: list[str]) -> Iterator[Row]:
    columns: list[str] = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| codec"):
            columns = cells
        elif line.startswith("| `"):
            row = dict(zip(columns, cells, strict=True))
            yield row | {"codec": row["codec"].strip("`")}


def short_table(rows: list[Row], columns: dict[str, str]) -> str:
    """Return rows as a table of some columns, each under another title."""
    lines = [f"| codec | {' | '.join(columns.values())} |", "|---|" + "---:|" * len(columns)]
    lines += [f"| `{row['codec']}` | {' | '.join(row[column] for column in columns)} |" for row in rows]
    return "\n".join(lines)


def chosen(run: Run) -> list[Row]:
    """Return the levels of n1, the smallest of every other group, and what most readers know."""
    groups: dict[str, str] = {}
    for row in run.rows:
        groups.setdefault(row["group"], row["codec"])
    names = {*LEVELS, *USUAL, *(name for group, name in groups.items() if group not in ("n1", "yardstick"))}
    return [row for row in run.rows if row["codec"] in names]


BRIEF: Final = {
    "ratio": "ratio",
    "bits/sample": "bits/sample",
    "enc MB/s": "encode MB/s",
    "dec MB/s": "decode MB/s",
    "enc xRT": "encode xRT",
    "latency ms": "latency ms",
    "peak MB": "memory MB",
}


def results(found: dict[str, Run]) -> str:
    """Return the page's part: a table for each device, and in a sentence what it shows."""
    parts = []
    shown = {column: title for column, title in BRIEF.items() if column != "bits/sample"}
    for name, title in DEVICES.items():
        run = found[name]
        best = next(row for row in run.rows if row["group"] == "n1")
        rival = next(row for row in run.rows if row["group"] not in ("n1", "yardstick"))
        fast = run.row("n1:level=1")
        smaller = 100.0 * (1.0 - float(rival["ratio"]) / float(best["ratio"]))
        least = 100.0 * (1.0 - float(rival["ratio"]) / float(fast["ratio"]))
        said = (
            f"The smallest files are those of `{best['codec']}`, {smaller:.1f} % smaller than those of the best other codec, `{rival['codec']}`; "
            f"`n1:level=1` encodes {float(fast['enc MB/s'].replace(',', '')) / float(rival['enc MB/s'].replace(',', '')):.1f} times as fast "
            f"as that one, and its files are {abs(least):.1f} % {'smaller' if least >= 0 else 'larger'}. "
            f"[All {len(run.rows) - 1} codecs, and the command](results-tables.md)."
        )
        busy = "\n\nThe machine was busy: sizes stand, speeds say little." if run.busy else ""
        parts.append(f"## {title}\n\n{said}{busy}\n\n{short_table(chosen(run), shown)}")
    return "\n\n".join(parts)


def finds(found: dict[str, Run]) -> str:
    """Return the table of the README, and in a line what the other two devices gave."""
    table = short_table(
        [found["n-one"].row(name) for name in README_ROWS], {name: BRIEF[name] for name in list(BRIEF)[:4]}
    )
    lines = []
    for name, what in (("neuropixels", "a Neuropixels recording of 385 channels"), ("locust", "a tetrode in a locust")):
        run = found[name]
        flac = max(run.rows, key=lambda row: float(row["ratio"]) if row["codec"].startswith("flac") else 0.0)
        lines.append(
            f"{what}: {run.row('n1:level=1')['ratio']} (level 1) to {run.row('n1:level=9')['ratio']} (level 9), "
            f"where FLAC (`{flac['codec']}`) has {flac['ratio']}"
        )
    return f"{table}\n\nOn {lines[0]}; on {lines[1]}. Speeds are of one thread, all rows from one run."


def counts(_found: dict[str, Run]) -> str:
    """Return how much there is to compare, in a sentence."""
    coders = [line for line in registry.entries() if line.kind == "coder" and line.group in registry.CODER_GROUPS]
    transforms = [
        line for line in registry.entries() if line.kind == "transform" and line.group in registry.TRANSFORM_GROUPS
    ]
    specs = sum(len(line.bench) for line in [*coders, *transforms])
    return (
        f"**{len(coders)} coders** (`n1` and {len(coders) - 1} others), {len(transforms)} transforms, and **{specs} specifications** made of them "
        f"that the benchmark runs by default: `n1codec codecs` lists them, and [the groups](docs/groups.md) say what each does."
    )


def challenge(found: dict[str, Run]) -> str:
    """Return what the challenge asked for beside what was measured."""
    bits = float(found["n-one"].row("n1:level=9")["bits/sample"])
    ratio = float(found["n-one"].row("n1:level=9")["ratio"])
    page = (ROOT / "docs" / "stream.md").read_text(encoding="utf-8")
    rows = [re.findall(r"([\d.]+) ms", line) for line in page.splitlines() if line.startswith("| lite, P = 5")]
    latency = next((row for row in rows if len(row) >= 2), None)
    if latency is None:
        raise SystemExit("docs/stream.md has no latencies of lite, P = 5")
    power = {line.codec: line.power for line in Budget(1024, 20_000.0, 6.3, 5.8, "m4-gcc-O2", 10.0, False).lines()}
    usual = {line.codec: line.power for line in Budget(build="m4-gcc-O2").lines()}
    return "\n".join(
        [
            "| | asked | measured | why |",
            "|---|---|---|---|",
            f"| size | 200x smaller | **{10 / bits:.2f}x** of the 10 bits, **{ratio:.2f}x** of the 16 that files hold | What is left after "
            f"prediction is noise: about {bits:.1f} bits a sample, and 200x leaves 0.05. [The analysis](docs/analysis.md#200x) |",
            f"| latency | under 1 ms | **{latency[0]} ms** (median; 99 % under {latency[2]} ms) | A packet of 5 frames fills in 0.25 ms; the rest is computing "
            "and the way to another process. [Streams](docs/stream.md) |",
            f"| power | under 10 mW, radio included | **{power['lite']:.1f} mW** at 6.3 pJ a cycle and 5.8 pJ a bit; {usual['lite']:.0f} mW at "
            "33 and 21 pJ | Instructions are counted, energy is modelled, nothing is silicon; at 6.3 pJ, raw packing takes "
            f"{power['raw']:.1f} mW, since a radio this cheap hardly rewards compression. [The budget](docs/budget.md) |",
        ]
    )


def published(found: dict[str, Run]) -> str:
    """Return the 24 modes with what they mean here, and both figures."""
    run = found["original"]
    lines = [
        "| mode | here | ratio there, 743 files | ratio here, 300 files | bytes counted there | encode MB/s | decode MB/s |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for mode, spec in registry.ORIGINAL.items():
        row, theirs = run.row(mode), PUBLISHED[mode]
        lines.append(
            f"| `{mode}` | `{spec}` | {theirs.ratio:.3f} | {row['ratio']} | {theirs.size:,} | {row['enc MB/s']} | {row['dec MB/s']} |"
        )
    return "\n".join(lines)


PARTS: Final[tuple[tuple[str, str, Callable[[dict[str, Run]], str]], ...]] = (
    ("docs/results.md", "summary", results),
    ("README.md", "finds", finds),
    ("README.md", "counts", counts),
    ("README.md", "challenge", challenge),
    ("docs/from-the-original.md", "modes", published),
)
"""Pages, their parts, and what says what stands there."""


def stale(write: bool) -> list[str]:
    """Return the parts that are not what they should be, after making them so if asked."""
    found, old = runs(), []
    for name, part, made in PARTS:
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        new = sections.replaced(text, part, SCRIPT, made(found))
        if new is None:
            raise SystemExit(f"{name} has no part {part}")
        if new != text:
            old.append(f"{name}: {part}")
            if write:
                page.write_text(new, encoding="utf-8")
    return old


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a part is stale")
    options = parser.parse_args()
    old = stale(write=not options.check)
    print("\n".join(old) or "all parts stand")
    return 1 if options.check and old else 0


if __name__ == "__main__":
    sys.exit(main())
