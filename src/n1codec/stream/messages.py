"""What the two ends of a link say to each other beside packets: a byte of kind, the session, content, a check sum."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from n1codec import _core

AGAIN: Final = 0xB0
"""To a sender: packets that are missing."""
KEY: Final = 0xB1
"""To a sender: a key is needed."""
GONE: Final = 0xB2
"""To a receiver: packets that cannot be sent again."""
CLOCK: Final = 0xB3
"""To a receiver: when frame 0 was there, by the clock of which machine."""
END: Final = 0xB4
"""To a receiver: how many packets and frames there were."""
DONE: Final = 0xB5
"""To a sender: all of them are here, or given up."""
_CONTENT: Final = {AGAIN: None, KEY: 0, GONE: None, CLOCK: 12, END: 16, DONE: 0}
_RANGE: Final = struct.Struct("<QH")
MOST_RANGES: Final = 100
"""Ranges of packets in a message."""


@dataclass(frozen=True)
class Message:
    """A message and what is in it.

    Attributes
    ----------
    kind, session : int
        What it is, and of which stream; session 0: of any.
    ranges : tuple of (first, count)
        AGAIN and GONE: packets.
    start, machine : int
        CLOCK: nanoseconds, and a number that no other machine (or start of one) is likely to have.
    packets, frames : int
        END: how many.
    """

    kind: int
    session: int
    ranges: tuple[tuple[int, int], ...] = ()
    start: int = 0
    machine: int = 0
    packets: int = 0
    frames: int = 0

    def pack(self) -> bytes:
        """Return it as bytes."""
        content = b"".join(_RANGE.pack(*each) for each in self.ranges[:MOST_RANGES])
        if self.kind == CLOCK:
            content = struct.pack("<QI", self.start, self.machine)
        elif self.kind == END:
            content = struct.pack("<QQ", self.packets, self.frames)
        data = struct.pack("<BI", self.kind, self.session) + content
        return data + struct.pack("<I", _core.crc32c(data))


def read(data: bytes) -> Message | None:
    """Return the message that bytes are, or None: damaged, or none."""
    size = len(data) - 9
    if size < 0 or data[0] not in _CONTENT or struct.unpack("<I", data[-4:])[0] != _core.crc32c(data[:-4]):
        return None
    kind, session = struct.unpack_from("<BI", data)
    content, wanted = data[5:-4], _CONTENT[kind]
    if wanted is not None and size != wanted:
        return None
    if kind == CLOCK:
        start, machine = struct.unpack("<QI", content)
        return Message(kind, session, start=start, machine=machine)
    if kind == END:
        packets, frames = struct.unpack("<QQ", content)
        return Message(kind, session, packets=packets, frames=frames)
    if size % _RANGE.size or size > MOST_RANGES * _RANGE.size:
        return None
    return Message(kind, session, tuple(_RANGE.iter_unpack(content)))


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return rising numbers as ranges (first, count)."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][0] + found[-1][1] and found[-1][1] < 0xFFFF:
            found[-1][1] += 1
        else:
            found.append([number, 1])
    return tuple((first, count) for first, count in found)
