"""``n1codec stream``: packets over a network, a file or a pipe."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from n1codec import arguments
from n1codec.cli import options, stream_options
from n1codec.cli.batch import quiet_damage, say
from n1codec.cli.help import help_text
from n1codec.cli.jobs import Job
from n1codec.cli.sources import open_samples
from n1codec.cli.stream_options import seconds
from n1codec.errors import FileError, ParameterError

if TYPE_CHECKING:
    from n1codec.cli.stream_sources import Source

app = typer.Typer(help="Send a recording as packets of a few frames, and receive it.", no_args_is_help=True)


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
    step: stream_options.Step = None,
    nearest: stream_options.Nearest = False,
    patience: stream_options.RigPatience = "10s",
    dtype: options.Dtype = None,
    channels: options.Channels = None,
    rate: options.Rate = None,
    channels_first: options.ChannelsFirst = False,
    quiet: options.Quiet = False,
) -> None:
    """Send a recording's frames in packets, at its own rate, or a rig's as they come; answer what the receiver asks for.

    Over UDP, packets that are lost are sent again while the budget lasts, and a key is sent when one is asked for. Over TCP,
    into a file or a pipe nothing is lost. A receiver may begin to listen at any time. Frames that a rig lost itself are
    named by the receiver, as if the link had lost them. Ctrl-C ends a stream in order: the receiver is told its length.

    Exit code: 0, 1 if the recording cannot be read or the link broke, 2 for a mistake in the command line.
    """
    from n1codec.cli.stream_sources import Recorded, Rig, Synthetic, limited
    from n1codec.stream import Encoder, recognise
    from n1codec.stream.links import MOST_DATAGRAM, RIGS, Place, open_link
    from n1codec.stream.running import check_fits
    from n1codec.stream.running import send as run
    from n1codec.stream.sender import Sender

    place = Place.of("--to", to)
    allowed, wait = seconds("--budget", budget), seconds("--patience", patience)
    step = arguments.optional(arguments.number, "--step", step, above=0)
    length = None if stop is None else seconds("--seconds", stop)
    every = None if key_every is None else seconds("--key-every", key_every)
    if (input_ is None) == (synth is None):
        raise ParameterError("give a recording to send, or --synth CHANNELS")
    if repeat and length is None:
        raise ParameterError("--repeat needs --seconds")
    given = options.check_source(dtype, channels, rate, channels_first)
    live = input_ is not None and input_.startswith(tuple(f"{kind}://" for kind in RIGS))
    if live and (repeat or channels_first or (dtype, channels, rate) != (None, None, None)):
        raise ParameterError(
            f"{input_} says what it sends: --dtype, --channels, --rate and --repeat are for recordings"
        )
    with quiet_damage(), contextlib.ExitStack() as stack:
        source: Source
        if synth is not None:
            source = Synthetic(synth, rate, length)
        elif live:
            source = stack.enter_context(
                contextlib.closing(Rig(Place.of_rig("IN", input_), step, nearest, wait, learn))
            )
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
        stack.callback(link.close)
        pieces = limited(source.pieces(), n_frames)
        run(sender, link, pieces, paced=paced and not live, live=live, tell=None if quiet else say)
        if source.ended and not quiet:
            say(f"{input_}: {source.ended}")


def receive(
    place: stream_options.From,
    output: stream_options.Live = None,
    flush: stream_options.Flush = "1s",
    forward: stream_options.Forward = None,
    step: stream_options.Step = None,
    budget: stream_options.Budget = "5ms",
    one_way: stream_options.OneWay = False,
    patience: stream_options.Patience = "5s",
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Receive a stream, say exactly which samples are missing, and write the rest to a .n1c file or give it to a rig.

    Frames that are missing are samples of 0 in the file, so that time stays right; they are listed at the end. Latency is from
    a packet's first frame to its last one decoded, and is known where sender and receiver run on one machine. Ctrl-C ends it
    in order: the file is finished.

    Exit code: 0 if every sample since the first came, 1 if some are missing (what came is written) or the stream broke off, 2
    for a mistake in the command line.
    """
    from n1codec.cli.stream_sinks import Taken, check, check_complete, tell
    from n1codec.stream import Decoder
    from n1codec.stream.links import Place, open_link
    from n1codec.stream.receiver import Receiver
    from n1codec.stream.running import Receiving

    where = Place.of("PLACE", place)
    allowed, every, wait = seconds("--budget", budget), seconds("--flush", flush), seconds("--patience", patience)
    step = arguments.optional(arguments.number, "--step", step, above=0)
    rigs = [Place.of_rig("--forward", each) for each in forward or ()]
    if output is not None and (options.is_folder(output) or output == "-"):
        raise FileError(output, "a .n1c file that grows must have a name")
    if output is not None and Path(output).exists() and not force:
        raise FileError(output, "exists: --force overwrites it")
    if output is not None:
        from n1codec.stream import recorder  # noqa: F401  # now, for there is no time later
    check(rigs)

    link = open_link(where, listen=True)
    receiver = Receiver(
        Decoder(None, None, None, None), budget=allowed if link.two_way else 0.0, ask=link.two_way and not one_way
    )
    taken = Taken(output, every, force, rigs, step)
    taken.receiving = receiving = Receiving(receiver, link, taken, tell=None if quiet else say, patience=wait)
    try:
        receiving.run()
    except KeyboardInterrupt:
        taken.close()
        tell(receiving, taken, where, quiet)
        raise
    finally:
        link.close()
        taken.close()
    tell(receiving, taken, where, quiet)
    check_complete(receiving, taken, where)


SEND: Final = (
    "n1codec stream send run.ap.bin.n1c --to udp://10.0.0.2:9000",
    "n1codec stream send run.wav --to tcp://localhost:9000 --profile lite --frames 10",
    "n1codec stream send --synth 1024 --seconds 60 --to udp://localhost:9000",
    "n1codec stream send openephys://localhost:5556 --to udp://10.0.0.2:9000",
)
RECEIVE: Final = (
    "n1codec stream receive udp://:9000 -o live.n1c --flush 500ms",
    "n1codec stream receive udp://:9000 -o live.n1c --forward lsl://implant --forward openephys://:5556 --step 0.195",
    "n1codec stream receive packets.n1s --quiet && echo complete",
)
app.command("send", help=help_text(send, SEND))(send)
app.command("receive", help=help_text(receive, RECEIVE))(receive)
