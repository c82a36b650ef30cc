"""``n1codec encode``: recordings into ``.n1c`` files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from n1codec.cli import options
from n1codec.cli.batch import Outcome, counted, files_at_once, quiet_damage, run
from n1codec.cli.cbin import comes_back
from n1codec.cli.jobs import CBIN, SUFFIX, Job, plan
from n1codec.cli.newfile import STDIO, NewFile, make_folder, remove_source, stamp
from n1codec.cli.progress import FileBar
from n1codec.cli.sources import open_recording, shape_text
from n1codec.errors import FormatError, ParameterError

if TYPE_CHECKING:
    from n1codec.formats import RecordingReader

EXAMPLES: Final = (
    "n1codec encode run.wav",
    "n1codec encode -9 --rm recordings/ -o archive/",
    "n1codec encode session.dat --dtype int16 --channels 32 --rate 30000",
    "record | n1codec encode - --dtype int16 --channels 4 --rate 20000 -o run.n1c",
)


def encode(
    inputs: options.Recordings,
    output: options.Output = None,
    force: options.Force = False,
    keep: options.Keep = True,
    codec: options.Codec = None,
    level: options.Level = None,
    verify: options.Verify = True,
    chunk: options.Chunk = None,
    threads: options.Threads = 0,
    dtype: options.Dtype = None,
    channels: options.Channels = None,
    rate: options.Rate = None,
    channels_first: options.ChannelsFirst = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Encode recordings without loss into .n1c files.

    RECORDING becomes RECORDING.n1c beside it: run.wav becomes run.wav.n1c, and `n1codec decode` gives run.wav back,
    byte for byte. The .meta of a SpikeGLX recording is kept in the .n1c as well. Of a .cbin of mtscomp the .bin that it
    stands for is encoded, checked by the hashes of its .ch, which is kept, too: run.cbin becomes run.bin.n1c. A folder
    is searched for recordings, hidden ones left out; with -o FOLDER the outputs lie there as the inputs lay in theirs.
    Standard input goes to standard output.

    An output gets its name only once it is complete, on the disk, and was read back and compared with its input (--no-verify
    leaves that out). Existing files are overwritten only with -f. --rm removes a recording once its output is verified; a .meta
    is small, and stays.

    Exit code: 0 if all was encoded, 1 if a file failed (the others are done all the same), 2 for a mistake in
    the command line.
    """
    if not keep and not verify:
        raise ParameterError("--rm needs --verify: an input is removed only if its output was compared with it")
    spec = options.codec_spec(codec, level)
    source_options = options.check_source(dtype, channels, rate, channels_first)
    settings: dict[str, Any] = {
        "codec": spec,
        "threads": options.thread_count(threads),
        "chunk_seconds": options.chunk_seconds(chunk),
        "verify": verify,
    }
    headerless = None not in (dtype, channels, rate)
    jobs, failures = plan(inputs, output, find=lambda path: find_recordings(path, headerless), rename=encoded_name)
    if not keep and (output == STDIO or any(job.target is None for job in jobs)):
        raise ParameterError("--rm needs an output in a file")

    at_once = files_at_once(jobs, settings["threads"])
    settings["threads"] = max(1, settings["threads"] // at_once)

    def work(job: Job, bar: FileBar) -> Outcome:
        with open_recording(job, source_options) as source:
            return encode_one(source, job, bar, settings, force=force, keep=keep)

    with quiet_damage():  # what is odd about a recording is said in lines of its own
        run(jobs, failures, work, done="encoded", quiet=quiet, verbose=verbose, at_once=at_once)


def find_recordings(path: Path, headerless: bool) -> list[Path]:
    """Return the recordings that a path stands for."""
    from n1codec import formats

    if path.suffix.lower() == SUFFIX and path.is_file():
        raise FormatError(str(path), "is encoded already; `n1codec convert` encodes it anew")
    return formats.find([path], headerless=headerless)


def encoded_name(path: Path) -> str:
    """Return the name of the .n1c of a recording: of a .cbin, that of the .bin which it stands for."""
    return (path.stem + ".bin" if path.suffix.lower() == CBIN else path.name) + SUFFIX


def _removed(keep: bool, kept: bool) -> tuple[str, ...]:
    if kept:
        return ("input kept: zlib packs otherwise here, and would not give its bytes again",)
    return () if keep else ("input removed",)


def encode_one(
    source: RecordingReader, job: Job, bar: FileBar, settings: dict[str, Any], *, force: bool, keep: bool
) -> Outcome:
    """Encode one open recording."""
    from n1codec import container

    if job.target is not None:
        make_folder(job.target.parent)
    before = stamp(source.path)
    with NewFile(job.target, force=force, like=job.source) as new:
        frame_bytes = source.channels * source.dtype.itemsize
        bar.describe(frame_bytes, source.rate, written=lambda: new.size)
        report = container.encode_file(source, new.handle, progress=bar, **settings)
        # What is removed must come back; a .cbin does where zlib packs as it did.
        kept = not keep and source.format == "mtscomp" and not comes_back(source, settings["threads"])
        source.check_unchanged()
        new.commit()
        if not keep and not kept and job.source is not None:
            remove_source(source.path, before, new)
    return Outcome(
        bytes_in=report.source_bytes,
        bytes_out=report.encoded_bytes,
        seconds=source.seconds,
        raw_bytes=report.source_bytes,
        notes=("verified" if report.verified else "not verified", *_removed(keep, kept)),
        remarks=source.notes,
        details=(
            f"{shape_text(source)}, from {source.format}",
            f"codec {settings['codec']}, {counted(settings['threads'], 'thread')}",
        ),
    )
