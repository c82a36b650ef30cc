"""``n1codec budget``: what each codec that fits an implant costs there."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from n1codec.budget import Budget, Line

EXAMPLES: Final = (
    "n1codec budget",
    "n1codec budget --channels 256 --rate 30000 --pj-per-cycle 6.3 --pj-per-bit 5.8",
    "n1codec budget --build rv32-gcc-O2 --json",
)


def budget(
    channels: Annotated[int, typer.Option(metavar="N", help="Electrodes.")] = 1024,
    rate: Annotated[float, typer.Option(metavar="HZ", help="Samples a second of each.")] = 20_000.0,
    pj_per_cycle: Annotated[float, typer.Option(metavar="PJ", help="Energy of one cycle of the processor.")] = 33.0,
    pj_per_bit: Annotated[float, typer.Option(metavar="PJ", help="Energy of one bit sent.")] = 21.0,
    milliwatts: Annotated[float, typer.Option(metavar="MW", help="Power for which channels are counted.")] = 10.0,
    build: Annotated[
        str, typer.Option(metavar="NAME", help="Processor, compiler and effort; an unknown one lists all.")
    ] = "m4-gcc-O2",
    software_crc: Annotated[
        bool, typer.Option("--software-crc", help="The processor calculates check sums, too: no part of the chip does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Say what codecs for implants cost: cycles, flash, memory, bits, clock, power, and which pays from which radio on.

    Instructions were counted under an emulator (`make budget`); cycles and milliwatts are modelled, not measured on silicon:
    power = channels x rate x (cycles x PJ a cycle + bits x PJ a bit). docs/budget.md explains all of it.
    """
    from n1codec.budget import Budget

    made = Budget(channels, rate, pj_per_cycle, pj_per_bit, build, milliwatts, software_crc)
    lines = made.lines()
    if as_json:
        print(json.dumps(as_data(made, lines), indent=1))
    else:
        print(as_text(made, lines))


def as_data(made: Budget, lines: Sequence[Line]) -> dict[str, Any]:
    """Return a budget as plain data, with the assumptions and where they come from."""
    import dataclasses

    from n1codec.budget import SOURCES, measured

    told = measured()
    return {
        "assumptions": dataclasses.asdict(made),
        "sources": SOURCES,
        "measured": told["measured"],
        "emulator": told["emulator"],
        "build": told["builds"][made.build],
        "packet_milliseconds": made.latency,
        "codecs": [dataclasses.asdict(line) | {"power": line.power} for line in lines],
        "break_even_pj_per_bit": {
            f"{one.codec} or {other.codec}": made.break_even(one, other)
            for at, one in enumerate(lines)
            for other in lines[at + 1 :]
        },
    }


def as_text(made: Budget, lines: Sequence[Line]) -> str:
    """Return a budget as text."""
    from n1codec.budget import CODECS, SOURCES, measured

    told = measured()
    build = told["builds"][made.build]
    pairs = [["pJ a bit", *(CODECS[line.codec] for line in lines[:-1])]]
    for at, line in enumerate(lines[1:], 1):
        weighed = [made.break_even(line, other) for other in lines[:at]]
        pairs.append([CODECS[line.codec], *("-" if each is None else f"{each:,.0f}" for each in weighed)])
        pairs[-1] += [""] * (len(lines) - len(pairs[-1]))
    crc = "with it, in software" if made.software_crc else "without it, too: a part of the chip does it"
    return "\n".join(
        [
            f"{made.channels:,} channels x {made.rate:,.0f} Hz, {made.pj_per_cycle:g} pJ a cycle, "
            f"{made.pj_per_bit:g} pJ a bit;",
            f"packets of {made.latency:.3g} ms, which pass three times at most: filled, computed, sent",
            f"{made.build}: {build['compiler']}, {build['flags']}",
            f"counted under {told['emulator']} on {told['measured']}; cycles and power are modelled, not measured on silicon",
            "",
            *_aligned(_rows(made, lines)),
            "",
            f"Instructions a sample without the check sum, cycles {crc}; worst: a packet of steps on all channels.",
            "",
            "From how many picojoules a bit on the one with fewer bits takes less power:",
            "",
            *_aligned(pairs),
            "",
            *(f"{name.replace('_', ' ')}: {text}" for name, text in SOURCES.items()),
        ]
    )


def _rows(made: Budget, lines: Sequence[Line]) -> list[list[str]]:
    from n1codec.budget import CODECS

    told: dict[str, Callable[[Line], str]] = {
        "codec": lambda line: CODECS[line.codec],
        "bits": lambda line: f"{line.bits:.2f}",
        "instr": lambda line: f"{line.instructions:.1f}",
        "cycles": lambda line: f"{line.cycles:.1f}",
        "worst": lambda line: f"{line.worst_cycles:.1f}",
        "flash": lambda line: f"{line.flash:,}",
        "B/ch": lambda line: f"{line.state:.0f}",
        "MHz": lambda line: f"{line.megahertz:,.0f}",
        "Mbit/s": lambda line: f"{line.megabits:,.1f}",
        "mW CPU": lambda line: f"{line.computing:,.2f}",
        "mW radio": lambda line: f"{line.radio:,.2f}",
        "mW": lambda line: f"{line.power:,.2f}",
        f"channels in {made.milliwatts:g} mW": lambda line: f"{line.channels:,}",
    }
    return [list(told), *([text(line) for text in told.values()] for line in lines)]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        texts = [text.rjust(width) for text, width in zip(row, widths, strict=True)]
        return "  ".join([row[0].ljust(widths[0]), *texts[1:]]).rstrip()

    return [line(row) for row in rows]
