"""Recordings that the tests of other people's libraries put into stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import SHARED
from n1codec import synth

RATE = 30_000.0


def probe(seconds: float = 0.4, channels: int = 40, seed: int = 1) -> NDArray[np.int16]:
    """Return samples of some channels, shape (n_samples, n_channels)."""
    return np.asarray(synth.recording(seconds=seconds, channels=channels, seed=seed), np.int16)


def flipped(path: Path, at: int | None = None) -> None:
    """Flip a bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at is None else at] ^= 1
    path.write_bytes(data)


def biggest(folder: Path) -> Path:
    """Return the largest file below a folder: a chunk, or a shard."""
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def neuropixels() -> NDArray[Any]:
    """Return the real Neuropixels run, 15,000 samples of 385 channels at 30 kHz, or skip the test that asks for it."""
    path = SHARED / "multichannel" / "run-001_g0_t0.imec0.ap.bin"
    if not path.is_file():
        pytest.skip(f"the real Neuropixels run is not here: no {path}")
    return np.fromfile(path, "<i2").reshape(-1, 385)


def arrays() -> dict[str, Any]:
    """Return arrays as users have them, by what they are."""
    codes = probe()[:3000, :8]
    return {
        "int16": codes,
        "uint16": (codes.astype(np.int32) + 32768).astype(np.uint16),
        "big-endian": codes.astype(">i2"),
        "one channel": codes[:, 0],
        "channels first": codes.T,
        "three axes": codes.reshape(30, 100, 8),
        "microvolts": (codes * 0.195).astype(np.float32),
        "a time vector": 12.5 + np.arange(3000) / 30_000,
        "sample numbers": np.arange(3000, dtype=np.int64) + 10**12,
        "truth values": codes > 0,
        "dates": np.datetime64("2026-11-29", "us") + np.arange(3000).astype("m8[us]"),
        "complex": codes.astype(np.complex64),
        "text": codes[:, 0].astype("U5"),
        "a structure": codes[:, :2].copy().view([("at", "<i2"), ("channel", "<i2")])[:, 0],
    }
