"""Packets of a stream (docs/format/stream.md): the description, the law, the coder, both profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from n1reference.checks import crc32c
from n1reference.errors import CorruptError, DecodeError, TruncatedError, UnsupportedError
from n1reference.n1.tables import TABLES

LAW: Final[list[int]] = TABLES["packet_law"]
INVERSE: Final[list[int]] = TABLES["packet_inverse"]
NLINK: Final[list[int]] = TABLES["packet_nlink"]
KEY, DESCRIBED, STORED, EXTRA = 1, 2, 4, 8
TYPES: Final = (("int8", 1, True), ("uint8", 1, False), ("int16", 2, True), ("uint16", 2, False))
EVEN, N1, WIDTHS = range(3)


def _clamp(v: int, low: int, high: int) -> int:
    return max(low, min(high, v))


def _u(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


@dataclass(frozen=True)
class Description:
    """What a described packet says."""

    session: int
    number: int
    channels: int
    frames: int
    profile: int
    substreams: int
    rate: int
    type: int
    converter: int
    first: int
    stride: int
    codes: int
    shift: int
    centre: int
    spread: int
    usual: int
    table: int

    @classmethod
    def read(cls, data: bytes) -> Description:
        """Read 39 bytes."""
        if len(data) < 39:
            raise TruncatedError("a description is cut")
        d = cls(
            _u(data, 0, 4), _u(data, 4, 6), _u(data, 10, 2) + 1, data[12], data[13] & 15, data[13] >> 4, _u(data, 14, 4),
            data[18], data[19], int.from_bytes(data[20:24], "little", signed=True), _u(data, 24, 2), _u(data, 26, 2) + 1,
            data[28], _u(data, 29, 4), data[33], data[34], _u(data, 35, 4),
        )  # fmt: skip
        fine = d.channels <= 4096 and 1 <= d.frames <= 20 and d.profile <= 1 and 1 <= d.substreams <= 2 and d.type <= 3
        fine = fine and d.converter <= 2 and -32768 <= d.first <= 65535 and d.stride >= 1 and d.codes >= 2
        fine = fine and 9 <= d.shift <= 24 and d.spread <= 63 and d.usual <= 63
        fine = fine and d.centre <= (64 * d.codes if d.converter == EVEN else 65535)
        fine = fine and (d.converter == WIDTHS or d.table == 0) and (d.converter != WIDTHS or d.codes <= 4096)
        if d.converter == N1:
            fine = fine and (d.type, d.first, d.stride, d.codes) == (2, 0, 1, 1024)
        if not fine:
            raise CorruptError("a description is outside its limits")
        return d

    @property
    def bits(self) -> int:
        """Bits of a code."""
        return (self.codes - 1).bit_length()

    def value(self, code: int) -> int:
        """Return the sample of a code."""
        if self.converter == N1:
            v = 65535 * code - 32768 * 1023
            return v // 1023 if v >= 0 else -(-v // 1023)
        return self.first + self.stride * code

    def near(self, value: int) -> int:
        """Return the code that a sample which has none counts as."""
        if self.converter == N1:
            return ((value + 32768) * 1023 + 32768) >> 16
        return _clamp((value - self.first) // self.stride, 0, self.codes - 1)


class Coder:
    """Reads numbers of known mass from bytes that go on as zeros."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 4
        self._range = 2**32 - 1
        self._code = int.from_bytes((data + bytes(4))[:4], "big")

    def slot(self, bits: int) -> int:
        """Return where the code points to, of 2^bits."""
        slot = self._code // (self._range >> bits)
        if slot >= 1 << bits:
            raise CorruptError("a code points beyond its law")
        return slot

    def take(self, start: int, mass: int, bits: int) -> None:
        """Go on behind a symbol."""
        unit = self._range >> bits
        self._code -= unit * start
        self._range = unit * mass
        while self._range < 1 << 24:
            byte = self._data[self._at] if self._at < len(self._data) else 0
            self._code, self._range, self._at = self._code << 8 | byte, self._range << 8, self._at + 1

    def even(self, bits: int) -> int:
        """Return one of 2^bits numbers alike."""
        v = self.slot(bits)
        self.take(v, 1, bits)
        return v


class Channel:
    """The state of a channel."""

    def __init__(self, v: int, scale: int) -> None:
        self.x, self.y1, self.y2 = v, v, v
        self.w = [1 << 16, 3 << 16, 0, 0]
        self.level, self.sum, self.scale = 8 * scale + 4, 0, scale


class Stream:
    """Decodes the packets of a session in order, beginning with a described key.

    Parameters
    ----------
    description : Description
        Of the first packet.
    widths : bytes
        Of converter 2.
    """

    def __init__(self, description: Description, widths: bytes = b"") -> None:
        self.d = d = description
        self.next = d.number
        self._since = 0
        self._channels: list[Channel] = []
        if d.converter == WIDTHS:
            if crc32c(widths) != d.table or len(widths) != d.codes or 0 in widths or sum(widths) > 65535:
                raise CorruptError("widths are not those of the stream")
            self._edges: Sequence[int] = [sum(widths[:k]) for k in range(d.codes + 1)]
        else:
            self._edges = NLINK if d.converter == N1 else range(0, 64 * d.codes + 1, 64)

    # ---- the law ----

    def _steps(self, distance: int, scale: int) -> int:
        return _clamp((distance * INVERSE[scale]) >> self.d.shift, -1024, 1023)

    def _code(self, coder: Coder, mean: int, scale: int) -> int:
        slot = coder.slot(16)
        if slot < 16:
            coder.take(0, 16, 16)
            code = coder.even(self.d.bits)
            if code >= self.d.codes:
                raise CorruptError("a code that is none")
            return code
        low, high = 0, self.d.codes  # the mass below `low` is at most slot
        while high - low > 1:
            middle = (low + high) // 2
            if LAW[1024 + self._steps(self._edges[middle] - mean, scale)] <= slot:
                low = middle
            else:
                high = middle
        start, stop = (LAW[1024 + self._steps(self._edges[k] - mean, scale)] for k in (low, low + 1))
        if not start <= slot < stop:
            raise CorruptError("a code points beyond its law")
        coder.take(start, stop - start, 16)
        return low

    def _scale(self, coder: Coder) -> int:
        slot = coder.slot(16)
        if slot < 16:
            coder.take(0, 16, 16)
            return coder.even(6)
        for scale in range(64):
            at = 32 * (scale - self.d.usual) - 16
            start, stop = (LAW[1024 + _clamp(z, -1024, 1023)] for z in (at, at + 32))
            if start <= slot < stop:
                coder.take(start, stop - start, 16)
                return scale
        raise CorruptError("a scale that is none")

    # ---- channels ----

    def _middle(self, code: int) -> int:
        return (self._edges[code] + self._edges[code + 1]) >> 1

    def _features(self, c: Channel, near: list[int]) -> tuple[int, list[int]]:
        f = [c.y1 - c.x, c.y2 - c.x, *near]
        mean = c.x + (sum((w >> 8) * each for w, each in zip(c.w, f, strict=True)) >> 12)
        return _clamp(mean, 0, self._edges[self.d.codes]), f

    def _learn(self, c: Channel, mean: int, f: list[int], near: list[int], code: int) -> None:
        """Go on to the next sample, full."""
        v, scale = self._middle(code), c.level >> 3
        z = self._steps(self._edges[code] - mean, scale) + self._steps(self._edges[code + 1] - mean, scale)
        for i, k in enumerate((6, 6, 7, 7)):
            c.w[i] = _clamp(c.w[i] + ((z * self._steps(f[i], scale)) >> k), -(1 << 21), (1 << 21) - 1)
        c.y1 += (v - c.y1) >> 2
        c.y2 += (v - c.y2) >> 4
        c.x = v
        c.sum += abs(z)
        near[:] = [v - mean, near[0]]

    def _sample(self, c: Channel, near: list[int], coder: Coder | None, known: int) -> int:
        """Decode a sample, or take over one that is known."""
        if self.d.profile == 0:
            mean = c.x + ((c.y1 - c.x) >> 2)
            code = known if coder is None else self._code(coder, mean, c.scale)
            v = self._middle(code)
            c.y1 += (v - c.y1) >> 3
            c.x = v
            return code
        mean, f = self._features(c, near)
        code = known if coder is None else self._code(coder, mean, c.level >> 3)
        self._learn(c, mean, f, near, code)
        return code

    def _beat(self) -> None:
        """After a frame, full: some channels' scales follow."""
        t = self._since & 0xFFFFFFFF
        for n, c in enumerate(self._channels):
            if (n + t + 1) % 32 == 0:
                if t >= 31:
                    v = max(c.sum, 1)
                    n_bits = v.bit_length() - 1
                    o = 64 * n_bits + (64 * (v - (1 << n_bits)) >> n_bits) - 320 - 487
                    g = 1 if t < 128 else 2 if t < 256 else 3
                    c.level = _clamp(c.level + ((o + (1 << (g - 1))) >> g), 0, 511)
                c.sum = 0

    # ---- packets ----

    def decode(self, packet: bytes) -> list[int]:
        """Return the samples of the next packet, frame after frame."""
        flags, at, frames, wide = self._head(packet)
        n = frames * self.d.channels
        if flags & STORED:
            known, samples, scales = self._stored(packet[at:], n, bool(flags & KEY), wide)
            coders: list[Coder | None] = [None, None]
        else:
            body = packet[at:]
            coders = [Coder(body), Coder(body[::-1])]
            known, samples, scales = [0] * n, [], []
        codes = self._frames(coders, known, scales, frames, bool(flags & KEY))
        self.next += 1
        return samples if flags & STORED else [self.d.value(code) for code in codes]

    def _frames(
        self, coders: list[Coder | None], known: list[int], scales: list[int], frames: int, key: bool
    ) -> list[int]:
        d = self.d
        half = (d.channels + 1) // 2 if d.substreams == 2 else d.channels
        codes: list[int] = []
        if not key and not self._channels:
            raise DecodeError("a stream begins with a key")
        for t in range(frames):
            near = [0, 0]
            start: list[Channel] = []
            for c in range(d.channels):
                coder = coders[c >= half]
                if c == half:
                    near = [0, 0]
                if key and t == 0:
                    scale = self._scale(coder) if coder else scales[c]
                    codes.append(self._code(coder, d.centre, d.spread) if coder else known[len(codes)])
                    start.append(Channel(self._middle(codes[-1]), scale))
                else:
                    codes.append(self._sample(self._channels[c], near, coder, known[len(codes)]))
            if start:
                self._channels, self._since = start, 0
            if d.profile == 1:
                self._beat()
            self._since += 1
        return codes

    def _head(self, packet: bytes) -> tuple[int, int, int, bool]:
        """Return flags, where the body begins, frames, and whether samples are wide."""
        flags, at, extra = packet[0] & 15, 7, 0
        if flags & EXTRA:
            extra, at = packet[7], 8
            if not extra or extra & 0xC0 or (extra & 32 and not flags & STORED):
                raise CorruptError("extra is wrong")
        if flags & DESCRIBED:
            at += 39
        seal = self.d.session.to_bytes(4, "little") + (self.next >> 16).to_bytes(4, "little") + packet[:3]
        if _u(packet, 1, 2) != self.next & 0xFFFF or _u(packet, 3, 4) != crc32c(packet[7:], crc32c(seal)):
            raise CorruptError("a packet is damaged, or not the next one")
        frames = extra & 31 or self.d.frames
        if frames > self.d.frames:
            raise CorruptError("more frames than a packet has")
        return flags, at, frames, bool(extra & 32)

    def _stored(self, body: bytes, n: int, key: bool, wide: bool) -> tuple[list[int], list[int], list[int]]:
        """Return codes, samples and scales."""
        _, size, signed = TYPES[self.d.type]
        bits = 8 * size if wide else self.d.bits
        if len(body) != (n * bits + 6 * self.d.channels * key + 7) // 8:
            raise CorruptError("a stored packet of another size")
        whole, at = int.from_bytes(body, "big"), 8 * len(body)
        fields = []
        for width in [bits] * n + [6] * (self.d.channels * key):
            at -= width
            fields.append(whole >> at & ((1 << width) - 1))
        values, scales = fields[:n], fields[n:]
        if wide:
            samples = [v - (1 << bits) if signed and v >> (bits - 1) else v for v in values]
            return [self.d.near(v) for v in samples], samples, scales
        if max(values) >= self.d.codes:
            raise CorruptError("a code that is none")
        return values, [self.d.value(code) for code in values], scales


def decode_packets(packets: Sequence[bytes]) -> tuple[Description, list[int]]:
    """Return the description of a whole stream without losses, and its samples, frame after frame."""
    stream: Stream | None = None
    tables: dict[int, bytes] = {}
    samples: list[int] = []
    for packet in packets:
        if len(packet) < 7:
            raise TruncatedError("a packet is cut")
        if packet[0] == 0xA0:
            tables[_u(packet, 3, 4)] = packet[9:]
            continue
        if packet[0] & 0xF0 != 0x90:
            raise UnsupportedError("no packet of samples")
        if packet[0] & DESCRIBED:
            d = Description.read(packet[8 if packet[0] & EXTRA else 7 :])
            if stream is None or _changed(stream.d, d):
                stream = Stream(d, tables.get(d.table, b""))
        if stream is None:
            raise DecodeError("a stream begins with a described key")
        samples += stream.decode(packet)
    if stream is None:
        raise TruncatedError("no packets")
    return stream.d, samples


def _changed(a: Description, b: Description) -> bool:
    names = ("converter", "first", "stride", "codes", "shift", "centre", "spread", "usual", "table")
    return any(getattr(a, name) != getattr(b, name) for name in names)
