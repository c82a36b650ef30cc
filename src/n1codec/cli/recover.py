"""``n1codec recover``: what is left of a damaged or unfinished file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from n1codec.cli import complain, options
from n1codec.cli.batch import Outcome, quiet_damage, run
from n1codec.cli.jobs import SUFFIX, Job, find_encoded, plan
from n1codec.cli.newfile import NewFile, make_folder, spooled_input
from n1codec.cli.progress import FileBar
from n1codec.errors import CorruptError

EXAMPLES: Final = (
    "n1codec recover run.wav.n1c",
    "n1codec recover run.wav.n1c -o saved.n1c",
)


def recover(
    inputs: options.Encoded,
    output: options.Output = None,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Save what is left of damaged, cut or unfinished .n1c files in new, healthy ones.

    run.wav.n1c becomes run.recovered.wav.n1c beside it. Every chunk whose hash is right is kept and none is invented; what is
    missing is listed. The damaged file is only read.

    Exit code: 0 if nothing was lost, 1 if something was (what is left has been written) or there was nothing to save, 2 for a
    mistake in the command line.
    """
    with quiet_damage():
        jobs, failures = plan(inputs, output, find=find_encoded, rename=recovered_name)
        run(jobs, failures, lambda job, bar: _recover_one(job, bar, force), done="saved", quiet=quiet, verbose=verbose)


def recovered_name(path: Path) -> str:
    """Return the name of what is left of a file."""
    name = Path(path.stem if path.suffix.lower() == SUFFIX else path.name)
    return f"{name.stem}.recovered{name.suffix}{SUFFIX}"


def _recover_one(job: Job, bar: FileBar, force: bool) -> Outcome:
    if job.source is None:
        with spooled_input(SUFFIX) as path:
            return _recover(path, job, bar, force)
    return _recover(job.source, job, bar, force)


def _recover(source: Path, job: Job, bar: FileBar, force: bool) -> Outcome:
    from n1codec import container

    if job.target is not None:
        make_folder(job.target.parent)
    with NewFile(job.target, force=force, like=job.source) as new:
        report = container.recover(source, new.path, overwrite=True, progress=bar)
        new.commit()
        size = new.size
    if not report.complete:
        for one in report.lost:
            complain(CorruptError(f"lost: {one}"), job.name)
        for doubt in report.doubts:
            complain(CorruptError(f"what was saved is marked: {doubt}"), job.name)
        raise CorruptError(f"{report.summary}; written to {job.target or 'stdout'}")
    return Outcome(bytes_in=source.stat().st_size, bytes_out=size, notes=("nothing lost",), details=(report.summary,))
