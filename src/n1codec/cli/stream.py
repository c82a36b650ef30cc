"""``n1codec stream``: packets over a network, a file or a pipe."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import typer

from n1codec.cli import complain, options
from n1codec.cli.batch import quiet_damage, say
from n1codec.cli.help import help_text
from n1codec.cli.jobs import Job
from n1codec.cli.sources import open_samples
from n1codec.errors import CorruptError, FileError, ParameterError, UnsupportedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from n1codec.stream.decoder import Decoded
    from n1codec.stream.recorder import Recorder

app = typer.Typer(help="Send a recording as packets of a few frames, and receive it.", no_args_is_help=True)

LINK: Final = "The link"
STREAM: Final = "The stream"
_PIECE: Final = 1 << 20
"""About how many samples are read at a time."""
_LOOKED_AT: Final = 1 << 21
"""Samples that are looked at for the converter, before anything is sent."""
_SYNTH_RATE: Final = 20_000.0
MOST_TOLD: Final = 20
"""Ranges of missing frames that are told one by one."""

Budget = Annotated[
    str,
    typer.Option(
        "--budget",
        metavar="TIME",
        help="How long a packet that is lost may be asked for: 5ms, say; 0: never.",
        rich_help_panel=LINK,
    ),
]


def seconds(name: str, text: str) -> float:
    """Return a time such as 5ms, 250us or 1.5 in seconds."""
    for unit, worth in (("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("", 1.0)):
        if text.endswith(unit):
            with contextlib.suppress(ValueError):
                value = float(text.removesuffix(unit) if unit else text) * worth
                if 0 <= value < 1e6:
                    return value
            break
    raise ParameterError(f"{name} must be a time such as 5ms, 250us or 1.5 (seconds), not {text!r}")


def send(
    input_: Annotated[
        str | None,
        typer.Argument(metavar="[IN]", help="A .n1c file or a recording; none with --synth.", show_default=False),
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="PLACE", help="udp://HOST:PORT, tcp://HOST:PORT, a file or -.", rich_help_panel=LINK
        ),
    ] = "-",
    profile: Annotated[str, typer.Option(metavar="PROFILE", help="full or lite.", rich_help_panel=STREAM)] = "full",
    frames: Annotated[
        int, typer.Option("--frames", metavar="1..20", help="Frames of a packet.", rich_help_panel=STREAM)
    ] = 5,
    key_every: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Time between keys: for links without a way back.",
            show_default="lite: 640 frames",
            rich_help_panel=STREAM,
        ),
    ] = None,
    independent: Annotated[
        bool, typer.Option("--independent", help="Make each packet a key.", rich_help_panel=STREAM)
    ] = False,
    learn: Annotated[
        bool,
        typer.Option(
            "--learn",
            help="Learn the widths of the converter's codes beforehand, and tell the receiver.",
            rich_help_panel=STREAM,
        ),
    ] = False,
    paced: Annotated[
        bool, typer.Option("--paced/--at-once", help="By the clock, or as fast as it goes.", rich_help_panel=STREAM)
    ] = True,
    stop: Annotated[
        str | None,
        typer.Option("--seconds", metavar="TIME", help="How much to send.", show_default="all", rich_help_panel=STREAM),
    ] = None,
    repeat: Annotated[
        bool,
        typer.Option("--repeat", help="Begin again at the recording's end, until --seconds.", rich_help_panel=STREAM),
    ] = False,
    synth: Annotated[
        int | None,
        typer.Option(
            "--synth",
            metavar="CHANNELS",
            help="Send a synthetic recording of so many channels.",
            rich_help_panel=options.SOURCE,
        ),
    ] = None,
    budget: Budget = "5ms",
    dtype: options.Dtype = None,
    channels: options.Channels = None,
    rate: options.Rate = None,
    channels_first: options.ChannelsFirst = False,
    quiet: options.Quiet = False,
) -> None:
    """Send a recording's frames in packets, at its own rate, and answer what the receiver asks for.

    Over UDP, packets that are lost are sent again while the budget lasts, and a key is sent when one is asked for. Over TCP,
    into a file or a pipe nothing is lost. A receiver may begin to listen at any time.

    Exit code: 0, 1 if the recording cannot be read or the link broke, 2 for a mistake in the command line.
    """
    from n1codec.stream import Encoder, recognise
    from n1codec.stream.links import MOST_DATAGRAM, Place, open_link
    from n1codec.stream.running import check_fits
    from n1codec.stream.running import send as run
    from n1codec.stream.sender import Sender

    place = Place.of("--to", to)
    allowed = seconds("--budget", budget)
    length = None if stop is None else seconds("--seconds", stop)
    every = None if key_every is None else seconds("--key-every", key_every)
    if (input_ is None) == (synth is None):
        raise ParameterError("give a recording to send, or --synth CHANNELS")
    if repeat and length is None:
        raise ParameterError("--repeat needs --seconds")
    given = options.check_source(dtype, channels, rate, channels_first)
    with quiet_damage(), contextlib.ExitStack() as stack:
        if synth is not None:
            source: _Source = _Synthetic(synth, rate, length)
        else:
            opened = stack.enter_context(
                open_samples(Job(None if input_ == "-" else Path(str(input_)), None), 1, given)
            )
            source = _Recorded(opened, repeat)
        converter = recognise(source.first(), learn=learn)
        encoder = Encoder(
            source.channels, source.rate, profile, frames, converter=converter, key_every=every, independent=independent
        )
        sender = Sender(encoder, budget=allowed)
        check_fits(sender, place.kind, MOST_DATAGRAM)
        n_frames = None if length is None else round(length * source.rate)
        link = open_link(place, listen=False)
        try:
            run(sender, link, _limited(source.pieces(), n_frames), paced=paced, tell=None if quiet else say)
        finally:
            link.close()


class _Source:
    channels: int
    rate: float

    def first(self) -> NDArray[Any]:
        raise NotImplementedError

    def pieces(self) -> Iterator[NDArray[Any]]:
        raise NotImplementedError


class _Recorded(_Source):
    """A recording, once or again and again."""

    def __init__(self, opened: Any, repeat: bool) -> None:
        self._opened, self._repeat = opened, repeat
        self.channels, self.rate = opened.channels, opened.rate
        if not self.rate:
            raise ParameterError("the recording does not say its rate: give --rate")
        if not opened.n_samples or not opened.channels:
            raise UnsupportedError("the recording has no samples")
        self._step = max(1, _PIECE // self.channels)

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        samples: NDArray[Any] = self._opened.read(start, min(stop, self._opened.n_samples))
        return samples.reshape(len(samples), self.channels)

    def first(self) -> NDArray[Any]:
        samples = self._read(0, max(2, _LOOKED_AT // self.channels))
        return samples.astype(samples.dtype.newbyteorder("="))

    def pieces(self) -> Iterator[NDArray[Any]]:
        while True:
            for at in range(0, self._opened.n_samples, self._step):
                yield self._read(at, at + self._step)
            if not self._repeat:
                return


class _Synthetic(_Source):
    """A second of a synthetic recording, again and again."""

    def __init__(self, channels: int, rate: float | None, length: float | None) -> None:
        from n1codec import synth

        if length is None:
            raise ParameterError("--synth needs --seconds")
        self.rate = rate if rate is not None else _SYNTH_RATE
        self.channels = channels
        few = synth.recording(seconds=1.0, channels=min(channels, 32), rate=self.rate, seed=1).reshape(
            -1, min(channels, 32)
        )
        self._samples = np.ascontiguousarray(few[:, np.arange(channels) % few.shape[1]])

    def first(self) -> NDArray[Any]:
        return self._samples

    def pieces(self) -> Iterator[NDArray[Any]]:
        while True:
            yield self._samples


def _limited(pieces: Iterator[NDArray[Any]], n_frames: int | None) -> Iterator[NDArray[Any]]:
    for piece in pieces:
        if n_frames is None:
            yield piece
            continue
        yield piece[:n_frames]
        n_frames -= len(piece[:n_frames])
        if not n_frames:
            return


def receive(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="udp://HOST:PORT, tcp://HOST:PORT, a file or -.", show_default=False)
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="A .n1c file that grows as it comes.", rich_help_panel=options.FILES
        ),
    ] = None,
    flush: Annotated[
        str,
        typer.Option(
            "--flush",
            metavar="TIME",
            help="How often what was received is made durable.",
            rich_help_panel=options.FILES,
        ),
    ] = "1s",
    budget: Budget = "5ms",
    one_way: Annotated[
        bool, typer.Option("--one-way", help="Ask for nothing: no packets, no keys.", rich_help_panel=LINK)
    ] = False,
    patience: Annotated[
        str,
        typer.Option(
            "--patience", metavar="TIME", help="End after so long without a packet; 0: never.", rich_help_panel=LINK
        ),
    ] = "5s",
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Receive a stream, say exactly which samples are missing, and write the rest to a .n1c file.

    Frames that are missing are samples of 0 in the file, so that time stays right; they are listed at the end. Latency is from
    a packet's first frame to its last one decoded, and is known where sender and receiver run on one machine.

    Exit code: 0 if every sample since the first came, 1 if some are missing (what came is written) or the stream broke off, 2
    for a mistake in the command line.
    """
    from n1codec.stream import Decoder
    from n1codec.stream.links import Place, open_link
    from n1codec.stream.receiver import Receiver
    from n1codec.stream.running import Receiving

    where = Place.of("PLACE", place)
    allowed, every, wait = seconds("--budget", budget), seconds("--flush", flush), seconds("--patience", patience)
    if output is not None and (options.is_folder(output) or output == "-"):
        raise FileError(output, "a .n1c file that grows must have a name")
    if output is not None and Path(output).exists() and not force:
        raise FileError(output, "exists: --force overwrites it")
    if output is not None:
        from n1codec.stream import recorder  # noqa: F401  # now, for there is no time later

    link = open_link(where, listen=True)
    receiver = Receiver(
        Decoder(None, None, None, None), budget=allowed if link.two_way else 0.0, ask=link.two_way and not one_way
    )
    taken = _Taken(receiver, output, every, force)
    receiving = Receiving(receiver, link, taken, tell=None if quiet else say, patience=wait)
    try:
        receiving.run()
    finally:
        link.close()
        taken.close()
    _conclude(receiving, taken, where, quiet)


class _Taken:
    """Keeps what comes, and which frames do not."""

    def __init__(self, receiver: Any, output: str | None, flush: float, force: bool) -> None:
        self._receiver, self._output, self._flush, self._force = receiver, output, flush, force
        self._recorder: Recorder | None = None
        self._session: int | None = None
        self.sessions = 0
        self.missing: list[tuple[int, int]] = []
        self.names: list[str] = []

    def __call__(self, decoded: Decoded) -> None:
        if len(decoded.frames) and decoded.session != self._session:
            self._another(decoded)
        for start, stop in decoded.missing:
            if self.missing and self.missing[-1][1] == start:
                self.missing[-1] = (self.missing[-1][0], stop)
            else:
                self.missing.append((start, stop))
            if self._recorder is not None:
                self._recorder.skip(stop - start)
        if self._recorder is not None and len(decoded.frames):
            self._recorder.write(decoded.frames)

    def _another(self, decoded: Decoded) -> None:
        """Begin a file: a sender that was started anew has one of its own."""
        from n1codec.stream.recorder import Recorder

        self.close()
        self._session = decoded.session
        self.sessions += 1
        if self._output is None:
            return
        path = Path(self._output)
        if self.sessions > 1:
            path = path.with_name(f"{path.stem}-{self.sessions}{path.suffix}")
        settings = self._receiver.decoder.settings
        self._recorder = Recorder(
            path, decoded.frames.dtype, settings.rate, settings.channels, flush=self._flush, overwrite=self._force
        )
        self.names.append(str(path))

    def close(self) -> None:
        if self._recorder is not None:
            recorder, self._recorder = self._recorder, None
            recorder.close()


def _conclude(receiving: Any, taken: _Taken, where: Any, quiet: bool) -> None:
    if not quiet:
        say(receiving.line())
        for line in receiving.latencies.histogram():
            say(line)
        for name in taken.names:
            say(f"written to {name}")
        if taken.sessions > 1:
            say(f"the sender began {taken.sessions} times")
    for start, stop in taken.missing[:MOST_TOLD]:
        complain(CorruptError(f"missing: frames {start:,} to {stop - 1:,}"), str(where))
    if len(taken.missing) > MOST_TOLD:
        complain(CorruptError(f"missing: {len(taken.missing) - MOST_TOLD:,} more stretches"), str(where))
    if not receiving.frames:
        raise CorruptError(f"{where}: no stream came")
    if taken.missing:
        raise CorruptError(
            f"{where}: {receiving.missing:,} frames are missing of {receiving.missing + receiving.frames:,}"
        )
    if not receiving.ended:
        raise CorruptError(f"{where}: the stream broke off after {receiving.frames:,} frames")


SEND: Final = (
    "n1codec stream send run.ap.bin.n1c --to udp://10.0.0.2:9000",
    "n1codec stream send run.wav --to tcp://localhost:9000 --profile lite --frames 10",
    "n1codec stream send --synth 1024 --seconds 60 --to udp://localhost:9000",
)
RECEIVE: Final = (
    "n1codec stream receive udp://:9000 -o live.n1c --flush 500ms",
    "n1codec stream receive packets.n1s --quiet && echo complete",
)
app.command("send", help=help_text(send, SEND))(send)
app.command("receive", help=help_text(receive, RECEIVE))(receive)
