"""Options that several commands share, each described once, and the reading of their values."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from n1codec.cli import complete
from n1codec.errors import ParameterError

CODING: Final = "How to encode"
SOURCE: Final = "What headerless files do not say"
FILES: Final = "Files"
SELECTION: Final = "Which samples"
TALK: Final = "What to say"

MAX_LEVEL: Final = 9

Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="OUT", help="Output file, folder, or - for stdout.", rich_help_panel=FILES),
]
Force = Annotated[bool, typer.Option("--force", "-f", help="Overwrite existing files.", rich_help_panel=FILES)]
Keep = Annotated[
    bool,
    typer.Option(
        "--keep/--rm", help="Keep the inputs, or remove each one once its output is verified.", rich_help_panel=FILES
    ),
]
Codec = Annotated[
    str | None,
    typer.Option(
        "--codec",
        "-c",
        metavar="SPEC",
        help="A codec such as lattice+delta+zstd:level=19; `n1codec codecs` lists them.",
        show_default=False,
        rich_help_panel=CODING,
        autocompletion=complete.codecs,
    ),
]
Level = Annotated[
    int | None,
    typer.Option(
        "--level",
        metavar="1..9",
        help="Level of the n1 codec, from fastest to smallest, 5 if not given; -1 to -9 for short.",
        show_default=False,
        rich_help_panel=CODING,
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify/--no-verify", help="Read the output back and compare it with the input.", rich_help_panel=CODING
    ),
]
Chunk = Annotated[
    float | None,
    typer.Option(
        "--chunk",
        metavar="SECONDS",
        help="Length of the pieces that can be read (and can be lost) one by one.",
        show_default=False,
        rich_help_panel=CODING,
    ),
]
Threads = Annotated[
    int,
    typer.Option(
        "--threads",
        "-T",
        metavar="N",
        help="Threads, for parts of a file or small files side by side; 0: one for each processor. They do not change a byte.",
        rich_help_panel=CODING,
    ),
]
Recordings = Annotated[
    list[str],
    typer.Argument(
        metavar="IN...",
        help="WAV, SpikeGLX .bin with .meta, .npy and headerless files, folders of them, or - for stdin.",
        show_default=False,
    ),
]
Convertibles = Annotated[
    list[str],
    typer.Argument(
        metavar="IN...",
        help=".n1c, WAV, SpikeGLX .bin with .meta, .npy and headerless files, folders of them, or - for stdin.",
        show_default=False,
    ),
]
Encoded = Annotated[
    list[str],
    typer.Argument(metavar="IN...", help=".n1c files, folders of them, or - for stdin.", show_default=False),
]
Dtype = Annotated[
    str | None,
    typer.Option(
        metavar="TYPE",
        help="Type of the samples, such as int16, float32 or >i2. --dtype, --channels and --rate together overrule whatever "
        "a named file (WAV, .npy, SpikeGLX, of any name) says of itself: all its bytes are samples then.",
        rich_help_panel=SOURCE,
    ),
]
Channels = Annotated[
    int | None, typer.Option(metavar="N", help="Number of interleaved channels.", rich_help_panel=SOURCE)
]
Rate = Annotated[
    float | None, typer.Option(metavar="HZ", help="Samples a second, also of .npy.", rich_help_panel=SOURCE)
]
ChannelsFirst = Annotated[
    bool,
    typer.Option(
        "--channels-first",
        help="Samples lie channel after channel: an .npy of shape (channels, samples), or headerless files so written.",
        rich_help_panel=SOURCE,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.", rich_help_panel=TALK)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more about each file.", rich_help_panel=TALK)]


class LevelCommand(TyperCommand):
    """A command that takes ``-1`` to ``-9`` for ``--level=1`` to ``--level=9``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Spell levels out before options are parsed; what follows ``--`` are names."""
        if not any(param.name == "level" for param in self.params):
            return super().parse_args(ctx, args)
        end = args.index("--") if "--" in args else len(args)
        spelt = [f"--level={arg[1:]}" if re.fullmatch("-[1-9]", arg) else arg for arg in args[:end]]
        return super().parse_args(ctx, spelt + args[end:])


def codec_spec(codec: str | None, level: int | None) -> str:
    """Return the specification that ``--codec`` and ``-1`` to ``-9`` ask for; the default if they are silent.

    Raises
    ------
    ParameterError, SpecError, MissingDependencyError
        If both are given, or what is given is no codec that can be had.
    """
    from n1codec import container, pipeline

    if codec is not None and level is not None:
        raise ParameterError("--codec and a level exclude each other: a codec has its level in its parameters")
    spec = container.DEFAULT_CODEC if codec is None else codec
    if level is not None:
        if not 1 <= level <= MAX_LEVEL:
            raise ParameterError(f"--level {level} is outside 1..{MAX_LEVEL}")
        spec = level_spec(level)
    pipeline.get(spec)
    return spec


def level_spec(level: int) -> str:
    """Return the codec behind a level."""
    return f"n1:level={level}"


def thread_count(threads: int) -> int:
    """Return how many threads ``--threads`` means."""
    if threads < 0:
        raise ParameterError(f"--threads {threads}: expected 0 (one for each processor) or more")
    if threads:
        return threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunk_seconds(chunk: float | None) -> float | None:
    """Return the length of a chunk, or raise :class:`ParameterError` if it is none."""
    if chunk is not None and not 0 < chunk < math.inf:
        raise ParameterError(f"--chunk {chunk:g}: expected seconds above zero")
    return chunk


def check_source(
    dtype: str | None, channels: int | None, rate: float | None, channels_first: bool = False
) -> dict[str, Any]:
    """Return what describes headerless files as keyword arguments, checked before any file is touched."""
    from n1codec import arguments
    from n1codec.envelope import MAX_CHANNELS
    from n1codec.formats import raw

    if dtype is not None:
        raw.stored_dtype(dtype)
    if rate is not None:
        arguments.rate(rate)
    if channels is not None:
        arguments.integer("channels", channels, 1, MAX_CHANNELS)
    return {"dtype": dtype, "channels": channels, "rate": rate, "channels_first": channels_first}


def is_folder(output: str) -> bool:
    """Whether ``-o`` names a folder: one that is there, or that ends in a slash."""
    return output.endswith(("/", os.sep)) or Path(output).is_dir()
