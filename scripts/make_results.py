"""Write docs/results.md from results of `n1codec bench --json`: the tables, each with the command that made it.

Usage: ``python scripts/make_results.py original.json lattice.json [smoke.json]``. Sections that other scripts made stay, at the end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import sections

PAGE = Path(__file__).resolve().parent.parent / "docs" / "results.md"

HEAD = """# Results

Made by `python scripts/make_results.py {files}`; the numbers come from the JSON of the runs, each of which names its command.
What the columns mean and how they are measured is told in [bench.md](bench.md). Every row was decoded and every file compared byte for byte.
Compare speeds within a table only. What `n1` was made for are the devices of these tables; how it does on [other devices](#other-devices)
stands at the end.
"""

BUSY = 0.5
"""Load for each processor before a run from which on its speeds are not to be trusted."""

PUBLISHED = {
    "huff": 2.53, "delta_huff": 2.87, "zstd": 2.48, "delta_zstd": 2.41, "lstd_numcodec": 2.47, "delta_lstd_numcodec": 2.41,
    "blosc_zstd": 2.47, "delta_blosc_zstd": 2.41, "blosc_lz4": 1.34, "delta_blosc_lz4": 1.31, "blosc_lz4hc": 1.83,
    "delta_blosc_lz4hc": 1.78, "blosc_zlib": 2.28, "delta_blosc_zlib": 2.30, "gzip": 2.28, "delta_gzip": 2.30, "lzma": 2.75,
    "delta_lzma": 2.58, "lz4": 1.11, "delta_lz4": 1.09, "bz2": 3.11, "delta_bz2": 2.70, "wavpack": 1.49, "delta_wavpack": 1.49,
}  # fmt: skip
"""Ratios that the original comparison published for all 743 files (its Huffman figures leave the code table out)."""

ORIGINAL_NOTE = """
*Published* is what the original comparison reported for all 743 files of the public set; these 300 compress about 0.4 % better. Its two
Huffman figures left out the code table, ours count it; a compact table costs little: about 0.02. Its speeds timed the start of a process for
each file and are not comparable.
"""


def number(value: float | None, digits: int = 3) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 and digits < 3 else f"{value:.{digits}f}"


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
        published = f" {number(PUBLISHED.get(result['codec']), 2)} |" if original else ""
        meaning = f" `{result['spec']}` |" if original else ""
        lines.append(
            f"| `{result['codec']}` | {number(result['ratio'])} |{published} {result['group']} | {number(result['bits_per_sample'])} | "
            f"{number(result['encode_mb_s'], 1)} | {number(result['decode_mb_s'], 1)} | {number(result['encode_xrt'], 0)} | "
            f"{number(result['decode_xrt'], 0)} | {number(result['latency_ms'], 1)} | {number(result['peak_mb'], 1)} | {front(result)} | "
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
    paths = [Path(name) for name in sys.argv[1:]]
    kept = sections.of_others(PAGE, "scripts/make_results.py")
    parts = [HEAD.format(files=" ".join(path.name for path in paths))]
    parts += ["\n".join(section(path)) for path in paths]
    PAGE.write_text("\n".join(parts) + "\n" + "".join(f"\n{part}\n" for part in kept), encoding="utf-8")


if __name__ == "__main__":
    main()
