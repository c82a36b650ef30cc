"""Count the gates of the encoder in rtl/ with Yosys, and write docs/rtl-gates.md.

Usage::

    python scripts/measure_rtl.py [LIBERTY ...] [--out docs/rtl-gates.md]

Each LIBERTY is a library of cells in Liberty's format, whose smallest NAND of two inputs is one gate equivalent. Without any, what is
counted are transistors of simple CMOS gates, and flip-flops. Tables are made gates of, as everything else; the memory of the channels'
states is outside.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import hashlib
import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from make_reference_tables import ROOT
from make_rtl_tables import roms

TOP: Final = "lite_encoder"
SOURCES: Final = tuple(ROOT / "rtl" / f"{name}.v" for name in (TOP, "lite_model", "range_coder", "carry"))
PARTS: Final = {
    TOP: "counting channels and frames, asking the memory",
    "lite_model": "means, scales, steps of the law",
    "range_coder": "range coder, two substreams",
    "carry": "carries, a queue of four",
    "law": "the law: its upper half follows from its lower",
    "law_half": "law, ROM",
    "law_more": "law, ROM",
    "edges_even": "edges of the N1's codes, ROM",
    "edges_odd": "edges of the N1's codes, ROM",
    "mantissas": "scales, ROM",
}


@dataclasses.dataclass(frozen=True)
class Count:
    """Cells of a module itself, without those of modules in it."""

    cells: int
    flops: int
    area: float
    """Of a library's unit; or transistors, flip-flops apart."""


def yosys(commands: Iterable[str]) -> str:
    """Run commands; return what Yosys says."""
    done = subprocess.run(["yosys", "-Q", "-T", "-p", "\n".join(commands)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return done.stdout


def counted(said: str) -> tuple[dict[str, Count], dict[str, int]]:
    """Return each module's cells, and how many there are of each, from the last statistics of a log."""
    found: dict[str, Count] = {}
    inside: dict[str, dict[str, int]] = {}
    for heading, block in re.findall(
        r"^=== (\S+) ===\n(.*?)(?=^===|\Z)", said[said.rindex("Printing stat") :], re.M | re.S
    ):
        if heading == "design":
            continue
        name = heading.split("\\")[-1]
        cells = {cell.split("\\")[-1]: int(n) for cell, n in re.findall(r"^     (\S+) +(\d+)$", block, re.M)}
        inside[name] = {cell: n for cell, n in cells.items() if cell in PARTS}
        area = re.search(r"(?:Chip area for module .*|Estimated number of transistors): +([\d.]+)", block)
        flops = sum(n for cell, n in cells.items() if re.search("dff|dfx", cell, re.I))
        own = sum(n for cell, n in cells.items() if cell not in PARTS and not cell.startswith("$paramod"))
        found[name] = Count(own, flops, float(area[1]) if area else 0.0)
    times = {TOP: 1}
    for name in PARTS:  # a module stands behind those that have it
        for part, n in inside.get(name, {}).items():
            times[part] = times.get(part, 0) + n * times[name]
    return found, times


def smallest_nand(liberty: Path) -> float:
    """Return the area of a library's smallest NAND of two inputs."""
    cells = re.findall(r"\bcell ?\(\"?(\w+)\"?\)\s*\{.*?\barea\s*:\s*\"?([\d.]+)", liberty.read_text("utf-8"), re.S)
    return min(float(area) for name, area in cells if re.search(r"nand2(_|x|$)", name, re.I))


def read(folder: Path) -> list[str]:
    """Return the commands that read the sources."""
    (folder / "roms.v").write_text(roms())
    return [f"read_verilog {' '.join(str(path) for path in (*SOURCES, folder / 'roms.v'))}"]


def fingerprint() -> str:
    """Return the hash of what is synthesised, comments and spaces apart."""
    text = "".join(path.read_text("utf-8") for path in SOURCES) + roms()
    return hashlib.sha256("".join(re.sub(r"//.*", "", text).split()).encode()).hexdigest()


def table(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def parts_of(found: dict[str, Count], times: dict[str, int], gate: float, unit: str) -> str:
    """Return a table of all modules, and their sum."""
    rows = [("module", "what it does", "times", "cells", "flip-flops", unit), ("---", "---", *["---:"] * 4)]
    sums = [0.0, 0.0, 0.0]
    for name, what in PARTS.items():
        count, n = found[name], times[name]
        for at, value in enumerate((count.cells, count.flops, count.area / gate)):
            sums[at] += n * value
        rows.append((f"`{name}`", what, str(n), f"{count.cells:,}", str(count.flops), f"{count.area / gate:,.0f}"))
    rows.append(("all", "", "", f"{sums[0]:,.0f}", f"{sums[1]:.0f}", f"**{sums[2]:,.0f}**"))
    return table(rows)


def without_library(folder: Path) -> str:
    """Return the section of transistors."""
    commands = [*read(folder), f"synth -top {TOP}", "abc -g cmos2", "stat -tech cmos"]
    found, times = counted(yosys(commands))
    return (
        f"## Without a library\n\n`{'; '.join(commands[1:])}`. Transistors of gates, flip-flops apart.\n\n"
        f"{parts_of(found, times, 1, 'transistors')}\n"
    )


def with_library(folder: Path, liberty: Path) -> str:
    """Return the section of a library: each module for itself, and all of it as one."""
    gate = smallest_nand(liberty)
    mapped = [f"dfflibmap -liberty {liberty}", f"abc -liberty {liberty}", f"stat -liberty {liberty}"]
    found, times = counted(yosys([*read(folder), f"synth -top {TOP}", *mapped]))
    said = yosys([*read(folder), f"synth -flatten -top {TOP}", mapped[0], *mapped[1:]])
    flat = counted(said)[0][TOP]
    shown = "; ".join(mapped).replace(str(liberty), liberty.name)
    return (
        f"## {liberty.name}\n\nSHA-256 {hashlib.sha256(liberty.read_bytes()).hexdigest()}. `synth -top {TOP}; {shown}`. "
        f"A gate equivalent (GE) is {gate:g} of its area.\n\n{parts_of(found, times, gate, 'GE')}\n\n"
        f"As one (`synth -flatten`): {flat.cells:,} cells, {flat.flops} flip-flops, area {flat.area:,.0f}, "
        f"**{flat.area / gate / 1000:.1f} kGE**.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the gates of the encoder in rtl/.")
    parser.add_argument("liberty", nargs="*", type=Path, help="libraries of cells, in Liberty's format")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "rtl-gates.md")
    options = parser.parse_args()
    version = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout.strip()
    names = "".join(f" {path.name}" for path in options.liberty)
    with tempfile.TemporaryDirectory() as name:
        sections = [without_library(Path(name)), *(with_library(Path(name), path) for path in options.liberty)]
    options.out.write_text(
        "# Gates of the lite encoder\n\n"
        f"Made by `python scripts/measure_rtl.py{names}` on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} with {version}. "
        f"Sources and ROMs, comments and spaces apart: SHA-256 {fingerprint()}. For the N1's codes and up to 1,024 channels. [The page](rtl.md) says what this is of, "
        "and what it is not: nothing was placed, routed or given a clock tree, and the states' memory is outside.\n\n"
        + "\n".join(sections),
        "utf-8",
    )
    print(options.out.read_text("utf-8"))


if __name__ == "__main__":
    main()
