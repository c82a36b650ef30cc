"""``n1codec decode``: the recordings back, byte for byte."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from n1codec.cli import options
from n1codec.cli.batch import Outcome, counted, files_at_once, quiet_damage, run
from n1codec.cli.jobs import CBIN, SUFFIX, Job, find_encoded, plan
from n1codec.cli.newfile import (
    STDIO,
    NewFile,
    commit_all,
    make_folder,
    new_companion,
    remove_source,
    spooled_input,
    stamp,
)
from n1codec.cli.progress import FileBar
from n1codec.errors import CorruptError, FileError, FormatError, ParameterError

if TYPE_CHECKING:
    from n1codec.container import RecordingFile

COMPANIONS: Final = (".meta", ".ch")

EXAMPLES: Final = (
    "n1codec decode run.wav.n1c",
    "n1codec decode archive/ -o recordings/",
    "n1codec decode run.wav.n1c -o - | player",
)


def decode(
    inputs: options.Encoded,
    output: options.Output = None,
    force: options.Force = False,
    keep: options.Keep = True,
    threads: options.Threads = 0,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Give back the recordings in .n1c files, byte for byte.

    run.wav.n1c becomes run.wav beside it; a name without .wav, .bin, .npy or the like before its .n1c gets the extension of
    what was encoded. A SpikeGLX recording becomes a .bin and a .meta (a .meta that is there already and says the same
    stays). Folders are searched for .n1c files; with -o FOLDER the outputs lie there as the inputs lay in theirs.

    Every hash is checked before an output gets its name; a damaged file leaves nothing behind, and `n1codec recover` saves
    what is left of it. Existing files are overwritten only with -f. --rm removes an input once its output is complete.

    Exit code: 0 if all was decoded, 1 if a file failed (the others are done all the same), 2 for a mistake in
    the command line.
    """
    count = options.thread_count(threads)
    with quiet_damage():
        jobs, failures = plan(inputs, output, find=find_encoded, rename=decoded_name)
        if not keep and (output == STDIO or any(job.target is None for job in jobs)):
            raise ParameterError("--rm needs an output in a file")

        at_once = files_at_once(jobs, count)

        def work(job: Job, bar: FileBar) -> Outcome:
            with opened(job, max(1, count // at_once)) as recording:
                return decode_one(recording, job, bar, force=force, keep=keep)

        run(jobs, failures, work, done="decoded", quiet=quiet, verbose=verbose, at_once=at_once)


def decoded_name(path: Path) -> str:
    """Return the name of what a .n1c file decodes to."""
    from n1codec import container
    from n1codec.formats import write

    if path.suffix.lower() != SUFFIX:
        raise FormatError(str(path), f"the name does not end in {SUFFIX}: give the output's with -o")
    name = Path(path.stem)
    if name.suffix.lower() == CBIN:  # packs what is given back
        name = name.with_suffix(".bin")
    if write.format_for(name) is not None:
        return name.name
    with container.open(path) as recording:
        if recording.source_format == "raw" and name.suffix:  # headerless files have any extension
            return name.name
        return name.name + write.SUFFIXES.get(recording.source_format or "", "")


@contextlib.contextmanager
def opened(job: Job, threads: int) -> Iterator[RecordingFile]:
    """Open the .n1c file of a job."""
    from n1codec import container

    if job.source is not None:
        with container.open(job.source, threads=threads) as recording:
            yield recording
        return
    with spooled_input(SUFFIX) as path, container.open(path, threads=threads) as recording:
        yield recording


def decode_one(recording: RecordingFile, job: Job, bar: FileBar, *, force: bool, keep: bool) -> Outcome:
    """Decode one open file."""
    if recording.source_format is None:
        raise FormatError(
            job.name, "was not made from a file that could be given back; `n1codec convert` writes its samples"
        )
    before = stamp(recording.path)
    if job.target is not None:
        make_folder(job.target.parent)
    with contextlib.ExitStack() as files:
        new = files.enter_context(NewFile(job.target, force=force, like=job.source))
        companions = _companions(recording, job, files, force=force)
        bar.describe(recording.channels * recording.dtype.itemsize, recording.rate)
        try:
            size = recording.restore_to(new.handle, progress=bar)
        except CorruptError as error:
            if "recover" in error.reason:
                raise
            raise type(error)(f"{error.reason}; `n1codec recover` saves what is left", error.offset) from error
        commit_all([*companions, new])
        if not keep:
            remove_source(recording.path, before, new)
    notes = ["every hash right"]
    if recording.sidecars:
        notes.append(f"with{'' if job.target is not None else 'out'} its {' and '.join(sorted(recording.sidecars))}")
    return Outcome(
        bytes_in=recording.file_bytes,
        bytes_out=size,
        seconds=recording.seconds,
        raw_bytes=size,
        notes=(*notes, *([] if keep else ["input removed"])),
        details=(f"codec {recording.spec}, {counted(len(recording.chunks), 'chunk')}",),
    )


def _companions(recording: RecordingFile, job: Job, files: contextlib.ExitStack, *, force: bool) -> list[NewFile]:
    """Write the .meta of a SpikeGLX recording, and mtscomp's .ch, under temporary names, if there are some to write.

    Whatever else a file claims to have had beside it is refused: names come from the command line, never from a file.
    """
    from n1codec.formats.spikeglx import spellings

    known = {name: suffix for suffix in COMPANIONS for name in spellings(suffix)}
    unknown = set(recording.sidecars) - set(known)
    if unknown or len({known[name] for name in recording.sidecars}) < len(recording.sidecars):
        name = min(unknown or recording.sidecars)
        raise CorruptError(f"{job.name}: holds a companion file of an unknown kind: {name!r}")
    new: list[NewFile] = []
    for suffix, content in recording.sidecars.items():
        if job.target is None:
            continue
        target = job.target.with_suffix(suffix)
        if target == job.target:
            raise FileError(str(target), f"is where the {suffix} goes: give the .bin another name")
        new += new_companion(target, content, files, force=force, like=job.source)
    return new
