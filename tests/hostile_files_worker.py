"""Do everything that can be done to a file with many hostile ones, in a process of its own.

Usage: ``python tests/hostile_files_worker.py fields|floods FOLDER``. Prints a line of JSON for each file: its name, its bytes,
the seconds and the mebibytes that it took; and for a fault, what it was.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hostile_files
import n1codec
from memory import peak_bytes
from n1codec import container
from n1codec.cli.info import describe


def everything(path: Path) -> None:
    """Open, describe, check and read a file, recover it and go on with it."""
    with n1codec.open(path) as recording:
        json.dumps(describe(recording, "a", chunks=False))
        verdict = recording.verify()
        for read in (lambda: recording[:10], lambda: recording[-1], lambda: recording.read(0, 10, fill=0)):
            quietly(read)
        quietly(lambda: next(recording.iter_chunks(), None))
        quietly(lambda: recording.restore_to(path.with_suffix(".raw"), overwrite=True))
    if not verdict.ok:
        raise n1codec.CorruptError(verdict.problems[0])


def quietly(step: Callable[[], Any]) -> None:
    """Do a step that may be refused."""
    with contextlib.suppress(
        n1codec.N1Error, IndexError
    ):  # a position beyond the last sample is an IndexError, as in NumPy
        step()


def recover(path: Path) -> None:
    container.recover(path, path.with_suffix(".saved.n1c"), overwrite=True)
    everything(path.with_suffix(".saved.n1c"))


def reopen(path: Path) -> None:
    again = path.with_suffix(".again.n1c")
    shutil.copyfile(path, again)
    n1codec.Writer.reopen(again, drop_source=True).close()


def main() -> None:
    warnings.simplefilter("ignore")
    os.fsync = lambda fd: None  # thousands of files wait for the disk else, and none has to outlive a crash
    folder = Path(sys.argv[2])
    files = hostile_files.field_by_field() if sys.argv[1] == "fields" else hostile_files.floods()
    for name, data in itertools.chain([("valid", hostile_files.tiny_chunks().pack())], files):
        path = folder / "a.n1c"
        path.write_bytes(data)
        before, started, fault, outcomes = peak_bytes(), time.process_time(), "", []
        for step in (everything, recover, reopen):
            try:
                step(path)
                outcomes.append("done")
            except n1codec.N1Error as error:
                outcomes.append(str(error)[:200])
            except Exception as error:
                fault = f"{step.__name__}: {type(error).__name__}: {error}"[:500]
        seconds, growth = time.process_time() - started, (peak_bytes() - before) >> 20
        facts = {"name": name, "bytes": len(data), "s": seconds, "MiB": growth, "fault": fault, "outcomes": outcomes}
        print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
