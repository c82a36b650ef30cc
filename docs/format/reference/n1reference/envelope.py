"""The envelope: one array (docs/FORMAT.md, "The encoded array")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from n1reference.checks import crc32c, hash_samples
from n1reference.errors import CorruptError, TruncatedError
from n1reference.numbers import Cursor
from n1reference.pipeline import MAX_LENGTH, MAX_STAGES, decode_payload, parse
from n1reference.samples import Dtype, Layout, to_bytes

MAGIC: Final = b"N1"
VERSION: Final = 0
MAX_VALUES: Final = 1 << 30
MAX_CHANNELS: Final = 1 << 16
MAX_SIDE: Final = 1 << 33
MAX_PAYLOAD: Final = 1 << 33
TRAILER: Final = 12
_, _, FLOATS, TRUTHS = range(4)
KINDS: Final = "uifb"


@dataclass(frozen=True)
class Decoded:
    """Decoded samples.

    Parameters
    ----------
    layout : Layout
        Their dtype and shape.
    values : list of int
        In C order.
    order : str
        "little" or "big": the byte order that the array has in memory.
    doubts : int
        What could not be settled when the file was recovered, in bits; 0 for nothing, and for an envelope.
    restore_bytes : bytes
        What gives the source back; empty if there was none, and for an envelope.
    """

    layout: Layout
    values: list[int]
    order: str
    doubts: int = 0
    restore_bytes: bytes = b""

    def to_bytes(self) -> bytes:
        """Return the array's memory."""
        return to_bytes(self.values, self.layout.dtype, self.order)


def read_dtype(code: int) -> tuple[Dtype, str, bool]:
    """Return the dtype, the byte order and whether there are channels."""
    width, kind = code & 3, code >> 2 & 3
    big, two_dimensional = bool(code & 0x10), bool(code & 0x20)
    invalid = (kind == FLOATS and width == 0) or (kind == TRUTHS and width > 0)
    if code & 0xC0 or invalid or (width == 0 and big):
        raise CorruptError(f"no dtype {code:#04x}")
    return Dtype(KINDS[kind], 1 << width), "big" if big else "little", two_dimensional


def decode_envelope(data: bytes) -> Decoded:
    """Return the samples of an envelope; raise `DecodeError` for what is none."""
    cursor = Cursor(data, "envelope")
    if cursor.take(2) != MAGIC:
        raise CorruptError("no envelope: wrong magic", 0)
    version = cursor.number(1)
    if version != VERSION:
        raise CorruptError(f"envelopes of version {version} are not known", 2)
    dtype, order, two_dimensional = read_dtype(cursor.number(1))
    shape = tuple(cursor.varint(MAX_VALUES) for _ in range(2 if two_dimensional else 1))
    layout = Layout(dtype, shape)
    if layout.size > MAX_VALUES or layout.channels > MAX_CHANNELS:
        raise CorruptError(f"impossible shape {shape}", 4)
    spec = cursor.counted(MAX_LENGTH)
    n_sides = cursor.number(1)
    if n_sides > MAX_STAGES:
        raise CorruptError(f"side information of {n_sides} transforms", cursor.at - 1)
    sides = [cursor.counted(MAX_SIDE) for _ in range(n_sides)]
    payload = cursor.counted(MAX_PAYLOAD)
    if cursor.left != TRAILER:
        raise (TruncatedError if cursor.left < TRAILER else CorruptError)("an envelope of another length", cursor.at)
    expected = cursor.number(8)
    if crc32c(data[:-4]) != cursor.number(4):
        raise CorruptError("the CRC is wrong: the envelope is damaged")
    values = decode_payload(parse(spec), sides, payload, layout)
    if hash_samples(values, layout) != expected:
        raise CorruptError("the hash is wrong: these are not the samples that were encoded")
    return Decoded(layout, values, order)
