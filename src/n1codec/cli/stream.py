"""``n1codec stream``: packets over a network, a file or a pipe."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from n1codec.cli import complain, options, stream_options
from n1codec.cli.batch import quiet_damage, say
from n1codec.cli.help import help_text
from n1codec.cli.jobs import Job
from n1codec.cli.sources import open_samples
from n1codec.cli.stream_options import seconds
from n1codec.cli.stream_sources import Recorded, Source, Synthetic, limited
from n1codec.errors import CorruptError, FileError, ParameterError

if TYPE_CHECKING:
    from n1codec.stream.decoder import Decoded
    from n1codec.stream.recorder import Recorder

app = typer.Typer(help="Send a recording as packets of a few frames, and receive it.", no_args_is_help=True)

MOST_TOLD: Final = 20
"""Ranges of missing frames that are told one by one."""


def _job(name: str | None) -> Job:
    return Job(None if name == "-" else Path(str(name)), None)


def send(
    input_: stream_options.Input = None,
    to: stream_options.To = "-",
    profile: stream_options.Profile = "full",
    frames: stream_options.Frames = 5,
    key_every: stream_options.KeyEvery = None,
    independent: stream_options.Independent = False,
    learn: stream_options.Learn = False,
    paced: stream_options.Paced = True,
    stop: stream_options.Seconds = None,
    repeat: stream_options.Repeat = False,
    synth: stream_options.Synth = None,
    budget: stream_options.Budget = "5ms",
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
        source: Source
        if synth is not None:
            source = Synthetic(synth, rate, length)
        else:
            source = Recorded(stack.enter_context(open_samples(_job(input_), 1, given)), repeat)
        converter = recognise(source.first(), learn=learn)
        encoder = Encoder(
            source.channels, source.rate, profile, frames, converter=converter, key_every=every, independent=independent
        )
        sender = Sender(encoder, budget=allowed)
        check_fits(sender, place.kind, MOST_DATAGRAM)
        n_frames = None if length is None else round(length * source.rate)
        link = open_link(place, listen=False)
        try:
            run(sender, link, limited(source.pieces(), n_frames), paced=paced, tell=None if quiet else say)
        finally:
            link.close()


def receive(
    place: stream_options.From,
    output: stream_options.Live = None,
    flush: stream_options.Flush = "1s",
    budget: stream_options.Budget = "5ms",
    one_way: stream_options.OneWay = False,
    patience: stream_options.Patience = "5s",
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
