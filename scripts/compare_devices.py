"""Compare n1 with other codecs on recordings of many devices, each encoded as one array, decoded and compared.

    python scripts/compare_devices.py [FOLDER] [--levels 1,5,9] [--peers] [--jobs 2] [--write]
    python scripts/compare_devices.py --reverse | --permute | --divide 3 | --pad
    python scripts/compare_devices.py --least 1:1.03,5:1.10,9:1.13 --lost 0.5 --inverted 0.1

FOLDER holds .npy files of integers (frames, channels); its INDEX.tsv tells rates and origins, its PEERS.tsv the bytes of
peers, where they are there. Peers are measured with --peers, where the samples are altered, and where PEERS.tsv does not
know a recording. Prints tables in Markdown; --write puts them into docs/results.md, and what they say into README.md. Exit
code: 0; 1 if a promise that is asked for does not hold, or a recording cannot be read or does not come back; 2 for a mistake
in the command line.
"""

from __future__ import annotations

import argparse
import datetime
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import device_tables as tables
import sections
from check_levels import inversions
from devices import PEERS, Known, Plan, Row, measure, recordings
from n1codec import registry
from n1codec.bench.machine import this_machine
from n1codec.errors import N1Error

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "results.md"
README: Final = ROOT / "README.md"
SCRIPT: Final = "scripts/compare_devices.py"
FOLDER: Final = Path("../shared/data/devices")

LOST: Final = 0.5
"""Percent by which a recording counts as lost clearly, unless told otherwise."""
INVERTED: Final = 0.1
"""Percent by which a level may be larger than a lower one, unless told otherwise."""
GROWTH: Final = 0.5
"""Percent by which half as many zeros again may lengthen what is encoded."""


def _levels(text: str) -> tuple[int, ...]:
    levels = tuple(sorted({int(word) for word in text.split(",")}))
    if not levels or not all(1 <= level <= 9 for level in levels):
        raise ValueError(text)
    return levels


def _least(text: str) -> dict[int, float]:
    pairs = [word.split(":") for word in text.split(",")]
    return {int(level): float(least) for level, least in pairs}


def _whole(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--levels", type=_levels, default=(1, 5, 9), help="of n1, such as 1,5,9")
    parser.add_argument("--peers", action="store_true", help="measure the peers anew, their time too")
    parser.add_argument("--peer", action="append", default=[], metavar="SPEC", help="one more peer; means --peers")
    parser.add_argument("--no-floor", action="store_true", help="leave the floor out, which takes seconds a recording")
    parser.add_argument("--reverse", action="store_true", help="the last frame first")
    parser.add_argument("--permute", action="store_true", help="channels in another order, the same each time")
    parser.add_argument("--divide", type=_whole, default=1, metavar="N", help="all samples // N")
    parser.add_argument(
        "--pad", action="store_true", help=f"append half as many zeros: at most {GROWTH:g} %% more bytes"
    )
    parser.add_argument("--jobs", type=_whole, default=1, help="recordings at a time; times suffer a little")
    parser.add_argument("--least", type=_least, default={}, help="promise: geometric means, such as 1:1.03,5:1.10")
    parser.add_argument(
        "--lost", type=float, metavar="PERCENT",
        help="promise: none is larger than its best peer by more; at level 1, if peers are timed, than those as fast",
    )  # fmt: skip
    parser.add_argument(
        "--inverted", type=float, metavar="PERCENT", help="promise: no level larger than a lower one by more"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/results.md, and what they say into README.md"
    )
    options = parser.parse_args(words)
    if unknown := set(options.least) - set(options.levels):
        parser.error(f"--least: level {min(unknown)} is not measured")
    if options.pad and (options.write or options.least or options.lost is not None):
        parser.error("--pad compares n1 with itself: it goes with no --write, --least or --lost")
    for spec in options.peer:
        try:
            registry.entry(spec.rpartition("+")[2].partition(":")[0])
        except N1Error as error:
            parser.error(f"--peer: {error}")
    return options


def run(options: argparse.Namespace, known: Known) -> list[Row]:
    """Measure all recordings, telling on standard error how far it is."""
    peers = (*PEERS, *options.peer) if options.peers or options.peer else ()
    plan = Plan(
        options.levels, peers, not options.no_floor, options.pad, options.reverse, options.permute, options.divide
    )
    paths = list(recordings(options.folder))
    begin = time.monotonic()
    rows: dict[str, Row] = {}
    for row in _measured(paths, plan, known, options.jobs):
        rows[row.name] = row
        said = "failed" if row.error else ", ".join(f"level {level}: {size:,}" for level, size in row.sizes.items())
        print(
            f"[{len(rows)}/{len(paths)}, {time.monotonic() - begin:.0f} s] {row.name}: {said}",
            file=sys.stderr,
            flush=True,
        )
        for reason in row.missing:
            print(f"  not measured: {reason}", file=sys.stderr, flush=True)
    return [rows[path.stem] for path in paths]


def _measured(paths: Sequence[Path], plan: Plan, known: Known, jobs: int) -> Iterator[Row]:
    if jobs == 1:
        yield from (measure(path, plan, known) for path in paths)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(measure, path, plan, known) for path in paths]
        try:
            yield from (future.result() for future in as_completed(futures))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def broken(rows: Sequence[Row], options: argparse.Namespace) -> Iterator[str]:
    """Give each promise that does not hold, in words."""
    rivals = [row for row in rows if row.peers]
    for level, least in options.least.items():
        found = tables.gain(rows, level)
        if not found >= least:
            yield f"level {level}: the geometric mean is {found:.4f}, and not {least:g} or more"
    for row in rows:
        if row.padded:
            yield from (
                f"{row.name}: level {level} grows by {tables.growth(row, level):.2f} % with zeros appended"
                for level in options.levels if not tables.growth(row, level) < GROWTH
            )  # fmt: skip
        if options.inverted is not None:
            yield from (f"{row.name}: {words}" for words in inversions(row.sizes, options.inverted))
    for row in rivals if options.lost is not None else ():
        for level in options.levels:
            over = row.over_as_fast(level) if level == 1 and row.peer_seconds else row.over_best(level)
            if over > options.lost:
                yield f"{row.name}: level {level} is {over:.2f} % larger than a peer"


def main(words: Sequence[str] | None = None) -> int:
    options = arguments(words)
    begin, machine = datetime.datetime.now(datetime.UTC), this_machine()
    try:
        known = Known.of(options.folder)
        rows = run(options, known)
    except N1Error as error:
        print(error, file=sys.stderr)
        return 1
    whole = [row for row in rows if row.error is None]
    if options.pad:
        print(tables.padded_table(whole, options.levels))
    elif whole:
        limit = LOST if options.lost is None else options.lost
        text = tables.all_tables(
            whole, options.levels, limit, INVERTED if options.inverted is None else options.inverted
        )
        print(text)
    failed = [*(row.error for row in rows if row.error), *broken(whole, options)]
    for reason in failed:
        print(reason, file=sys.stderr)
    if options.write and whole and len(whole) == len(rows):
        command = shlex.join(["python", SCRIPT, *(sys.argv[1:] if words is None else words)])
        when = begin.isoformat(timespec="seconds")
        put(PAGE, tables.section(whole, text, options.levels, known, command, when, machine))
        said = tables.verdict(whole, options.levels)
        put(README, tables.wrapped(f"{said} [Each of them](docs/results.md#other-devices), with the command."))
    return 1 if failed else 0


def put(page: Path, text: str) -> None:
    """Put the text into its place on a page."""
    found = sections.replaced(page.read_text(encoding="utf-8"), "devices", SCRIPT, text)
    if found is None:
        raise SystemExit(f"{page.name} has no place for the devices")
    page.write_text(found, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
