"""Small .n1c files for the tests, and ways to look at them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import n1codec
from arrays import lattice_samples
from n1codec.codec import Samples

RATE = 1000.0


def write_n1c(path: Path, samples: Samples, **options: Any) -> Path:
    """Write samples with settings that make small files of several chunks and bundles."""
    settings: dict[str, Any] = {"codec": "delta+store", "rate": RATE, "overwrite": True} | options
    channels = samples.shape[1] if samples.ndim == 2 else None
    with n1codec.Writer(path, dtype=samples.dtype, channels=channels, **settings) as writer:
        writer.append(samples)
    return path


def quiet_open(path: Path, **options: Any) -> n1codec.RecordingFile:
    """Open a file without the warning that it is damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", n1codec.DamageWarning)
        return n1codec.open(path, **options)


def small(path: Path) -> tuple[Path, Samples]:
    """Return a file of three chunks and two bundles, and what is in it."""
    samples = lattice_samples((25, 3))
    write_n1c(path, samples, chunk_frames=10, bundle_channels=2, metadata={"a": 1}, restore=b"\x01")
    return path, samples


def read_out(path: Path) -> tuple[Samples | None, bool]:
    """Return all samples, lost ones as zeros, and whether anything at all was said to be wrong."""
    try:
        with quiet_open(path) as recording:
            report = recording.verify()
            return recording.read(fill=0), not report.ok
    except n1codec.CorruptError:
        return None, True
