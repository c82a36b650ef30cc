"""The encoder of rtl/ in a simulator, beside the core's: the same codes into both, packet by packet."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import ROOT
from core_builds import KEPT, held
from n1codec import _core
from n1codec.stream import Converter

RTL = ROOT / "rtl"
START, KEY = 1 << 31, 1 << 5


@dataclasses.dataclass(frozen=True)
class Packet:
    """What the simulated encoder made of a packet: both substreams' bytes, in the order in which they came."""

    key: bool
    first: bytes
    second: bytes

    @property
    def body(self) -> bytes:
        """The coded body: the second substream stands in reverse order."""
        return self.first + self.second[::-1]


@dataclasses.dataclass(frozen=True)
class Encoder:
    """A build of the encoder for a converter, of 2^channel_bits channels at most."""

    program: Path
    code_bits: int

    @classmethod
    def build(cls, folder: Path, code_bits: int, channel_bits: int, nlink: bool) -> Encoder:
        """Compile it; skip the test, and say what would run it, if there is no simulator."""
        require("iverilog")
        parameters = {"CODE_BITS": code_bits, "CHANNEL_BITS": channel_bits, "NLINK": int(nlink)}
        options = [f"-Pbench.{name}={value}" for name, value in parameters.items()]
        return cls(compiled(folder, [*options, *sorted(RTL.glob("*.v")), roms(folder)]), code_bits)

    @classmethod
    def gates(cls, folder: Path) -> Encoder:
        """Make gates of it, for the N1's codes and 1,024 channels, unless it is as it was, and compile these."""
        require("iverilog")
        require("yosys")
        sources = [*(path for path in sorted(RTL.glob("*.v")) if path.name != "bench.v"), roms(folder)]
        version = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout
        commands = "synth -flatten -top lite_encoder; write_verilog -noattr"
        true = "\0".join((version, commands, *(path.read_text("utf-8") for path in sources)))
        netlist, stated = KEPT / "netlist.v", KEPT / "netlist.from"
        KEPT.mkdir(parents=True, exist_ok=True)
        with held(netlist):
            if not (netlist.exists() and stated.exists() and stated.read_text("utf-8") == true):
                stated.unlink(missing_ok=True)
                read = f"read_verilog {' '.join(map(str, sources))}"
                subprocess.run(["yosys", "-q", "-p", f"{read}; {commands} {netlist}"], check=True)
                stated.write_text(true, "utf-8")
        return cls(compiled(folder, ["-DNETLIST", RTL / "bench.v", netlist]), code_bits=10)

    def run(
        self, format: _core.StreamFormat, codes: NDArray[np.integer], packets: Sequence[tuple[int, bool]], *, gaps: bool
    ) -> tuple[list[Packet], int, int, int]:
        """Simulate packets of so many frames, keys or not.

        Return them, the clocks that all took, those after the last code, and how many 255s the longest carry went through.
        """
        said, at = self.program.with_suffix(".out"), 0
        numbers: list[str] = []
        for frames, key in packets:
            numbers.append(f"{START | (KEY if key else 0) | frames:x}")
            numbers += [f"{code:x}" for code in codes[at : at + frames].ravel().tolist()]
            at += frames
        assert at == len(codes)
        given = self.program.with_suffix(".in")
        given.write_text("\n".join(numbers) + "\n")
        options = {
            "channels": format.channels, "two": format.substreams - 1, "bits": (format.codes - 1).bit_length(),
            "shift": format.shift, "centre": format.centre, "spread": format.spread, "usual": format.usual,
            "gaps": int(gaps), "in": given, "out": said,
        }  # fmt: skip
        command: list[str | Path] = [
            "vvp",
            "-n",
            self.program,
            *(f"+{name}={value}" for name, value in options.items()),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        counts = done.stdout.split()
        assert counts[:4] == ["packets", str(len(packets)), "codes", str(codes.size)], done.stdout + done.stderr
        return _packets(said.read_text(), format.substreams), int(counts[5]), int(counts[7]), int(counts[9])


def require(tool: str) -> None:
    """Skip the test, and say which package would run it, if a tool is missing."""
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not here (Debian: {tool}): the encoder in Verilog is NOT compared with the core")


def roms(folder: Path) -> Path:
    """Make the ROMs of the core's tables."""
    script, out = ROOT / "scripts" / "make_rtl_tables.py", folder / "roms.v"
    out.write_text(subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout)
    return out


def compiled(folder: Path, arguments: Sequence[str | Path]) -> Path:
    """Compile sources with the bench on top; warnings are errors."""
    program = folder / "bench.vvp"
    command = ["iverilog", "-g2005", "-Wall", "-Wno-timescale", "-s", "bench", "-o", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-4000:]
    return program


def _packets(text: str, substreams: int) -> list[Packet]:
    keys: list[bool] = []
    bodies: list[list[bytes]] = [[], []]
    open_bytes = (bytearray(), bytearray())
    for line in text.splitlines():
        word, *flags = line.split()
        if word == "key":
            keys.append(flags == ["1"])
            continue
        stream = int(flags[0])
        open_bytes[stream].append(int(word, 16))
        if flags[1] == "1":
            bodies[stream].append(bytes(open_bytes[stream]))
            open_bytes[stream].clear()
    if substreams == 1:
        assert not bodies[1]
        bodies[1] = [b""] * len(bodies[0])
    assert not any(open_bytes), "bytes without an end"
    return [Packet(*each) for each in zip(keys, *bodies, strict=True)]


def format_of(converter: Converter, channels: int, frames: int, substreams: int = 2) -> _core.StreamFormat:
    """Return the format of a stream of int16 in the lite profile."""
    format = _core.StreamFormat()
    format.session, format.channels, format.frames, format.substreams = 1, channels, frames, substreams
    format.millihertz, format.profile, format.dtype = 20_000_000, 0, 2
    converter.set(format)
    return format


def values(format: _core.StreamFormat, codes: NDArray[np.integer]) -> NDArray[np.int16]:
    """Return the samples of codes."""
    wide = codes.astype(np.int64)
    if format.converter == 1:
        scaled = wide * 65535 - 32768 * 1023
        return np.where(scaled < 0, -(-scaled // 1023), scaled // 1023).astype(np.int16)
    return (format.first + format.stride * wide).astype(np.int16)


def compare(
    encoder: Encoder,
    format: _core.StreamFormat,
    codes: NDArray[np.integer],
    packets: Sequence[tuple[int, bool]],
    *,
    gaps: bool = False,
) -> dict[str, int]:
    """Run both encoders and compare each packet: bytes, or that the core stored what is no shorter. Return counts."""
    simulated, clocks, tail, run = encoder.run(format, codes, packets, gaps=gaps)
    core, samples, at = _core.StreamEncoder(format, b"", 0), values(format, codes), 0
    count = {"samples": codes.size, "coded": 0, "keys": 0, "stored": 0, "clocks": clocks, "tail": tail, "run": run}
    count["bytes"] = 0
    for number, ((frames, key), found) in enumerate(zip(packets, simulated, strict=True)):
        packet = core.encode(np.ascontiguousarray(samples[at : at + frames]), _core.STREAM_KEY if key else 0)
        at += frames
        said = _core.stream_look(packet, format.session, number)
        assert said is not None
        assert found.key == bool(said.flags & _core.STREAM_KEY), f"packet {number} is a key in one of both"
        body = packet[said.body :]
        if said.flags & _core.STREAM_STORED:
            assert len(found.body) > len(body), f"packet {number} is stored, and {len(found.body)} bytes would do"
        else:
            assert found.body == body, f"packet {number}"
        count["stored" if said.flags & _core.STREAM_STORED else "coded"] += 1
        count["keys"] += found.key
        count["bytes"] += len(found.body)
    return count
