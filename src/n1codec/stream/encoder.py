"""Frames in, packets out."""

from __future__ import annotations

import secrets
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from n1codec import _core, arguments
from n1codec.errors import ParameterError, UnsupportedError
from n1codec.stream.converter import NLINK, WIDTHS, Converter, even, recognise
from n1codec.stream.settings import DESCRIBED, DTYPES, KEY, STORED, Settings

EARLY_KEYS: Final = (40, 160)
"""Frames after which a lite stream sends scales again, once there is something to measure them by."""
LITE_KEYS: Final = 640
"""Frames between the keys of a lite stream, unless told otherwise."""
TABLES: Final = 1.0
"""Seconds between two packets of code widths, at least, unless a key was asked for."""
_TABLE_SHARE: Final = 500
"""Bytes of samples for a byte of widths."""
_MISFITS: Final = 8
"""Packets in a row whose samples are no codes, after which the converter is taken for another one."""
_DESCRIBED: Final = 32
"""Of independent packets, one of so many is described."""


class Encoder:
    """Codes frames into packets as they come, each from what was before it.

    Parameters
    ----------
    channels : int
        1 to 4,096.
    rate : float
        Frames a second. It is told to receivers and says how many frames lie between two keys.
    profile : {"full", "lite"}
        "lite" is for microcontrollers and chips: 12 bytes of state a channel, scales sent in keys. "full" adapts weights and
        scales, looks at the two channels before, and takes 32 bytes a channel.
    frames_per_packet : int
        1 to 20. A frame waits for the packet to fill up: 5 frames at 20 kHz are 0.25 ms.
    converter : Converter, optional
        What is known of the converter. By default it is recognised from the frames of the first call of :meth:`encode`.
    key_every : float, optional
        Seconds between keys, from which a receiver can begin or go on after a loss; 0: only where :meth:`key` asks for one.
        By default 640 frames for "lite", which measures scales with them (and has one every 32,000 frames in any case), and 0
        for "full".
    independent : bool
        Make each packet a key: nothing follows from a packet that is lost, and packets are larger.

    Raises
    ------
    ParameterError
        If an argument is none of these.

    Notes
    -----
    An encoder belongs to one thread at a time.
    """

    def __init__(
        self,
        channels: int,
        rate: float,
        profile: str = "full",
        frames_per_packet: int = 5,
        *,
        converter: Converter | None = None,
        key_every: float | None = None,
        independent: bool = False,
    ) -> None:
        self.settings = Settings.of(channels, rate, profile, frames_per_packet)
        self.session: int = secrets.randbits(32)
        """A number that no other start of a sender is likely to have."""
        self.sequence = 0
        """The next packet's number."""
        self.frames = 0
        """Frames that are in packets."""
        self.position = 0
        """The number that the next packet's first frame has: `frames` and those that were skipped."""
        self._dropped = 0
        self.stored = 0
        """Packets that were stored as they are so far: they did not shrink, or their samples are no codes."""
        self._converter = arguments.optional(arguments.instance, "converter", converter, Converter)
        every = arguments.optional(arguments.number, "key_every", key_every, 0)
        between = (
            every * self.settings.rate if every is not None else LITE_KEYS * (profile == "lite")
        ) / frames_per_packet
        self._key_every = max(1, round(between)) if between else 0
        """Packets; 0: never."""
        self._table_at = 0
        self._independent = arguments.flag("independent", independent)
        self._core: _core.StreamEncoder | None = None
        self._dtype: np.dtype[Any] | None = None
        self._waiting: NDArray[Any] | None = None
        self._early = [-(-frames // frames_per_packet) for frames in EARLY_KEYS] if profile == "lite" else []
        self._wanted = True
        self._misfits = 0
        self._ended = False

    @property
    def bound(self) -> int:
        """Bytes of the largest packet that there can be."""
        if self._dtype is None:
            raise ParameterError("the type of the samples is known once there are some")
        return self._format().bound

    @property
    def itemsize(self) -> int:
        """Bytes of a sample; 0 before the first frames."""
        return self._dtype.itemsize if self._dtype is not None else 0

    @property
    def converter(self) -> Converter | None:
        """What is known of the converter; None before the first frames."""
        return self._converter

    @property
    def memory(self) -> int:
        """Bytes that the native encoder has, all of it; 0 before the first frames."""
        return self._core.memory if self._core else 0

    def key(self) -> None:
        """Make the next packet a key: a receiver has lost one, or is new."""
        self._wanted = True

    def encode(self, frames: ArrayLike) -> list[bytes]:
        """Code frames; what does not fill a packet waits for the next call.

        Parameters
        ----------
        frames : array of int8, uint8, int16 or uint16, shape (n_samples, n_channels)
            Or (n_samples,) for one channel. The type stays the same from the first call on.

        Returns
        -------
        list of bytes
            Packets, in order. A converter with learned widths comes in a packet of its own before a key.

        Raises
        ------
        UnsupportedError
            If the samples are of another type or shape.
        ParameterError
            If the stream has ended.
        """
        if self._ended:
            raise ParameterError("the stream has ended: flush() was called")
        new = self._checked(frames)
        if self._dropped:
            dropped = min(self._dropped, len(new))
            self._dropped -= dropped
            new = new[dropped:]
        if self._waiting is not None:
            new = np.concatenate([self._waiting, new])
        size = self.settings.frames_per_packet
        whole = len(new) // size * size
        if whole and self._core is None:
            self._begin(new)
        packets: list[bytes] = []
        for at in range(0, whole, size):
            self._packet(new[at : at + size], packets)
        self._waiting = new[whole:].copy() if len(new) > whole else None
        return packets

    def skip(self, n_frames: int) -> None:
        """Leave out frames that never came, so that those behind keep their numbers: a receiver names them as missing.

        Packets begin at multiples of their frames. So up to a packet's frames on either side of the gap are left out with it:
        those that wait for their packet to fill, and those before the next one's begin.

        Parameters
        ----------
        n_frames : int
            How many are lost at the source.

        Raises
        ------
        ParameterError
            If `n_frames` is not positive, or the stream has ended.
        """
        n_frames = arguments.integer("n_frames", n_frames, 1)
        if self._ended:
            raise ParameterError("the stream has ended: flush() was called")
        size = self.settings.frames_per_packet
        waiting = 0 if self._waiting is None else len(self._waiting)
        at = self.position - self._dropped + waiting + n_frames
        self.sequence = -(-at // size)
        self.position = self.sequence * size
        self._dropped = self.position - at
        self._waiting = None
        if self._core is not None:
            assert self._converter is not None
            self._change(self._converter)

    def flush(self) -> list[bytes]:
        """End the stream: code the frames that wait, if there are any, into a last packet of fewer frames."""
        packets: list[bytes] = []
        if not self._ended and self._waiting is not None:
            if self._core is None:
                self._begin(self._waiting)
            self._packet(self._waiting, packets)
        self._ended = True
        self._waiting = None
        return packets

    def _checked(self, frames: ArrayLike) -> NDArray[Any]:
        if type(frames) is np.ndarray and frames.dtype is self._dtype and frames.shape[1:] == (self.settings.channels,):
            flags = frames.flags
            if flags.c_contiguous and flags.aligned:
                return frames  # as a rule, and thousands of times a second: nothing to ask
        samples = arguments.samples("frames", frames)
        dtype = samples.dtype.newbyteorder("=")
        if dtype.name not in DTYPES:
            raise UnsupportedError(f"frames must be integers of 8 or 16 bits, not {samples.dtype}")
        if samples.ndim == 1 and self.settings.channels == 1:
            samples = samples[:, None]
        if samples.ndim != 2 or samples.shape[1] != self.settings.channels:
            raise UnsupportedError(f"frames must have shape (n_samples, {self.settings.channels}), not {samples.shape}")
        if self._dtype is None:
            if self._converter is not None and self._converter.kind == NLINK.kind and dtype != np.int16:
                raise UnsupportedError(f"the N1's samples are int16, not {dtype}")
            self._dtype = np.dtype(dtype.name)  # the one that arrays have
        elif dtype != self._dtype:
            raise UnsupportedError(f"frames must be {self._dtype} as before, not {dtype}")
        return np.require(samples, dtype, ["C", "A"])

    def _begin(self, samples: NDArray[Any]) -> None:
        self._change(self._converter if self._converter is not None else recognise(samples))

    def _change(self, converter: Converter) -> None:
        self._converter = converter
        self._core = _core.StreamEncoder(self._format(), converter.widths, self.sequence)
        self._wanted = True

    def _table_every(self) -> int:
        """Return packets between two tables of widths: they are to be few of a stream's bytes."""
        assert self._converter is not None
        rate = self.settings.rate
        between = max(
            TABLES * rate, _TABLE_SHARE * len(self._converter.widths) / (self.settings.channels * self.itemsize)
        )
        return max(1, round(between / self.settings.frames_per_packet))

    def _format(self) -> _core.StreamFormat:
        assert self._dtype is not None
        f = self.settings.format(self.session, self._dtype)
        (self._converter if self._converter is not None else even(self._dtype)).set(f)
        return f

    def _flags(self) -> int:
        """Return what the next packet is to be."""
        n = self.sequence
        if self._wanted or n in self._early or (self._key_every and n % self._key_every == 0):
            return KEY | DESCRIBED
        if self._independent:
            return KEY if n % _DESCRIBED else KEY | DESCRIBED
        return 0

    def _packet(self, samples: NDArray[Any], packets: list[bytes]) -> None:
        assert self._core is not None
        assert self._converter is not None
        if self._misfits >= _MISFITS:
            self._misfits = 0
            self._change(recognise(samples))
        flags = self._flags()
        due = self._wanted or self.sequence >= self._table_at
        if due and flags & DESCRIBED and self._converter.kind == WIDTHS:
            packets.append(_core.stream_widths_packet(self._converter.widths))
            self._table_at = self.sequence + self._table_every()
        packet = self._core.encode(samples, flags)
        self._wanted = False
        self.sequence += 1
        self.frames += len(samples)
        self.position += len(samples)
        stored = packet[0] & STORED
        self.stored += bool(stored)
        self._misfits = self._misfits + 1 if stored and packet[0] & _EXTRA and packet[7] & _WIDE else 0
        packets.append(packet)


_EXTRA: Final = 8
_WIDE: Final = 32
