"""Packets in, frames out, and which frames are missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, arguments
from n1codec.errors import CorruptError
from n1codec.stream.converter import WIDTHS
from n1codec.stream.settings import DESCRIBED, DTYPES, KEY, Settings

Range = tuple[int, int]
"""Frames from the first number up to, and without, the second."""
_MOST_TABLES = 16
"""Tables of widths that are kept at a time."""


@dataclass(frozen=True)
class Decoded:
    """What a packet brought.

    Attributes
    ----------
    frames : ndarray, shape (n_samples, n_channels)
        Samples, each as it was sent; none if the packet could not be read.
    missing : tuple of (start, stop)
        Frames, by their numbers in the stream, of which this packet shows that they are lost or that they cannot be decoded.
    start : int
        The number of the first of `frames`.
    session : int
        Of the sender's start that the numbers count from. A sender that was started again has another one.
    why : str
        "" if all is well; "damaged": cut, changed on the way, or of another stream; "late": it, or what comes after it, was
        decoded before; "waiting": a key is needed first; "widths": a table of widths, which holds no frames.
    """

    frames: NDArray[Any]
    missing: tuple[Range, ...] = ()
    start: int = 0
    session: int = 0
    why: str = ""


@dataclass
class _Stream:
    """A session that is being read."""

    format: _core.StreamFormat
    settings: Settings
    core: _core.StreamDecoder | None
    next: int = 0
    out: NDArray[Any] = field(default_factory=lambda: np.empty(0, np.int16))


class Decoder:
    """Decodes packets in the order in which they were sent.

    A packet that was lost leaves a gap: the frames in it are named as missing, and so are those of packets that follow from it,
    until a key. What is given is exact, always: a packet is decoded only if its check sum, its session and its number fit, and
    if all that it follows from was decoded.

    Parameters
    ----------
    channels, rate, profile, frames_per_packet
        As the sender's :class:`Encoder` was given. A stream that describes itself as another one is refused. None: whatever
        it says.

    Raises
    ------
    ParameterError
        If an argument is none of these.
    """

    def __init__(
        self,
        channels: int | None = None,
        rate: float | None = None,
        profile: str | None = "full",
        frames_per_packet: int | None = 5,
    ) -> None:
        given = (channels, rate, profile, frames_per_packet)
        filled = tuple(d if g is None else g for g, d in zip(given, (1, 1.0, "full", 1), strict=True))
        checked = Settings.of(*filled)
        names = ("channels", "rate", "profile", "frames_per_packet")
        self._wanted = {n: getattr(checked, n) for n, g in zip(names, given, strict=True) if g is not None}
        self._stream: _Stream | None = None
        self._tables: dict[int, bytes] = {}

    @property
    def settings(self) -> Settings | None:
        """Return what the stream says of itself; None before its first key."""
        return self._stream.settings if self._stream else None

    @property
    def needs_key(self) -> bool:
        """Whether nothing but a key can be decoded now."""
        return self._stream is None or self._stream.core is None or self._lost

    _lost = False

    @property
    def next_frame(self) -> int:
        """The number of the frame that is expected next."""
        return self._stream.next * self._stream.settings.frames_per_packet if self._stream else 0

    def decode(self, packet: bytes) -> Decoded:
        """Decode a packet.

        Parameters
        ----------
        packet : bytes
            Anything at all: what is no packet of this stream is told as such and changes nothing.

        Returns
        -------
        Decoded
            Frames and what is missing.

        Raises
        ------
        CorruptError
            If a stream describes itself as another one than this decoder was made for.
        """
        packet = arguments.data("packet", packet)
        stream = self._stream
        info = _core.stream_look(packet, stream.format.session if stream else 0, stream.next if stream else 0)
        if info is None:
            return self._no_samples(packet)
        if info.flags & DESCRIBED:
            stream = self._described(info)
        elif stream is None:
            return self._nothing("waiting")
        assert stream is not None
        return self._in_order(stream, packet, info)

    def _nothing(self, why: str, missing: tuple[Range, ...] = ()) -> Decoded:
        stream = self._stream
        if stream is None:
            return Decoded(np.empty((0, self._wanted.get("channels", 0)), np.int16), missing, why=why)
        dtype = np.dtype(DTYPES[stream.format.dtype])
        empty = np.empty((0, stream.settings.channels), dtype)
        return Decoded(empty, missing, self.next_frame, stream.format.session, why)

    def _no_samples(self, packet: bytes) -> Decoded:
        widths = _core.stream_widths_in(packet)
        if widths is None:
            return self._nothing("damaged" if self._stream else "waiting")
        while len(self._tables) >= _MOST_TABLES:
            del self._tables[next(iter(self._tables))]
        self._tables[_core.crc32c(widths)] = widths
        return self._nothing("widths")

    def _described(self, info: _core.StreamInfo) -> _Stream:
        """Return the stream that a packet says it is of: the same, the same described anew, or another session."""
        f, stream = info.format, self._stream
        settings = Settings.described(f)
        for name, value in self._wanted.items():
            told = getattr(settings, name)
            if told != value and not (name == "rate" and abs(told - value) <= 0.001):
                raise CorruptError(f"the stream's {name.replace('_', ' ')} is {told}, not {value}")
        same = stream is not None and stream.format.session == f.session
        if same and stream is not None:
            if info.sequence < stream.next or (_equal(stream.format, f) and stream.core is not None):
                return stream
            if settings != stream.settings or f.dtype != stream.format.dtype:
                raise CorruptError("a stream changed its channels, its packets or its type of samples")
        table = self._tables.get(f.table) if f.converter == WIDTHS else b""
        core = None
        if table is not None and len(table) == (f.codes if f.converter == WIDTHS else 0):
            try:
                core = _core.StreamDecoder(f, table)
            except ValueError as error:
                raise CorruptError(f"a stream cannot be read: {error}") from None
        out = np.empty((settings.frames_per_packet, settings.channels), DTYPES[f.dtype])
        # A receiver that joins begins where the packet is; within a session nothing before it is forgotten.
        new = _Stream(f, settings, core, stream.next if same and stream else info.sequence, out)
        self._stream = new
        return new

    def _in_order(self, stream: _Stream, packet: bytes, info: _core.StreamInfo) -> Decoded:
        if info.sequence < stream.next:
            return self._nothing("late")
        size = stream.settings.frames_per_packet
        start, n = info.sequence * size, info.frames or size
        gap: tuple[Range, ...] = ((stream.next * size, start),) if info.sequence > stream.next else ()
        follows = (not gap and not self._lost) or bool(info.flags & KEY)
        frames = 0
        if stream.core is not None:
            try:
                frames = stream.core.decode(packet, info, stream.out)
            except ValueError:  # whole by its check sum, and yet no encoder wrote it
                follows = False
        stream.next = info.sequence + 1
        self._lost = stream.core is None or not follows
        if not frames:
            missing = (*gap[:-1], (gap[0][0] if gap else start, start + n))
            return self._nothing("waiting", missing)
        assert frames == n
        return Decoded(stream.out[:frames].copy(), gap, start, stream.format.session, "")

    def missing_before(self, n_frames: int) -> tuple[Range, ...]:
        """Return what is missing at the end of a stream of `n_frames` frames: packets after the last that came."""
        n_frames = arguments.integer("n_frames", n_frames, 0)
        return ((self.next_frame, n_frames),) if n_frames > self.next_frame else ()


def _equal(a: _core.StreamFormat, b: _core.StreamFormat) -> bool:
    return all(getattr(a, name) == getattr(b, name) for name in _FIELDS)


_FIELDS = (
    "converter",
    "first",
    "stride",
    "codes",
    "shift",
    "centre",
    "spread",
    "usual",
    "table",
    "dtype",
    "substreams",
)
