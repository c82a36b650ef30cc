"""Put results of `n1codec bench --json` into docs/results-tables.md: each run's table, with the command that made it.

Usage: ``python scripts/make_results.py n-one.json every.json ...``; each file's name says which part of the page it makes anew, the others
stay. Then ``python scripts/make_summary.py`` says in short what they hold, in docs/results.md, README.md and beside the original's figures.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import sections
from original import PUBLISHED

PAGE = Path(__file__).resolve().parent.parent / "docs" / "results-tables.md"

SCRIPT = "scripts/make_results.py"

BUSY = 0.5
"""Load for each processor before a run from which on its speeds are not to be trusted."""

ORIGINAL_NOTE = """
*Published* is what the original comparison reported for all 743 files of the public set; [the page on it](from-the-original.md) says what it counted.
"""


def number(value: float | None, digits: int = 3) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 and digits < 3 else f"{value:.{digits}f}"


def times(value: float | None) -> str:
    """Return times real time: three digits where it is small, so that slow is never none."""
    return "-" if value is None else f"{value:.3g}" if value < 10 else number(value, 1)


def front(result: dict[str, Any]) -> str:
    return "E" * bool(result["pareto_encode"]) + "D" * bool(result["pareto_decode"])


def codecs_of(report: dict[str, Any]) -> str:
    specs = [result["spec"] for result in report["results"] if result["group"] != "yardstick"]
    every = " -c " not in report["command"] and " --set " not in report["command"]
    return f"Every codec of the registry of that day ({len(specs)})" if every else f"{len(specs)} codecs"


def recordings_of(report: dict[str, Any]) -> str:
    """Which and how many; a single one by its name."""
    recordings = report["recordings"]
    size = sum(one["bytes"] for one in recordings)
    what = f"`{recordings[0]['name']}`" if len(recordings) == 1 else f"{len(recordings)} recordings of the N1"
    channels = {one["channels"] for one in recordings} - {1}
    return f"{what}, {size:,} bytes" + (f", {', '.join(map(str, sorted(channels)))} channels" if channels else "")


def section(path: Path) -> list[str]:
    report = json.loads(path.read_text())
    machine = report["machine"]
    original = "--set original" in report["command"]
    lines = [
        f"\n## {'The original comparison' if original else codecs_of(report)}: {recordings_of(report)}\n",
        f"```\n{report['command']}\n```\n",
        f"{report['started']}, {report['elapsed_s']:,.0f} s; {machine['cpu']}, {machine['cores']} cores, load before {machine['load']};",
        f"{machine['os']}; {machine['python']}, NumPy {machine['numpy']}, n1codec {machine['n1codec']}, {machine['compiler']}.",
        f"{report['settings']['jobs']} codec at a time, {report['settings']['repeat']} timed call(s) or more.\n",
    ]
    if machine["load"] is not None and machine["load"] > BUSY * machine["cores"]:
        lines.append("The machine was busy: sizes stand, speeds are too low and say little.\n")
    lines += [
        f"| codec | ratio |{' published |' if original else ''} group | bits/sample | enc MB/s | dec MB/s | enc xRT | dec xRT | latency ms | peak MB | front | exact |{' specification |' if original else ''}",
        f"|---|---:|{'---:|' if original else ''}---|---:|---:|---:|---:|---:|---:|---:|---|---|{'---|' if original else ''}",
    ]
    for result in report["results"]:
        theirs = PUBLISHED.get(result["codec"]) if original else None
        published = f" {number(theirs and theirs.ratio, 2)} |" if original else ""
        meaning = f" `{result['spec']}` |" if original else ""
        lines.append(
            f"| `{result['codec']}` | {number(result['ratio'])} |{published} {result['group']} | {number(result['bits_per_sample'])} | "
            f"{number(result['encode_mb_s'], 1)} | {number(result['decode_mb_s'], 1)} | {times(result['encode_xrt'])} | "
            f"{times(result['decode_xrt'])} | {number(result['latency_ms'], 1)} | {number(result['peak_mb'], 1)} | {front(result)} | "
            f"{'yes' if result['lossless'] else result['error']} |{meaning}"
        )
    if original:
        lines.append(ORIGINAL_NOTE)
    if report["partial"]:
        lines.append("\nThe run was ended before its last codecs were measured: these are the ones that were done.")
    libraries = {name: version for result in report["results"] for name, version in result["libraries"].items()}
    lines.append("\nLibraries: " + ", ".join(f"{name} {version}" for name, version in sorted(libraries.items())) + ".")
    return lines


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for path in map(Path, sys.argv[1:]):
        text = "\n".join(section(path))
        page = (
            sections.replaced(page, path.stem, SCRIPT, text) or f"{page}\n{sections.section(path.stem, SCRIPT, text)}\n"
        )
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
