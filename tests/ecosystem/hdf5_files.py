"""HDF5 for the tests: h5py, the filter, and when two arrays are the same. Modules that import this run on the stacks alone."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import stacks
from n1codec import synth

stacks.needs("zarr2", "zarr3")

h5py = importlib.import_module("h5py")
hdf5 = importlib.import_module("n1codec.hdf5")


def some_traces() -> NDArray[np.int16]:
    """Return 0.2 s of 64 channels."""
    return synth.recording(seconds=0.2, channels=64, seed=3).astype(np.int16)


def same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def written(path: Path, samples: NDArray[Any], chunks: tuple[int, ...]) -> tuple[int, int]:
    """Write one chunk, and return where in the file it lies and how long it is."""
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", data=samples, chunks=chunks, **hdf5.N1(3))
        info = data.id.get_chunk_info(0)
        return info.byte_offset, info.size


def run_python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run code in another process, which knows of no plugin."""
    kept = {key: text for key, text in os.environ.items() if key != "HDF5_PLUGIN_PATH"}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=kept | env)
