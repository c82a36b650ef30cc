"""What is coded: 1,024 channels of real recordings, or of noise that anybody can make again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from budget.runs import Codes, Plan
from n1codec import formats
from n1codec.stream import NLINK

CHANNELS: Final = 1024
FRAMES: Final = 20_480
"""Of recordings."""
SYNTHETIC_FRAMES: Final = 960
_TAPS: Final = 8


def recordings(folder: Path) -> Codes:
    """Return codes of all recordings of a folder, each taken equally often: rotated copies fill up."""
    files = sorted(folder.glob("*.wav"))
    if not files:
        raise SystemExit(f"budget: no WAV files in {folder}")
    out = np.empty((FRAMES, CHANNELS), np.uint16)
    for at, name in enumerate(files[:CHANNELS]):
        samples = formats.read(name).samples.reshape(-1)
        for c in range(at, CHANNELS, len(files)):
            turned = np.roll(samples, -(c // len(files)) * len(samples) // 4)[:FRAMES].astype(np.int64)
            out[:, c] = ((turned + 32768) * 1023 + 32768) >> 16
    return out


def synthetic() -> Codes:
    """Return codes of a leaky walk with noise, about as hard as the recordings are; integers only, so the same everywhere."""
    state = np.arange(1, CHANNELS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    walk = np.zeros(CHANNELS, np.int64)
    out = np.empty((SYNTHETIC_FRAMES, CHANNELS), np.uint16)
    for t in range(SYNTHETIC_FRAMES):
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        parts = [
            (state >> np.uint64(shift) & np.uint64(1023)).astype(np.int64) - 512 for shift in (0, 10, 20, 30, 40, 50)
        ]
        walk += sum(parts[:3]) - (walk >> 5)
        out[t] = np.clip(512 + (walk + (sum(parts[3:]) >> 1) >> 7), 0, 1023)
    return out


def fitted(codes: Codes) -> tuple[int, ...]:
    """Return the eight taps, in 1/4096 and 1 together, that leave least of all channels together."""
    x: NDArray[np.float64] = codes[:2000, ::7].astype(np.float64)
    past = np.stack([x[_TAPS - 1 - i : -1 - i].ravel() for i in range(_TAPS)], 1)
    last = past[:, :1]
    rest = np.rint(np.linalg.lstsq(past[:, 1:] - last, x[_TAPS:].ravel() - last[:, 0], rcond=None)[0] * 4096).astype(
        int
    )
    return (4096 - int(rest.sum()), *(int(tap) for tap in rest))


def plan(codes: Codes, frames_per_packet: int) -> Plan:
    """Return how they are coded: as the N1's, in two substreams."""
    words = [1, codes.shape[1], frames_per_packet, 2, 20_000_000, 0, 2, NLINK.kind, 0, 1, NLINK.codes]
    words += [NLINK.shift, NLINK.centre, NLINK.spread, NLINK.usual, 0]
    return Plan(codes.shape[1], frames_per_packet, np.array(words, "<u4").tobytes(), fitted(codes))
