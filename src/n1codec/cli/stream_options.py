"""Options of ``n1codec stream``, and the reading of times."""

from __future__ import annotations

import contextlib
from typing import Annotated, Final

import typer

from n1codec.cli import options
from n1codec.errors import ParameterError

LINK: Final = "The link"
RIG: Final = "Rigs"
STREAM: Final = "The stream"

Budget = Annotated[
    str,
    typer.Option(
        "--budget",
        metavar="TIME",
        help="How long a packet that is lost may be asked for: 5ms, say; 0: never.",
        rich_help_panel=LINK,
    ),
]
Input = Annotated[
    str | None,
    typer.Argument(
        metavar="[IN]",
        help="A .n1c file, a recording, lsl://NAME or openephys://HOST:PORT; none with --synth.",
        show_default=False,
    ),
]
To = Annotated[
    str,
    typer.Option("--to", metavar="PLACE", help="udp://HOST:PORT, tcp://HOST:PORT, a file or -.", rich_help_panel=LINK),
]
Frames = Annotated[int, typer.Option("--frames", metavar="1..20", help="Frames of a packet.", rich_help_panel=STREAM)]
KeyEvery = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Time between keys: for links without a way back.",
        show_default="lite: 640 frames",
        rich_help_panel=STREAM,
    ),
]
Independent = Annotated[bool, typer.Option("--independent", help="Make each packet a key.", rich_help_panel=STREAM)]
Learn = Annotated[
    bool,
    typer.Option(
        "--learn",
        help="Learn the widths of the converter's codes beforehand, and tell the receiver.",
        rich_help_panel=STREAM,
    ),
]
Paced = Annotated[
    bool, typer.Option("--paced/--at-once", help="By the clock, or as fast as it goes.", rich_help_panel=STREAM)
]
Seconds = Annotated[
    str | None,
    typer.Option("--seconds", metavar="TIME", help="How much to send.", show_default="all", rich_help_panel=STREAM),
]
Repeat = Annotated[
    bool,
    typer.Option("--repeat", help="Begin again at the recording's end, until --seconds.", rich_help_panel=STREAM),
]
Synth = Annotated[
    int | None,
    typer.Option(
        "--synth",
        metavar="CHANNELS",
        help="Send a synthetic recording of so many channels.",
        rich_help_panel=options.SOURCE,
    ),
]
Profile = Annotated[str, typer.Option(metavar="PROFILE", help="full or lite.", rich_help_panel=STREAM)]
From = Annotated[
    str, typer.Argument(metavar="PLACE", help="udp://HOST:PORT, tcp://HOST:PORT, a file or -.", show_default=False)
]
Live = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="OUT", help="A .n1c file that grows as it comes.", rich_help_panel=options.FILES
    ),
]
Flush = Annotated[
    str,
    typer.Option(
        "--flush",
        metavar="TIME",
        help="How often what was received is made durable.",
        rich_help_panel=options.FILES,
    ),
]
Step = Annotated[
    float | None,
    typer.Option(
        metavar="MICROVOLTS",
        help="What an integer is, where a rig has microvolts: 0.195, say.",
        show_default="as it is, or found",
        rich_help_panel=RIG,
    ),
]
Nearest = Annotated[
    bool,
    typer.Option("--nearest", help="Round samples of a rig that are no multiples of the step.", rich_help_panel=RIG),
]
RigPatience = Annotated[
    str,
    typer.Option(
        "--patience",
        metavar="TIME",
        help="End after so long without frames of a rig, from the begin on; 0: never.",
        rich_help_panel=RIG,
    ),
]
Forward = Annotated[
    list[str] | None,
    typer.Option(
        "--forward",
        metavar="PLACE",
        help="Give frames on, too: to lsl://NAME or openephys://HOST:PORT, as often as wanted.",
        show_default=False,
        rich_help_panel=RIG,
    ),
]
OneWay = Annotated[bool, typer.Option("--one-way", help="Ask for nothing: no packets, no keys.", rich_help_panel=LINK)]
Patience = Annotated[
    str,
    typer.Option(
        "--patience", metavar="TIME", help="End after so long without a packet; 0: never.", rich_help_panel=LINK
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
