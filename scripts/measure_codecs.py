"""Measure what does not depend on the machine: what every specification of the benchmark makes of recordings of four kinds.

Usage: ``python scripts/measure_codecs.py [DATA] [--coder n1]``; DATA is ../shared/data unless given; with ``--coder`` only what that coder makes. Writes docs/codecs.json, which `make_groups.py` makes
docs/groups.md of: bytes, the order-0 entropy of samples, of what the coder is given and of the bytes that come out. Everything is decoded and
compared. Five minutes of one processor.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

import n1codec
from n1codec import formats, registry
from n1codec.codec import Samples
from n1codec.errors import N1Error
from n1codec.pipeline import get
from n1codec.shannon import entropy

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "docs" / "codecs.json"
RECORDINGS: Final = 10
"""Of the N1, evenly spread."""
PROBE_FRAMES, TETRODE_FRAMES, DEVICE_VALUES = 2_000, 150_000, 40_000
"""How much of each of the others: from the beginning."""


def materials(data: Path) -> dict[str, list[Samples]]:
    """Return the recordings of each kind."""
    paths = sorted((data / "neuralink").glob("*.wav"))
    step = len(paths) / RECORDINGS
    chosen = [paths[int((index + 0.5) * step)] for index in range(RECORDINGS)]
    probe = formats.read(data / "multichannel" / "run-001_g0_t0.imec0.ap.bin").samples
    tetrode = np.fromfile(data / "multichannel" / "locust_trial_01.raw", "<i2").reshape(-1, 4)
    devices = [np.load(path) for path in sorted((data / "devices").glob("*.npy"))]
    return {
        "N1": [np.asarray(formats.read(path).samples) for path in chosen],
        "probe": [np.ascontiguousarray(probe[:PROBE_FRAMES])],
        "tetrode": [np.ascontiguousarray(tetrode[:TETRODE_FRAMES])],
        "devices": [np.ascontiguousarray(one[: max(1, DEVICE_VALUES // one[0].size)]) for one in devices],
    }


def measured(spec: str, arrays: list[Samples]) -> dict[str, Any]:
    """Return what a codec makes of some recordings; `sizes` has one for each, None where it failed."""
    codec = get(spec)
    sizes: list[int | None] = []
    into = coded = out = values = 0.0
    for samples in arrays:
        try:
            data = codec.encode(samples)
            if not np.array_equal(n1codec.decode(data), samples):
                raise SystemExit(f"{spec} gave other samples back")
        except N1Error as error:
            print(f"{spec}: {error}", file=sys.stderr)
            sizes.append(None)
            continue
        given, _ = codec.suited(samples.dtype).transform(samples)
        sizes.append(len(data))
        values += samples.size
        into += entropy(samples) * samples.size
        coded += entropy(given) * given.size
        out += entropy(np.frombuffer(data, np.uint8)) * len(data)
    total = sum(size for size in sizes if size is not None)
    return {
        "sizes": sizes,
        "samples": round(into / values, 4) if values else None,
        "coded": round(coded / values, 4) if values else None,
        "bytes": round(out / total, 4) if total else None,
    }


def specs() -> Iterator[tuple[str, str]]:
    """Yield each specification that the benchmark runs by default, and its group."""
    for line in registry.entries():
        for spec in line.bench if line.group in registry.CODER_GROUPS else ():
            yield spec, get(spec).group


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=ROOT.parent / "shared" / "data")
    parser.add_argument("--coder", help="measure the specifications of this coder alone, and keep the others")
    options = parser.parse_args()
    found = materials(options.data)
    kept = json.loads(TABLE.read_text(encoding="utf-8"))["codecs"] if options.coder else {}
    told: dict[str, Any] = {
        "materials": {
            name: [{"samples": one.size, "bytes": one.nbytes} for one in arrays] for name, arrays in found.items()
        },
        "codecs": {},
    }
    for spec, group in specs():
        if options.coder and options.coder != spec.rpartition("+")[2].partition(":")[0]:
            told["codecs"][spec] = kept[spec]
            continue
        each = {name: measured(spec, arrays) for name, arrays in found.items()}
        told["codecs"][spec] = {"group": group, **each}
        print(spec, *(f"{name} {one['sizes'][0]}" for name, one in each.items()), flush=True)
    TABLE.write_text(json.dumps(told, separators=(",", ":")).replace('},"', '},\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
