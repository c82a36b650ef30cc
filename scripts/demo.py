"""Measure n1 and the best codec of each group on two synthetic recordings, and make a report: what ``make demo`` does.

Usage: ``python scripts/demo.py [REPORT]``; the folder REPORT is report unless given. A minute on two cores.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import wave
from pathlib import Path
from typing import Final

from n1codec import synth
from n1codec.cli import main as command
from n1codec.codec import Samples

RATES: Final = {"electrode": 19_531, "probe": 30_000}

CODECS: Final = (
    *("n1:level=1", "n1:level=3", "n1", "n1:level=9"),
    *("lattice+bzip3", "bz2", "zstd:level=19", "zstd", "gzip"),
    *("lattice+lpc+rans", "lattice+channel+lpc+rans", "arithmetic", "lattice+delta+zigzag+bitshuffle+rle"),
    *("lattice+flac", "lattice+wavpack", "flac", "lattice+delta+blosc:cname=zstd,clevel=9,shuffle=bit"),
    *("lattice+pcodec", "lattice+openzl", "lattice+bitpack+store"),
)
"""Levels of n1, the best of each group on docs/groups.md, and what most readers know."""


def recordings() -> dict[str, Samples]:
    """Return one electrode like the N1's, and 24 channels of a probe, whose neighbours hear the same."""
    probe = dataclasses.replace(synth.Parameters(), field_correlation=0.9, noise_correlation=0.7)
    return {
        "electrode": synth.recording(seconds=3.0, seed=1),
        "probe": synth.recording(seconds=0.5, channels=24, seed=2, rate=RATES["probe"], parameters=probe),
    }


def write(path: Path, samples: Samples, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1 if samples.ndim == 1 else samples.shape[1], 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())


def main() -> None:
    report = Path(sys.argv[1] if len(sys.argv) > 1 else "report")
    with tempfile.TemporaryDirectory() as folder:
        for name, samples in recordings().items():
            write(Path(folder) / f"{name}.wav", samples, RATES[name])
        words = [word for spec in CODECS for word in ("--codec", spec)]
        sys.argv = ["n1codec", "bench", folder, *words, "--repeat", "1", "--per-recording", "--report", str(report)]
        try:
            command()
        except SystemExit as end:
            if end.code:
                raise
    print(f"\nThe report, with figures and every number: {report.resolve() / 'report.html'} (open it in a browser)")


if __name__ == "__main__":
    main()
