"""Measure what encoders for implants cost, and write src/n1codec/budget/measured.json.

Usage::

    python scripts/make_firmware.py && PYTHONPATH=scripts python -m budget RECORDINGS [--only BUILD] [--out FILE]

RECORDINGS is the folder of the N1's WAV files, of which an array of 1,024 channels is made, each taken equally often. Compilers
that are not there are left out, and said so. `make budget` calls it.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import importlib.metadata
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from budget import builds, inputs, runs

OUT: Final = builds.ROOT / "src" / "n1codec" / "budget" / "measured.json"
PACKET: Final = 5
"""Frames of a packet."""


def bits(codec: str, plan: runs.Plan, codes: runs.Codes, folder: Path) -> float:
    """Return bits a sample, heads and keys counted."""
    sizes = [len(packet) for packet in runs.on_host(codec, plan, codes, folder)]
    heads = 0 if codec in ("lite", "full") else runs.HEAD * len(sizes)
    return 8 * (sum(sizes) + heads) / (len(sizes) * plan.channels * plan.frames_per_packet)


def figures(codec: str, plan: runs.Plan, build: builds.Build, codes: runs.Codes, folder: Path) -> dict[str, Any]:
    """Return what a build costs, a sample."""
    e = runs.emulate(build, codec, plan, codes, folder)
    usual, one = e.samples * e.packets, e.samples
    period = runs.KEY_FRAMES // plan.frames_per_packet if codec in ("rice", "lpc", "lite") else 0
    keys = 1 / period if period else 0.0

    def mean(name: str) -> float:
        return float((1 - keys) * getattr(e.usual, name) / usual + keys * getattr(e.key, name) / one)

    return {
        "instructions": round(mean("instructions"), 2),
        "cycles": round(mean("cycles"), 2),
        "worst_instructions": round(e.worst.instructions / one, 2),
        "worst_cycles": round(e.worst.cycles / one, 2),
        "crc_cycles_a_byte": round(e.usual.crc_cycles / e.crc_bytes, 2) if e.usual.crc_cycles else None,
        "flash": e.flash,
        "stack": e.stack,
        "state": e.state,
        "packet_memory": e.room,
    }


def measure(folder: Path | None, only: str | None, work: Path) -> dict[str, Any]:
    """Return all figures and where they come from."""
    out: dict[str, Any] = {
        "measured": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "emulator": f"unicorn {importlib.metadata.version('unicorn')}",
        "channels": inputs.CHANNELS,
        "frames_per_packet": PACKET,
        "key_frames": runs.KEY_FRAMES,
        "builds": {},
        "inputs": {},
    }
    sources = {"synthetic": inputs.synthetic()} | ({"recordings": inputs.recordings(folder)} if folder else {})
    for build in builds.BUILDS:
        if only not in (None, build.name):
            continue
        if build.command() is None:
            print(f"budget: {build.name} is left out: no {build.compiler}", file=sys.stderr)
            continue
        out["builds"][build.name] = {"target": build.target, "compiler": build.version(), "flags": build.flags}
    for name, codes in sources.items():
        plan = inputs.plan(codes, PACKET)
        found: dict[str, Any] = {
            "frames": len(codes),
            "sha256": hashlib.sha256(np.ascontiguousarray(codes, "<u2").tobytes()).hexdigest(),
            "taps": list(plan.taps),
            "codecs": {},
        }
        for codec in builds.CODECS:
            found["codecs"][codec] = {"bits": round(bits(codec, plan, codes, work), 4)}
            for build in builds.BUILDS:
                if build.name in out["builds"]:
                    print(f"{name} {codec} {build.name}", file=sys.stderr)
                    found["codecs"][codec][build.name] = figures(codec, plan, build, codes, work)
        out["inputs"][name] = found
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what encoders for implants cost.")
    parser.add_argument("recordings", type=Path, nargs="?")
    parser.add_argument("--only", choices=[build.name for build in builds.BUILDS])
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        found = measure(given.recordings, given.only, Path(work))
    given.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
