"""Write tests/sizes.csv: the encoded size of each test signal for each specification of the registry.

    python scripts/make_sizes.py

Run it after a change of sizes that is meant, and say in the commit why they changed. It prints what changed.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "small")]

from test_sizes import TABLE, libraries, signal, table  # noqa: E402

import n1codec  # noqa: E402
from conftest import all_specs  # noqa: E402
from size_signals import SIGNALS  # noqa: E402


def main() -> None:
    before = table() if TABLE.exists() else {}
    with TABLE.open("w", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["spec", *SIGNALS, "libraries"])
        for spec in all_specs():
            pipeline = n1codec.get(spec)
            sizes = [len(pipeline.encode(signal(name))) for name in SIGNALS]
            writer.writerow([spec, *sizes, libraries(pipeline)])
            old = before.get(spec)
            for name, size in zip(SIGNALS, sizes, strict=True):
                if old is None or old.get(name) != str(size):
                    print(f"{spec}: {name}: {old.get(name) if old else None} -> {size}")


if __name__ == "__main__":
    main()
