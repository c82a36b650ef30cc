"""Measure what each stage of the n1 codec brings: docs/algorithm.json, and the tables of docs/ALGORITHM.md made from it.

Usage: ``python scripts/make_ablation.py [DATA] [--every N] [--tables]``; DATA is ../shared/data unless given, every tenth N1 recording is
taken unless told otherwise, and ``--tables`` only writes the tables anew from the JSON.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

import ideal
import n1codec
import sections
from n1codec.analysis import Codes
from n1codec.codec import Samples

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "ALGORITHM.md"
RESULTS: Final = ROOT / "docs" / "algorithm.json"

REAL: Final = (
    ("bitpack+store", "stored values, as few bits as they need"),
    ("lattice+bitpack+store", "the lattice: codes of the converter, plain"),
    ("lattice+rans", "+ their histogram"),
    ("lattice+delta+rice", "differences instead, Rice codes"),
    ("lattice+flac", "FLAC on the codes: its predictors and Rice codes"),
    ("lattice+lpc+rans", "16 taps, one table of residuals a block"),
    ("n1:level=1", "n1 forward: 8 taps, law and widths"),
    ("n1:level=3", "n1 forward: 24 taps"),
    ("n1:level=5", "n1's default"),
    ("n1:level=6", "n1 backward"),
    ("n1:level=9", "n1 mixed: mixtures"),
)


def real(spec: str, recordings: list[Samples]) -> float:
    """Return all bytes of a codec in bits a sample; every recording is decoded and compared."""
    codec = n1codec.get(spec)
    total = 0
    for samples in recordings:
        data = codec.encode(samples)
        if not np.array_equal(n1codec.decode(data), samples):
            raise SystemExit(f"{spec} did not restore its input")
        total += len(data)
    return 8.0 * total / sum(samples.size for samples in recordings)


def altered(recordings: list[Samples]) -> dict[str, float]:
    """Return what the codec needs for the same recordings with something taken from it, in bits a sample."""
    found: dict[str, float] = {}
    for level in (5, 9):
        spec = f"n1:level={level}"
        found[f"{spec}, as it is"] = real(spec, recordings)
        if recordings[0].ndim > 1:
            alone = [np.ascontiguousarray(samples[:, c]) for samples in recordings for c in range(samples.shape[1])]
            found[f"{spec}, each channel alone"] = real(spec, alone)
        elif Codes.of(recordings[0]).full_scale:
            codes: list[Samples] = [Codes.of(samples).codes[:, 0].astype(np.int16) for samples in recordings]
            found[f"{spec}, bare codes (the known converter not recognised)"] = real(spec, codes)
    return found


def hard() -> list[dict[str, Any]]:
    """Return made-up arrays that leave nothing to predict or nothing to say, what theory asks for, and what n1 takes."""
    rng = np.random.default_rng(1)
    n = 100_000
    k = np.arange(-200, 201) / 20.0
    density = np.exp(-0.5 * k * k)
    normal = density / density.sum()
    cases: list[tuple[str, float, Samples]] = [
        ("all of 16 bits, equally often", 16.0, rng.integers(-32768, 32768, n).astype(np.int16)),
        ("10 bits, equally often", 10.0, rng.integers(0, 1024, n).astype(np.int16)),
        (
            "white normal noise of 20 codes",
            float(-(normal * np.log2(normal)).sum()),
            rng.choice(np.arange(-200, 201), n, p=normal).astype(np.int16),
        ),
        ("one value", 0.0, np.full(n, 7, np.int16)),
        ("a sample", 16.0, np.array([7], np.int16)),
    ]
    return [
        {
            "what": what,
            "samples": samples.size,
            "entropy": entropy,
            **{str(level): round(real(f"n1:level={level}", [samples]) * samples.size / 8.0) for level in (1, 5, 9)},
        }
        for what, entropy, samples in cases
    ]


def measure(data: Path, every: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "command": f"python scripts/make_ablation.py {data} --every {every}",
        "hard": hard(),
        "materials": [],
    }
    for material in ideal.read(data, every):
        prepared = list(ideal.prepare(material))
        weights = [one.floor.samples for one in prepared]

        def mean(stages: ideal.Stages, prepared: list[ideal.Prepared] = prepared) -> float:
            found = [ideal.bits(one, stages) for one in prepared]
            return sum(bits for bits, _ in found) / sum(samples for _, samples in found)

        result["materials"].append(
            {
                "name": material.name,
                "recordings": len(material.recordings),
                "samples": sum(samples.size for samples in material.recordings),
                "channels": prepared[0].codes.codes.shape[1],
                "channels_coded": len(ideal.coded_channels(prepared[0])),
                "floor": float(np.average([one.floor.bits_per_sample for one in prepared], weights=weights)),
                "even_floor": float(np.average([one.floor.even_bits_per_sample for one in prepared], weights=weights)),
                "ladder": {words: mean(stages) for words, stages in ideal.ladder()},
                "without": {words: mean(stages) for words, stages in ideal.WITHOUT},
                "real": {spec: real(spec, material.recordings) for spec, _ in REAL},
                "altered": altered(material.recordings),
            }
        )
    return result


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def tables(result: dict[str, Any]) -> dict[str, str]:
    """Return the page's tables by the names of their markers."""
    materials = result["materials"]
    names = [one["name"] for one in materials]
    made = f"`{result['command']}`\n\n"

    def cell(bits: float) -> str:
        return f"{bits:.3f} ({16.0 / bits:.3f})"

    real_rows = [[f"`{spec}`: {words}", *(cell(one["real"][spec]) for one in materials)] for spec, words in REAL]
    floor = ["*estimated floor*", *(cell(one["floor"]) for one in materials)]
    ladder_rows = [[words, *(cell(one["ladder"][words]) for one in materials)] for words in materials[0]["ladder"]]
    last = list(materials[0]["ladder"])[-1]
    without_rows = [
        [words, *(f"{one['without'][words] - one['ladder'][last]:+.3f}" for one in materials)]
        for words in materials[0]["without"]
    ]
    distance_rows = [
        [f"`{spec}`", *(f"{one['real'][spec] - one['floor']:+.3f}" for one in materials)]
        for spec, _ in REAL
        if spec.startswith(("n1", "lattice+flac", "lattice+lpc"))
    ]
    altered_rows = [[one["name"], what, cell(bits)] for one in materials for what, bits in one["altered"].items()]
    hard_rows = [
        [
            one["what"],
            f"{one['samples']:,}",
            f"{one['entropy'] * one['samples'] / 8.0:,.0f}",
            *(f"{one[level]:,.0f}" for level in "159"),
        ]
        for one in result["hard"]
    ]
    return {
        "hard": table(
            ["made-up int16 array", "samples", "entropy, bytes", *(f"level {level}" for level in "159")], hard_rows
        ),
        "real": made + table(["all bytes: bits a sample (ratio)", *names], [*real_rows, floor]),
        "ladder": made + table(["ideal code length: bits a sample (ratio)", *names], ladder_rows),
        "without": table(["left out of the full model", *(f"{name}: bits" for name in names)], without_rows),
        "distance": table(["bits a sample over the floor", *names], distance_rows),
        "altered": table(["recording", "codec", "bits a sample (ratio)"], altered_rows),
    }


def filled(page: str, result: dict[str, Any]) -> str:
    """Return the page with its tables made anew."""
    for name, text in tables(result).items():
        found = sections.replaced(page, name, "scripts/make_ablation.py", text)
        if found is None:
            raise SystemExit(f"{PAGE.name} has no place for the table {name!r}")
        page = found
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--tables", action="store_true")
    options = parser.parse_args()
    if not options.tables:
        RESULTS.write_text(json.dumps(measure(options.data, options.every), indent=1) + "\n")
    if PAGE.exists():
        PAGE.write_text(filled(PAGE.read_text(), json.loads(RESULTS.read_text())))


if __name__ == "__main__":
    main()
