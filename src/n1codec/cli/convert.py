"""``n1codec convert``: from one kind of recording file to another."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from n1codec.cli import options
from n1codec.cli.batch import Outcome, quiet_damage, run
from n1codec.cli.cbin import write_cbin
from n1codec.cli.encode import encode_one, encoded_name
from n1codec.cli.jobs import CBIN, SUFFIX, Job, encoded_below, find_encoded, plan
from n1codec.cli.newfile import STDIO, NewFile, commit_all, make_folder, new_companion
from n1codec.cli.progress import FileBar
from n1codec.cli.sources import SampleSource, compare, counted_pieces, expect_equal, open_samples
from n1codec.errors import CorruptError, FileError, FormatError, ParameterError

if TYPE_CHECKING:
    from n1codec.container import RecordingFile

TEXT_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt"})
KINDS: Final = ("n1c", "wav", "spikeglx", "npy", "raw", "cbin")

EXAMPLES: Final = (
    "n1codec convert run.ap.bin.n1c -o run.npy",
    "n1codec convert session.dat --dtype int16 --channels 4 --rate 15000 -o session.wav",
    "n1codec convert archive/ --to n1c -9 -o smaller/",
    "n1codec convert run.ap.bin.n1c --to cbin",
)


def convert(
    inputs: options.Convertibles,
    output: options.Output = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="KIND",
            help="n1c, wav, spikeglx, npy, raw or cbin.",
            show_default="by the name of OUT",
            rich_help_panel=options.FILES,
        ),
    ] = None,
    force: options.Force = False,
    codec: options.Codec = None,
    level: options.Level = None,
    verify: options.Verify = True,
    chunk: options.Chunk = None,
    threads: options.Threads = 0,
    dtype: options.Dtype = None,
    channels: options.Channels = None,
    rate: Annotated[
        float | None,
        typer.Option(
            metavar="HZ",
            help="Samples a second, of files that do not say, or to be written instead of what they say.",
            rich_help_panel=options.SOURCE,
        ),
    ] = None,
    channels_first: options.ChannelsFirst = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Write the samples of recordings into files of another kind.

    Every sample stays what it is; what a kind of file cannot hold is refused: WAV takes uint8, int16, int32, float32
    and float64 at a whole number of Hz (beyond 4 GB as RF64), SpikeGLX int16. What only the old file has (other
    chunks of a WAV, say) is not carried over: `n1codec decode` gives the old file back. The .meta of SpikeGLX is kept
    where there is one, else a new one says what is known, which is not the gains. A .n1c is made from a recording as
    `n1codec encode` does, and from a .n1c by encoding it anew, with all that is in it. .bin is SpikeGLX; .dat and
    .raw are headerless and little-endian. A .cbin is mtscomp's, with its .ch: made from a .n1c that came from one, it is
    the very file where zlib is the same, and whether it is is said; the samples are the same in any case.

    Outputs are read back and compared (--no-verify leaves that out). With --to, outputs lie beside the inputs or in the
    folder -o, under their names with another extension.

    Exit code: 0 if all was converted, 1 if a file failed (the others are done all the same), 2 for a mistake in
    the command line.
    """
    wanted = _kind(kind, output)
    spec = options.codec_spec(codec, level)
    if wanted != "n1c" and (codec or level or chunk):
        raise ParameterError("--codec, levels and --chunk are for outputs that are .n1c")
    source_options = options.check_source(dtype, channels, rate, channels_first)
    settings: dict[str, Any] = {
        "codec": spec,
        "threads": options.thread_count(threads),
        "chunk_seconds": options.chunk_seconds(chunk),
        "verify": verify,
    }
    headerless = None not in (dtype, channels, rate)

    def work(job: Job, bar: FileBar) -> Outcome:
        with open_samples(job, settings["threads"], source_options) as source:
            if source.recording is not None:
                source.recording.check()
            if wanted == "cbin":
                return write_cbin(source, job, rate, bar, settings, force=force)
            if wanted != "n1c":
                return _write_samples(source, job, wanted, rate or source.rate, bar, verify=verify, force=force)
            if source.recording is not None:
                return encode_one(source.recording, job, bar, settings, force=force, keep=True)
            assert source.encoded is not None
            return _encode_anew(source.encoded, job, bar, settings, force=force)

    with quiet_damage():
        jobs, failures = plan(
            inputs, output, find=lambda path: _find(path, headerless), rename=lambda path: converted_name(path, wanted)
        )
        run(jobs, failures, work, done="converted", quiet=quiet, verbose=verbose)


def _kind(kind: str | None, output: str | None) -> str:
    """Return the kind of the output: what ``--to`` says, or the name after ``-o``."""
    from n1codec.formats import write

    if kind is None:
        if output is not None and output != STDIO and not options.is_folder(output):
            path = Path(output)
            own = {SUFFIX: "n1c", CBIN: "cbin"}
            kind = own.get(path.suffix.lower()) or write.format_for(path)
        if kind is None:
            text = output is not None and Path(output).suffix.lower() in TEXT_SUFFIXES
            more = "; text is what `n1codec cat` writes" if text else ""
            raise ParameterError(f"give --to KIND, one of {', '.join(KINDS)}, or -o with an extension that tells{more}")
    kind = kind.lower()
    if kind not in KINDS:
        raise ParameterError(f"--to {kind}: known are {', '.join(KINDS)}")
    return kind


def _find(path: Path, headerless: bool) -> list[Path]:
    """Return the recordings and the .n1c files that a path stands for."""
    from n1codec import formats

    if not path.is_dir():
        return find_encoded(path) if path.suffix.lower() == SUFFIX else formats.find([path], headerless=headerless)
    found = encoded_below(path)
    with contextlib.suppress(FormatError):  # all folders can be read: there is no recording
        found += formats.find([path], headerless=headerless)
    if not found:
        raise FormatError(str(path), "no recording found")
    return sorted(found)


def converted_name(path: Path, kind: str) -> str:
    """Return the name of a file when it is of another kind: its extensions give way to the new one."""
    from n1codec.formats import write

    if kind == "n1c" and path.suffix.lower() != SUFFIX:
        return encoded_name(path)
    name = Path(path.stem) if path.suffix.lower() == SUFFIX else Path(path.name)
    if kind == "n1c":
        return f"{name}{SUFFIX}"
    if write.format_for(name) is not None or name.suffix.lower() in (".meta", CBIN):
        name = Path(name.stem)
    return name.name + (CBIN if kind == "cbin" else write.SUFFIXES[kind])


def _write_samples(
    source: SampleSource, job: Job, kind: str, rate: float, bar: FileBar, *, verify: bool, force: bool
) -> Outcome:
    """Write samples as another kind of file."""
    from n1codec import formats
    from n1codec.formats import write

    layout = source.layout(0, source.n_samples)
    restore = write.plan(kind, layout, rate)
    if job.target is not None:
        make_folder(job.target.parent)
    frame_bytes = source.channels * source.dtype.itemsize
    with contextlib.ExitStack() as files:
        new = files.enter_context(NewFile(job.target, force=force, suffix=write.SUFFIXES[kind]))
        bar.describe(frame_bytes, source.rate, written=lambda: new.size)
        size = write.write(new.handle, restore, layout, counted_pieces(source, bar))
        new.sync()
        written = [new]
        if kind == "spikeglx" and job.target is not None:
            written = [*_new_meta(source, job.target, rate, size, files, force=force), new]
        if verify:
            unsaid: dict[str, Any] = {} if kind == "wav" else {"rate": rate}
            if kind in ("raw", "spikeglx"):  # the .meta has its name only later
                unsaid |= {"dtype": source.dtype.newbyteorder("<").str, "channels": layout.channels}
            with formats.open_recording(new.path, **unsaid) as again:
                compare(source, again, rate)
        if source.recording is not None:
            source.recording.check_unchanged()
        commit_all(written)
    return Outcome(
        bytes_in=source.opened.path.stat().st_size,
        bytes_out=size,
        seconds=source.n_samples / source.rate,
        raw_bytes=layout.nbytes,
        notes=("verified" if verify else "not verified",),
        details=(source.shape_text,),
        remarks=source.remarks,
    )


def _new_meta(
    source: SampleSource, target: Path, rate: float, size: int, files: contextlib.ExitStack, *, force: bool
) -> list[NewFile]:
    """Write the .meta of a SpikeGLX recording under a temporary name, unless it is there already and says the same."""
    from n1codec.formats import spikeglx, write

    path = target.with_suffix(".meta")
    if path == target:
        raise FileError(str(target), "is where the .meta goes: give the .bin another name")
    old = source.companion(".meta")
    if old is not None and rate == source.rate:
        text = spikeglx.with_size(old, size)
    else:
        text = write.spikeglx_meta(source.channels, rate, size, source.channel_names)
    return new_companion(path, text, files, force=force)


def _encode_anew(source: RecordingFile, job: Job, bar: FileBar, settings: dict[str, Any], *, force: bool) -> Outcome:
    """Encode the samples of a .n1c file with another codec; all else in it stays."""
    from n1codec import container
    from n1codec.container.learned import widths_of

    if job.target is not None:
        make_folder(job.target.parent)
    if source.missing or source.damaged:
        first = (*source.damaged, *map(str, source.missing))[0]
        raise CorruptError(f"{job.name}: {first}; `n1codec recover` saves what is left")
    with NewFile(job.target, force=force, like=job.source, suffix=SUFFIX) as new:
        bar.describe(source.channels * source.dtype.itemsize, source.rate, written=lambda: new.size)
        with container.Writer(
            new.handle,
            dtype=source.dtype,
            rate=source.rate,
            channels=source.shape[1] if len(source.shape) == 2 else None,
            codec=settings["codec"],
            chunk_seconds=settings["chunk_seconds"],
            threads=settings["threads"],
            metadata=source.metadata,
            channel_names=source.channel_names,
            gains=source.gains,
            offsets=source.offsets,
            start_time=source.start_time,
            restore=source.restore,
            sidecars=source.sidecars,
            widths=widths_of(
                partial(source.read, 0), source.shape, source.dtype, settings["codec"], threads=settings["threads"]
            ),
        ) as writer:
            for start, samples in source.iter_chunks():
                writer.append(samples)
                bar(start + len(samples), source.n_samples)
        new.sync()
        if settings["verify"]:
            with container.open(new.path, threads=settings["threads"]) as again:
                if again.shape != source.shape or again.dtype != source.dtype:
                    raise CorruptError(f"{new.path}: reads back as {again.dtype} {again.shape}")
                for start, samples in source.iter_chunks():
                    expect_equal(new.path, samples, again.read(start, start + len(samples)), start)
        new.commit()
        size = new.size
    return Outcome(
        bytes_in=source.file_bytes,
        bytes_out=size,
        seconds=source.seconds,
        raw_bytes=source.n_samples * source.channels * source.dtype.itemsize,
        notes=("verified" if settings["verify"] else "not verified",),
        details=(f"codec {source.spec} -> {settings['codec']}",),
    )
