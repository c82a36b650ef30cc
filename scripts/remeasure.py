"""Measure again what the documentation says, and write its pages and pictures anew.

    python scripts/remeasure.py [DATA] [--only codecs,every,...] [--no-run]

Runs, in this order, with the minutes that they take on two idle cores: codecs 3 (sizes and entropies: any machine will do), analysis 6 (any machine),
locust 2, neuropixels 5, mtscomp-neuropixels 2, threads 2, mtscomp-n-one 1, every 17, n-one 20, original 24 (these are timed: nothing else should
run). Their JSON goes to build/measured; then make_results.py, make_groups.py, make_summary.py and make_pictures.py write the pages from what is
there. ``--no-run`` does the latter alone. One recording is timed three times; of many, each is timed once.
DATA is ../shared/data unless given.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from make_summary import runs

ROOT: Final = Path(__file__).resolve().parent.parent
KEPT: Final = ROOT / "build" / "measured"
PROBE: Final = "multichannel/run-001_g0_t0.imec0.ap.bin"
TETRODE: Final = ("multichannel/locust_trial_01.raw", "--dtype", "int16", "--channels", "4", "--rate", "15000")

BLOSC: Final = (
    *(f"blosc:cname={name},shuffle=bit" for name in ("blosclz", "lz4", "lz4hc", "zlib", "zstd")),
    *("blosc:cname=lz4,shuffle=none", "blosc:cname=zstd,shuffle=none", "delta+blosc:cname=zstd,shuffle=bit"),
)

BENCHES: Final = {
    "locust": TETRODE,
    "neuropixels": (PROBE,),
    "mtscomp-neuropixels": (PROBE,),
    "threads": (PROBE, "--threads", "1,2,4"),
    "mtscomp-n-one": ("neuralink", "--limit", "60"),
    "every": ("neuralink", "--limit", "60"),
    "n-one": ("neuralink",),
    "original": ("neuralink", "--set", "original"),
}
"""Runs of the benchmark: what each is of."""

SCRIPTS: Final = {"codecs": "measure_codecs.py", "analysis": "make_analysis.py"}


def specs(name: str) -> list[str]:
    """Return the codecs of a run: those that its table has, and Blosc's where threads are told apart."""
    if name in ("every", "original"):
        return []
    found = BLOSC if name == "threads" else [row["codec"] for row in runs()[name].rows if row["codec"] != "memcpy"]
    return [word for spec in found for word in ("-c", spec)]


def bench(name: str, data: Path) -> None:
    what, *options = BENCHES[name]
    command = [
        "n1codec",
        "bench",
        str(data / what),
        *options,
        *specs(name),
        "--repeat",
        "1" if what == "neuralink" else "3",
        "--json",
        str((KEPT / f"{name}.json").relative_to(ROOT)),
    ]
    subprocess.run([str(Path(sys.executable).parent / command[0]), *command[1:]], check=True, cwd=ROOT)


def script(name: str, *words: str) -> None:
    subprocess.run([sys.executable, str(ROOT / "scripts" / name), *words], check=True, cwd=ROOT)


def pages() -> None:
    """Write all pages from what was measured."""
    tables = [str(path) for name in BENCHES if name != "threads" and (path := KEPT / f"{name}.json").exists()]
    if tables:
        script("make_results.py", *tables)
    threads = KEPT / "threads.json"
    script("make_groups.py", *(["--threads", str(threads)] if threads.exists() else []))
    script("make_summary.py")
    script("make_pictures.py")
    every = KEPT / "every.json"
    if every.exists():
        report = KEPT / "report"
        program = Path(sys.executable).parent / "n1codec"
        subprocess.run([str(program), "report", str(every), "-o", str(report)], check=True, cwd=ROOT)
        for ground in ("", "-dark"):
            shutil.copy(
                report / "figures" / f"ratio-encode{ground}.svg", ROOT / "docs" / "images" / f"ratio-speed{ground}.svg"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    every = (*SCRIPTS, *BENCHES)
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=every,
        metavar="RUN,...",
        help=f"some of {', '.join(every)}",
    )
    parser.add_argument("--no-run", action="store_true", help="write pages and pictures from what is there")
    options = parser.parse_args()
    if unknown := set(options.only) - set(every):
        parser.error(f"--only: there is no {min(unknown)}")
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in () if options.no_run else options.only:
        if name in SCRIPTS:
            script(SCRIPTS[name], str(options.data))
        else:
            bench(name, options.data)
    pages()


if __name__ == "__main__":
    main()
