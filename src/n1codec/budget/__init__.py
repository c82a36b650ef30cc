"""What a codec costs on an implant: figures that were counted, and a model of power that anybody can change.

`make budget` compiles each codec for small processors, runs it under an emulator and writes the counts into measured.json,
which this reads. docs/budget.md says how far they reach: instructions are counted, cycles and milliwatts are modelled.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from importlib import resources
from typing import Any, Final

from n1codec import arguments
from n1codec.errors import ParameterError

CODECS: Final = {
    "raw": "raw packing",
    "rice": "delta + Rice",
    "lpc": "8-tap LPC + Rice",
    "lite": "n1 lite",
    "full": "n1 full",
}
SOURCES: Final = {
    "pj_per_cycle": (
        "33 pJ: 10 uA/MHz (st.com on the STM32U3) at an assumed 3.3 V. 3.5 uA/MHz at 1.8 V would be 6.3 pJ: no source was "
        "found that promises it, take it as a bound."
    ),
    "pj_per_bit": (
        "21 pJ: UWB at 230 Mb/s (arXiv 2212.01710). Others: 5.8 pJ UWB through 15 mm of tissue at 1.66 Gb/s (PMC7614137); "
        "about 36 pJ inductive load modulation (Mandal 2008); 10,000 pJ leaves 1 Mbit/s within 10 mW."
    ),
    "cycles": (
        "Cortex-M4: Arm 100166 table 3-1, no wait states, 2 cycles to refill the pipeline; RV32IMC: CV32E40P User Manual. "
        "Words that lie across two are taken for one."
    ),
}
"""Where the numbers come from that are not measured here."""
STORED_BITS: Final = 10
"""Of a sample that does not shrink."""


@functools.cache
def measured() -> dict[str, Any]:
    """Return what `make budget` wrote: counts, and with what, from what and when they were made."""
    text = resources.files("n1codec.budget").joinpath("measured.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def builds() -> list[str]:
    """Return the names of the builds that were measured: processor, compiler, effort."""
    return list(measured()["builds"])


@dataclasses.dataclass(frozen=True)
class Line:
    """One codec within a budget; all a sample are means over the N1's recordings, keys and heads counted."""

    codec: str
    bits: float
    instructions: float
    """A sample, the check sum apart."""
    cycles: float
    """A sample, the check sum with them where it is calculated in software."""
    worst_cycles: float
    """A sample of the worst packet: steps on all channels, all escapes."""
    flash: int
    """Bytes of code and tables."""
    state: float
    """Bytes a channel."""
    stack: int
    megahertz: float
    worst_megahertz: float
    megabits: float
    """A second."""
    computing: float
    """mW."""
    radio: float
    """mW."""
    channels: int
    """That fit into the power given."""

    @property
    def power(self) -> float:
        """MW of computing and radio."""
        return self.computing + self.radio


@dataclasses.dataclass(frozen=True)
class Budget:
    """What all codecs cost under some assumptions.

    Parameters
    ----------
    channels : int
    rate : float
        Samples a second of each channel.
    pj_per_cycle, pj_per_bit : float
        Energy of a processor's cycle and of a bit sent, in picojoules.
    build : str
        Processor, compiler and effort: one of :func:`builds`.
    milliwatts : float
        Power for which channels are counted.
    software_crc : bool
        Whether the processor calculates check sums itself; many have a part of their own for it.

    Raises
    ------
    ParameterError
        If a number is outside its limits or the build is unknown.
    """

    channels: int = 1024
    rate: float = 20_000.0
    pj_per_cycle: float = 33.0
    pj_per_bit: float = 21.0
    build: str = "m4-gcc-O2"
    milliwatts: float = 10.0
    software_crc: bool = False

    def __post_init__(self) -> None:
        arguments.integer("channels", self.channels, 1, 1 << 20)
        arguments.rate(self.rate)
        for name in ("pj_per_cycle", "pj_per_bit", "milliwatts"):
            arguments.number(name, getattr(self, name), 0)
        if self.build not in builds():
            raise ParameterError(f"unknown build {self.build!r}: measured are {', '.join(builds())}")

    @property
    def latency(self) -> float:
        """Milliseconds from a packet's first sample to its last one."""
        return float(1000 * measured()["frames_per_packet"] / self.rate)

    def lines(self) -> list[Line]:
        """Return the codecs, from raw to full."""
        return [self._line(codec) for codec in CODECS]

    def _line(self, codec: str) -> Line:
        found = measured()["inputs"]["recordings"]["codecs"]
        counted, bits = found[codec][self.build], float(found[codec]["bits"])
        crc = found["lite"][self.build]["crc_cycles_a_byte"] * self.software_crc
        cycles = counted["cycles"] + crc * bits / 8
        worst = counted["worst_cycles"] + crc * STORED_BITS / 8
        samples = self.channels * self.rate
        energy = cycles * self.pj_per_cycle + bits * self.pj_per_bit
        return Line(
            codec=codec,
            bits=bits,
            instructions=counted["instructions"],
            cycles=cycles,
            worst_cycles=worst,
            flash=counted["flash"],
            state=counted["state"] / measured()["channels"],
            stack=counted["stack"],
            megahertz=samples * cycles / 1e6,
            worst_megahertz=samples * worst / 1e6,
            megabits=samples * bits / 1e6,
            computing=samples * cycles * self.pj_per_cycle / 1e9,
            radio=samples * bits * self.pj_per_bit / 1e9,
            channels=int(self.milliwatts * 1e9 / (self.rate * energy)) if energy else 0,
        )

    def break_even(self, one: Line, other: Line) -> float | None:
        """Return the picojoules a bit from which on the one with fewer bits takes less power; None: there is nothing to weigh.

        0 says that it takes fewer cycles as well.
        """
        small, large = sorted((one, other), key=lambda line: line.bits)
        saved = large.bits - small.bits
        return max(0.0, (small.cycles - large.cycles) * self.pj_per_cycle / saved) if saved else None
