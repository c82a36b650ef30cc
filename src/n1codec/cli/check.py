"""``n1codec test``: whether everything in a file is as it was written."""

from __future__ import annotations

from typing import Final

from n1codec.cli import complain, options
from n1codec.cli.batch import Outcome, counted, quiet_damage, run
from n1codec.cli.decode import opened
from n1codec.cli.jobs import Job, find_encoded, plan
from n1codec.cli.progress import FileBar
from n1codec.errors import CorruptError

MAX_PROBLEMS: Final = 20
"""Most problems of one file that are printed."""

EXAMPLES: Final = (
    "n1codec test run.wav.n1c",
    "n1codec test archive/ && echo all intact",
)


def check(
    inputs: options.Encoded,
    threads: options.Threads = 0,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Decode .n1c files and check every CRC and hash, without writing anything.

    Exit code: 0 if all files are intact, 1 if one is damaged or cannot be read, 2 for a mistake in the command line.
    """
    count = options.thread_count(threads)
    with quiet_damage():
        jobs, failures = plan(inputs, None, find=find_encoded, rename=lambda path: path.name + ".tested")
        run(jobs, failures, lambda job, bar: _test_one(job, bar, count), done="tested", quiet=quiet, verbose=verbose)


def _test_one(job: Job, bar: FileBar, threads: int) -> Outcome:
    with opened(job, threads) as recording:
        frame_bytes = recording.channels * recording.dtype.itemsize
        bar.describe(frame_bytes, recording.rate)
        report = recording.verify(progress=bar)
        problems = list(dict.fromkeys((*recording.damaged, *report.problems)))
        if not report.ok or problems:
            if len(problems) > 1:
                for problem in problems[:MAX_PROBLEMS]:
                    complain(CorruptError(problem), job.name)
                raise CorruptError(f"damaged: {len(problems)} problems; `n1codec recover` saves what is left")
            problem = problems[0] if problems else "damaged"
            raise CorruptError(f"{problem}; `n1codec recover` saves what is left")
        return Outcome(
            bytes_in=recording.file_bytes,
            bytes_out=recording.n_samples * frame_bytes,
            seconds=recording.seconds,
            raw_bytes=recording.n_samples * frame_bytes,
            notes=("intact",),
            details=(f"codec {recording.spec}, {counted(report.chunks, 'chunk')}, {report.samples:,} samples",),
        )
