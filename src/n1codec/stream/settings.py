"""What both ends of a stream are told: channels, rate, profile, frames of a packet; limits and words in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from n1codec import _core, arguments

PROFILES: Final = ("lite", "full")
DTYPES: Final = ("int8", "uint8", "int16", "uint16")
"""Types of samples, in the order of their numbers."""
MAX_CHANNELS: Final = _core.STREAM_MAX_CHANNELS
MAX_FRAMES: Final = _core.STREAM_MAX_FRAMES
"""Most frames of a packet."""
MAX_RATE: Final = 4_294_967.0
"""Hz."""
KEY: Final = _core.STREAM_KEY
DESCRIBED: Final = _core.STREAM_DESCRIBED
STORED: Final = _core.STREAM_STORED


@dataclass(frozen=True)
class Settings:
    """What does not change while a stream lasts."""

    channels: int
    rate: float
    profile: str
    frames_per_packet: int

    @classmethod
    def of(cls, channels: object, rate: object, profile: object, frames_per_packet: object) -> Settings:
        """Check what a caller gives."""
        return cls(
            arguments.integer("channels", channels, 1, MAX_CHANNELS),
            arguments.number("rate", rate, 0.001, MAX_RATE),
            arguments.choice("profile", profile, PROFILES),
            arguments.integer("frames_per_packet", frames_per_packet, 1, MAX_FRAMES),
        )

    @classmethod
    def described(cls, f: _core.StreamFormat) -> Settings:
        """Return what a described packet says."""
        return cls(f.channels, f.millihertz / 1000, PROFILES[f.profile], f.frames)

    def format(self, session: int, dtype: np.dtype[Any]) -> _core.StreamFormat:
        """Return a stream's format, its converter apart."""
        f = _core.StreamFormat()
        f.session, f.channels, f.frames = session, self.channels, self.frames_per_packet
        f.millihertz, f.profile = round(self.rate * 1000), PROFILES.index(self.profile)
        f.dtype = DTYPES.index(dtype.name)
        f.substreams = 2 if self.channels > 1 else 1
        return f
