"""Check that no level of n1 is larger than a lower one: sizes of every level on each recording.

    python scripts/check_levels.py RECORDING... [--levels 1-9] [--limit 0.05] [--bundle 32] [--single 8] [--divide 4]

Recordings are what `n1codec.formats` reads, or folders of them; what is headerless needs ``--dtype``, ``--channels`` and
``--rate``. A recording of many channels is also checked in bundles and, some of its channels, alone. Prints each case in which
a level is larger than the smallest of the lower ones by more than the limit in percent, then the totals; exit code 1 if there
is one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import n1codec
from n1codec import formats
from n1codec.codec import Samples

DETAIL_BYTES = 16
"""A difference of so few bytes is the header's, whatever its share."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--levels", default="1-9", help="first and last level")
    parser.add_argument(
        "--limit", type=float, default=0.05, help="percent by which a level may be larger than a lower one"
    )
    parser.add_argument("--bundle", type=int, default=0, help="check bundles of so many channels, too")
    parser.add_argument("--single", type=int, default=0, help="check so many of the channels alone, too")
    parser.add_argument("--divide", type=int, default=1, help="divide all samples by this first: a coarser converter")
    parser.add_argument("--dtype")
    parser.add_argument("--channels", type=int)
    parser.add_argument("--rate", type=float)
    return parser.parse_args()


def recordings(options: argparse.Namespace) -> Iterator[tuple[str, Samples]]:
    """Give each recording whole, in bundles, and single channels of it."""
    described = {"dtype": options.dtype, "channels": options.channels, "rate": options.rate}
    for given in options.recordings:
        for path in formats.find([given]) if given.is_dir() else [given]:
            samples = formats.read(path, **described).samples
            samples = samples // options.divide if options.divide > 1 else samples
            yield path.name, samples
            width = samples.shape[1] if samples.ndim == 2 else 1
            for first in range(0, width if options.bundle and options.bundle < width else 0, options.bundle or 1):
                yield f"{path.name} from {first}", np.ascontiguousarray(samples[:, first : first + options.bundle])
            for channel in np.linspace(0, width - 1, options.single).astype(int) if width > 1 else []:
                yield f"{path.name} channel {channel}", np.ascontiguousarray(samples[:, channel])


def inversions(sizes: dict[int, int], limit: float) -> list[str]:
    """Return, in words, which levels are larger than a lower one by more than so many percent."""
    found = []
    least_level = min(sizes)
    for level, size in sorted(sizes.items()):
        least = sizes[least_level]
        if size > least * (1 + limit / 100) and size > least + DETAIL_BYTES:
            found.append(f"level {level} is {100 * (size / least - 1):.2f} % larger than level {least_level}")
        if size < least:
            least_level = level
    return found


def main() -> int:
    options = arguments()
    first, last = map(int, options.levels.split("-"))
    codecs = {level: n1codec.get(f"n1:level={level}") for level in range(first, last + 1)}
    totals = dict.fromkeys(codecs, 0)
    raw = bad = 0
    for name, samples in recordings(options):
        sizes = {level: len(codec.encode(samples)) for level, codec in codecs.items()}
        for finding in inversions(sizes, options.limit):
            print(f"{name}: {finding}: {list(sizes.values())}", flush=True)
            bad += 1
        raw += samples.nbytes
        for level, size in sizes.items():
            totals[level] += size
    for level, total in totals.items():
        print(f"level {level}: {total:,} bytes, ratio {raw / total:.4f}")
    print(f"{bad} inversions")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
