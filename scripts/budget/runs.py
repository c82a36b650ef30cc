"""One codec over some frames: on this machine for its bits, on an emulated one for its instructions, both compared."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from budget import builds
from budget.elf import Elf
from budget.machine import Counted, Machine

Codes = NDArray[np.uint16]
KEY_FRAMES: Final = 640
"""Frames between keys, of all but raw and full: what comes after a loss needs one."""
EARLY_KEYS: Final = (40, 160)
"""As the lite profile's sender makes them, once there is something to measure scales by."""
HEAD: Final = 7
"""Bytes before a body: kind, number, check sum. Those of lite and full are in their packets."""
WARM: Final = 200
"""Frames before instructions are counted."""
COUNTED: Final = 4
"""Packets that are counted, neither key nor first."""
_WORDS: Final = 10


@dataclass(frozen=True)
class Plan:
    """What is coded."""

    channels: int
    frames_per_packet: int
    format: bytes
    """n1_lite_format, 16 words; its profile is set for each codec."""
    taps: tuple[int, ...]

    def words(self, codec: str) -> bytes:
        """Return the format for a codec."""
        words = np.frombuffer(self.format, "<u4").copy()
        words[5] = codec == "full"
        return words.tobytes()

    def keys(self, codec: str, packets: int) -> list[bool]:
        """Return which packets are keys."""
        early = {-(-frames // self.frames_per_packet) for frames in EARLY_KEYS} if codec == "lite" else set()
        every = packets if codec in ("raw", "full") else KEY_FRAMES // self.frames_per_packet
        return [n % every == 0 or n in early for n in range(packets)]


def on_host(codec: str, plan: Plan, codes: Codes, folder: Path) -> Iterator[bytes]:
    """Code frames with the codec compiled for this machine."""
    library = builds.host(codec, folder)
    words = (ctypes.c_size_t * _WORDS)()
    form, taps = ctypes.create_string_buffer(plan.words(codec), 64), np.array(plan.taps, "<i2")
    words[0], words[1] = plan.channels, plan.frames_per_packet
    words[8], words[9] = ctypes.addressof(form), taps.ctypes.data
    room = library.budget_begin(words)  # without memory, it says how much there has to be
    memory = np.zeros(words[7] // 8 + 1, np.uint64)
    words[6] = memory.ctypes.data
    library.budget_begin(words)
    packet = np.zeros(room + 64, np.uint8)
    words[5] = packet.ctypes.data
    size = plan.frames_per_packet
    for n, key in enumerate(plan.keys(codec, len(codes) // size)):
        part = np.ascontiguousarray(codes[n * size : (n + 1) * size])
        words[2], words[3], words[4] = n * size, key, part.ctypes.data
        yield packet[: library.budget_packet(words)].tobytes()


@dataclass
class Emulated:
    """What counting gave."""

    samples: int
    """Of a packet."""
    usual: Counted
    """Of `packets` packets."""
    packets: int
    key: Counted
    worst: Counted
    crc_bytes: int
    """Bytes that were summed in `usual`, heads too."""
    stack: int
    flash: int
    state: int
    """Bytes that the encoder keeps of all channels."""
    room: int
    """Bytes that a packet is made in."""


def emulate(build: builds.Build, codec: str, plan: Plan, codes: Codes, folder: Path) -> Emulated:
    """Run a codec on an emulated processor, hold its packets against this machine's, and count.

    The first packets run uncounted; then come `COUNTED` usual ones, a key, and one whose samples are as far off as they can
    be on all channels.
    """
    image = builds.image(build, codec, folder)
    machine = Machine(build.target, image)
    size, samples = plan.frames_per_packet, plan.frames_per_packet * plan.channels
    first = WARM // size
    first += any(plan.keys(codec, first + COUNTED)[first:]) * COUNTED
    head = codes[: (first + COUNTED + 2) * size]
    extreme = np.where(np.arange(2 * size)[:, None] % 2, 1023, 0).astype(np.uint16) * np.ones(
        (1, plan.channels), np.uint16
    )
    told = np.ascontiguousarray(np.concatenate([head, extreme]), "<u2")
    keys = plan.keys(codec, len(told) // size)
    key_at = first + COUNTED
    expected = list(_scheduled(codec, plan, told, folder, keys, key_at))

    words, source = machine.room(4 * _WORDS), machine.room(2 * samples)
    form, taps = machine.room(64), machine.room(2 * len(plan.taps))
    machine.write(form, plan.words(codec))
    machine.write(taps, np.array(plan.taps, "<i2").tobytes())
    values = [plan.channels, size, 0, 0, source, 0, 0, 0, form, taps]
    machine.words(words, values)
    room = machine.call("budget_begin", words)
    state = int.from_bytes(machine.read(words + 28, 4), "little")
    values[5], values[6] = machine.room(room), machine.room(state) if state else 0
    machine.words(words, values)
    machine.call("budget_begin", words)

    out = Emulated(
        samples, Counted(), COUNTED, Counted(), Counted(), 0, 0, Elf(image.with_suffix(".o")).flash(), state, room
    )
    for n, wanted in enumerate(expected):
        machine.write(source, told[n * size : (n + 1) * size].tobytes())
        values[2], values[3] = n * size, int(keys[n] or n == key_at)
        machine.words(words, values)
        counted = Counted()
        if n >= first:
            length, counted = machine.counted("budget_packet", words)
        else:
            length = machine.call("budget_packet", words)
        if machine.read(values[5], length) != wanted:
            raise RuntimeError(f"{build.name}, {codec}: packet {n} is another one than on this machine")
        if first <= n < key_at:
            out.usual += counted
            out.crc_bytes += length
        elif n == key_at:
            out.key = counted
        elif n > key_at + 1 and counted.cycles > out.worst.cycles:
            out.worst = counted
    out.stack = machine.stack
    return out


def _scheduled(codec: str, plan: Plan, codes: Codes, folder: Path, keys: list[bool], key_at: int) -> Iterator[bytes]:
    """Code as on_host does, with one key more."""
    scheduled = _Scheduled(plan, [key or n == key_at for n, key in enumerate(keys)])
    yield from on_host(codec, scheduled, codes, folder)


class _Scheduled(Plan):
    def __init__(self, plan: Plan, keys: list[bool]) -> None:
        super().__init__(plan.channels, plan.frames_per_packet, plan.format, plan.taps)
        object.__setattr__(self, "_keys", keys)

    def keys(self, codec: str, packets: int) -> list[bool]:
        keys: list[bool] = object.__getattribute__(self, "_keys")
        return keys[:packets]
