"""Write docs/groups.md and its pictures: what each codec does, where it comes from, how it did, why it wins or fails.

Usage: ``python scripts/make_groups.py [--threads threads.json]``. Ratios and speeds are those of the part *every* of docs/results-tables.md
(make_results.py); sizes on four kinds of recordings, and entropies, those of docs/codecs.json (measure_codecs.py). ``--threads`` takes a run of
`n1codec bench --threads` over Blosc's coders and keeps it in docs/blosc-threads.json.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import group_pictures
from codec_words import SOURCES, WORDS
from group_pictures import coder_of
from make_summary import Run, runs
from n1codec import registry
from n1codec.bench.metrics import finish
from n1codec.bench.results import Result
from n1codec.report import groups
from n1codec.report.merge import Merged
from n1codec.report.model import GROUP_ORDER, Row, Study

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
CODECS: Final = DOCS / "codecs.json"
THREADS: Final = DOCS / "blosc-threads.json"
MATERIALS: Final = {"N1": "N1", "probe": "probe", "tetrode": "tetrode", "devices": "other devices"}
CHAINS: Final = ("delta", "lattice", "lattice+delta", "lattice+lpc")
"""Transforms whose worth is shown before each coder."""

HEAD: Final = """# The groups of codecs

Made by `python scripts/make_groups.py`; do not edit.

The [original comparison](from-the-original.md) had six groups, and so has this page: dictionary, predictive, entropy, run-length, audio and Blosc
codecs. Beside them stand `n1`, numeric codecs, which are newer, and a baseline. A codec here is a pipeline, and belongs to the group of its
coder; prediction before an entropy coder makes it *predictive*.

- **Ratios and speeds** (first picture and table of each group) are of 60 recordings of the N1, from one run: [its table](results-tables.md) has the
  command and the machine. Speeds compare within this page only.
- **Measured** on four kinds of recordings: each codec's best specification is named with its ratio. They are {materials}.
  Other devices are the geometric mean of {devices} recordings, with the number of them on which the codec's files are the smallest of all on this page.
- **Entropies** (second picture of each group) are of the same ten recordings of the N1. The grey line is the order-0 entropy of the samples before
  anything was done, the orange mark that of what the coder is given after its transforms, and the dot the bits that it takes. A dot left of its mark
  knows more than a histogram; one to the right wastes. On the right stands the entropy of the bytes that come out: near 8 there is nothing
  left to gain by a second pass.

Sizes and entropies of the last two are measured by `python scripts/measure_codecs.py`, and do not depend on a machine.

Left out are True Audio: the encoder that PyAV brings, FFmpeg's, ends the process on signals with bursts (of the 22 recordings of other
devices, where it came through, it was smaller than FLAC and WavPack on 6, and smaller than all peers on 2, by 0.8 % and 0.6 %). MPEG-4 ALS and
Monkey's Audio: FFmpeg only decodes them, and we know of no package that encodes them. OptimFROG: its program is closed.
"""

FAILS: Final = {
    "n1": "Where a recording is no noise around a prediction (values that repeat, digital lines, few values) its models have little to say; it then codes "
    "what followed the same values before, and costs time. Its upper levels code 5 MB/s: slower than all but the most patient of the others.",
    "dictionary": "Two stretches of noise are never alike for four bytes, so references hardly pay, and what works is the entropy stage behind them. "
    "Sorting does better since it codes each byte by those around it: a crude prediction, on bytes.",
    "predictive": "They do not fail: prediction is what these recordings ask for. What they miss is that the converter's codes are unevenly wide, and that noise "
    "is normal where Rice codes expect a sharper law: about a tenth of a bit each.",
    "entropy": "Alone they see each sample apart from its neighbours, and half of what can be known of a sample is its neighbours.",
    "run-length": "Samples of a noisy signal do not repeat.",
    "audio": "Scaled samples look loud: bits of magnitude are counted where only one value in 64 can come up. Behind `lattice` little is wrong with them, but for Rice codes "
    "and predictors made for 44 kHz music.",
    "blosc": "It has no model of a signal, and its blocks of a cache's size start anew each time. Shuffles make runs where differences are small, which these samples "
    "are not before a prediction.",
    "numeric": "They find the range and the distribution of the values, but predict with a difference or a short filter, and know nothing of the converter.",
    "baseline": "There is nothing in it to fail; it is what others have to beat.",
}  # fmt: skip
"""Why a group fails on these recordings, whatever the numbers."""


def study(run: Run) -> Study:
    """Return the rows of a table as the report has them, so that its words on groups can be said of them."""
    results = []
    for row in run.rows:
        if row["codec"] == "memcpy" or row["exact"] != "yes":
            continue
        number = {name: _number(row[name]) for name in row if name not in ("codec", "group", "front", "exact")}
        known = told()["codecs"].get(row["codec"], {}).get("N1", {})
        results.append(
            Result(
                row["codec"], row["codec"], row["group"], 1, recordings_exact=1, lossless=True, ratio=number["ratio"],
                bits_per_sample=number["bits/sample"], encode_mb_s=number["enc MB/s"], decode_mb_s=number["dec MB/s"],
                latency_ms=number["latency ms"], peak_mb=number["peak MB"], entropy_in=known.get("samples"),
                entropy_coded=known.get("given"),
            )
        )  # fmt: skip
    return Study.of(Merged((), (), finish(results), (), ()))


def _number(text: str) -> float | None:
    return None if text == "-" else float(text.replace(",", ""))


_TOLD: dict[str, Any] = {}


def told() -> dict[str, Any]:
    """Return what measure_codecs.py found, with bits and entropies for each sample."""
    if not _TOLD:
        _TOLD.update(json.loads(CODECS.read_text(encoding="utf-8")))
        samples = sum(one["samples"] for one in _TOLD["materials"]["N1"])
        for one in _TOLD["codecs"].values():
            if None not in one["N1"]["sizes"]:
                one["N1"]["bits"] = 8.0 * sum(one["N1"]["sizes"]) / samples
                one["N1"]["given"] = one["N1"]["coded"]
    return _TOLD


def ratio(spec: str, material: str) -> float | None:
    """Return a codec's ratio on a kind of recordings: of sums, or the geometric mean over devices; None where it failed on one."""
    sizes = told()["codecs"][spec][material]["sizes"]
    if None in sizes:
        return None
    raw = [one["bytes"] for one in told()["materials"][material]]
    if material == "devices":
        return math.exp(sum(math.log(before / after) for before, after in zip(raw, sizes, strict=True)) / len(raw))
    return float(sum(raw) / sum(sizes))


def smallest() -> list[str]:
    """Return, for each of the other devices' recordings, the coder of the smallest file."""
    codecs = told()["codecs"]
    count = len(told()["materials"]["devices"])
    return [
        coder_of(min(codecs, key=lambda spec: codecs[spec]["devices"]["sizes"][index] or math.inf))
        for index in range(count)
    ]


def did(name: str) -> str:
    """Return how a coder did on each kind of recordings, with its best specification there."""
    specs = [spec for spec in told()["codecs"] if coder_of(spec) == name]
    parts = []
    for material, title in MATERIALS.items():
        known = {spec: value for spec in specs if (value := ratio(spec, material)) is not None}
        if known:
            best = max(known, key=lambda spec: known[spec])
            parts.append(f"{title} {known[best]:.3f} (`{best}`)")
    won = smallest().count(name)
    return f"Measured: {', '.join(parts)}, smallest of all on {won}." if parts else "Not measured here."


def described(kind: str, group: str) -> Iterator[str]:
    """Yield the points on each codec of a group."""
    for line in registry.entries():
        if (line.kind, line.group) == (kind, group):
            yield f"**`{line.name}`**\n"
            yield f"- {WORDS[line.name]}"
            yield f"- From: {SOURCES[line.name]}"
            if kind == "coder":
                yield f"- {did(line.name)}"
            elif line.name in ("delta", "lpc", "wavelet"):
                chains = [spec for spec in told()["codecs"] if f"+{line.name}+" in f"+{spec}"]
                best = max(chains, key=lambda spec: ratio(spec, "N1") or 0.0)
                parts = [f"{title} {ratio(best, name) or 0.0:.3f}" for name, title in MATERIALS.items()]
                yield f"- Measured, in `{best}`: {', '.join(parts)}."
            yield ""


def figure(value: float | None, digits: int) -> str:
    """Return a number as docs/results-tables.md shows it."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 and digits < 3 else f"{value:.{digits}f}"


def table(rows: tuple[Row, ...]) -> list[str]:
    """Return the results of a group."""
    lines = [
        "| codec | ratio | bits/sample | enc MB/s | dec MB/s | latency ms | peak MB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        one = row.result
        lines.append(
            f"| `{one.codec}` | {figure(one.ratio, 3)} | {figure(one.bits_per_sample, 3)} | {figure(one.encode_mb_s, 1)} | "
            f"{figure(one.decode_mb_s, 1)} | {figure(one.latency_ms, 1)} | {figure(one.peak_mb, 1)} |"
        )
    return [*lines, ""]


def transforms(rows: Study) -> list[str]:
    """Return what transforms before a coder are worth: ratios side by side."""
    lines = [
        f"| coder | alone | {' | '.join(f'`{chain}+`' for chain in CHAINS)} |",
        "|---|---:" + "|---:" * len(CHAINS) + "|",
    ]
    for line in registry.entries():
        found = [rows.find(line.name), *(rows.find(f"{chain}+{line.name}") for chain in CHAINS)]
        if line.kind == "coder" and found[0] and any(found[1:]):
            ratios = [figure(row.result.ratio, 3) if row else "" for row in found]
            lines.append(f"| `{line.name}` | {' | '.join(ratios)} |")
    return [*lines, ""]


def keep_threads(path: Path) -> None:
    """Keep of a run what the page shows."""
    report = json.loads(path.read_text(encoding="utf-8"))
    fields = ("codec", "threads", "ratio", "encode_mb_s", "decode_mb_s")
    kept = [{name: one[name] for name in fields} for one in report["results"] if one["group"] == "blosc"]
    told_of = {name: report["machine"][name] for name in ("cpu", "cores", "load", "os")}
    THREADS.write_text(
        json.dumps(
            {"command": report["command"], "started": report["started"], "machine": told_of, "results": kept}, indent=1
        )
        + "\n",
        encoding="utf-8",
    )


def threads() -> list[str]:
    """Return the part on Blosc's threads."""
    if not THREADS.exists():
        return []
    run = json.loads(THREADS.read_text(encoding="utf-8"))
    order = list(dict.fromkeys(one["codec"] for one in run["results"]))
    lines = sorted(run["results"], key=lambda one: (order.index(one["codec"]), one["threads"]))
    words = group_pictures.threads(lines)
    by = {(one["codec"], one["threads"]): one for one in lines}
    counts = sorted({one["threads"] for one in lines})
    slower = [spec for spec in order if by[spec, counts[-1]]["encode_mb_s"] < by[spec, 1]["encode_mb_s"]]
    machine = run["machine"]
    busy = (
        " The machine was busy: read which way figures go, not how far."
        if (machine["load"] or 0) > machine["cores"] / 2
        else ""
    )
    said = (
        f"With {counts[-1]} threads on {machine['cores']} cores, {len(slower)} of {len(order)} encode more slowly than with one"
        f"{': ' + ', '.join(f'`{spec}`' for spec in slower) if slower else ''}. A thread has to be started and given a block; where a block takes "
        f"microseconds, that costs more than it brings.{busy}"
    )
    head = " | ".join(f"{way}, {count} thread{'s' * (count > 1)}" for way in ("encode", "decode") for count in counts)
    rows = [
        f"| `{spec}` | {by[spec, 1]['ratio']:.3f} | "
        + " | ".join(
            f"{figure(by[spec, count][f'{way}_mb_s'], 1)}" + (f" ({by[spec, count][f'{way}_mb_s'] / by[spec, 1][f'{way}_mb_s']:.2f}x)" if count > 1 else "")
            for way in ("encode", "decode") for count in counts
        ) + " |"
        for spec in order
    ]  # fmt: skip
    return [
        "### Blosc's threads", "",
        f"On the whole Neuropixels run (385 channels, 11.6 MB), MB/s, and how many times the speed of one thread. {said}", "",
        f"![{words}](images/blosc-threads.svg)", "",
        f"| Blosc | ratio | {head} |", "|---|---:|" + "---:|" * (2 * len(counts)), *rows, "",
        f"`{run['command']}`, {run['started'][:10]}, {machine['cpu']}, load before {machine['load']:g}.", "",
    ]  # fmt: skip


def group_part(rows: Study, group: str) -> Iterator[str]:
    """Yield the lines on a group."""
    title = registry.CODER_GROUPS.get(group, "Predictive codecs")
    words = groups.text_of(group)
    members = rows.in_group(group)
    yield f"## {title[:1].upper() if group != 'n1' else 'n'}{title[1:]}\n\n{words.idea}\n"
    yield f"- *Best used for:* {words.use}"
    yield f"- *{'Where it does not pay' if group == 'n1' else 'Why they fail here' if group not in ('predictive', 'baseline') else 'What holds them back'}:* {FAILS[group]}\n"
    yield f"![{group_pictures.speeds(group, members)}](images/group-{group}.svg)\n"
    known = {spec: one["N1"] for spec, one in told()["codecs"].items() if one["group"] == group and "bits" in one["N1"]}
    yield f"![{group_pictures.entropies(group, known)}](images/entropy-{group}.svg)\n"
    yield from (f"- {point}" for point in groups.points(rows, group))
    yield ""
    yield from described("transform" if group == "predictive" else "coder", group)
    yield from table(members)
    if group == "blosc":
        yield from threads()


def page() -> str:
    """Return the page, and draw its pictures."""
    rows = study(runs()["every"])
    sizes = {name: sum(one["bytes"] for one in told()["materials"][name]) / 1e6 for name in MATERIALS}
    materials = (
        f"ten recordings of the N1 ({sizes['N1']:.1f} MB), the beginning of a Neuropixels 2.0 run ({sizes['probe']:.1f} MB of 385 channels), "
        f"of a tetrode in a locust ({sizes['tetrode']:.1f} MB), and of recordings of other devices ({sizes['devices']:.1f} MB: patch clamp, EMG, EEG, ECG, field potentials)"
    )
    lines = [HEAD.format(materials=materials, devices=len(told()["materials"]["devices"]))]
    for group in GROUP_ORDER:
        lines += group_part(rows, group)
    lines += [
        "## Other transforms\n\nThey make samples easier to code, and predict nothing.\n",
        *described("transform", "transform"),
    ]
    lines += ["What transforms are worth before each coder, as ratios:\n", *transforms(rows)]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--threads", type=Path, metavar="JSON", help="a run over Blosc's coders with several numbers of threads"
    )
    options = parser.parse_args()
    if options.threads:
        keep_threads(options.threads)
    (DOCS / "groups.md").write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
