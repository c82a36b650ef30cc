"""Time random short reads of a few channels: a .n1c file beside zarr with Blosc's zstd, as SpikeInterface stores recordings.

``python scripts/bench_random_access.py [--run FILE.bin] [--codec SPEC] [--seconds S] [--reads N]``: of a SpikeGLX recording, or of a
synthetic probe. Zarr is left out where it or numcodecs is not installed. The readers take turns, each on the same windows; a
new reader is opened for each window, so no cache of decoded samples helps either side.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import n1codec
from n1codec import container, formats

try:
    import numcodecs
    import zarr
except ImportError:
    zarr = None

CHANNELS = 384
RATE = 30_000
WINDOW_SECONDS = 0.1
WINDOW_CHANNELS = 16


def recording(seconds: float) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return a synthetic probe: slow waves shared by neighbours, noise with memory, a spike here and there."""
    rng = np.random.default_rng(0)
    n_samples = int(seconds * RATE)
    samples = np.empty((n_samples, CHANNELS), np.int16)
    time_axis = np.arange(n_samples) / RATE
    slow = sum(60 / k * np.sin(2 * np.pi * 3 * k * time_axis + k) for k in range(1, 5))
    shared = rng.normal(0, 4, n_samples)
    for channel in range(CHANNELS):
        noise = rng.normal(0, 6, n_samples)
        noise[1:] += 0.6 * noise[:-1]
        gain = 1 + 0.3 * np.sin(channel / 20)
        samples[:, channel] = np.round(gain * slow + shared + noise)
        for at in rng.integers(0, n_samples - 40, int(8 * seconds)):
            samples[at : at + 40, channel] -= np.round(70 * np.hanning(40)).astype(np.int16)
    return samples


def measured_ms(
    read: Callable[[int, int], Any], windows: list[tuple[int, int]], samples: Any
) -> list[tuple[float, float]]:
    """Return the milliseconds of each read by the clock and by the processor's time, having compared what it gave."""
    width = int(WINDOW_SECONDS * RATE)
    taken = []
    for start, channel in windows:
        begun = time.perf_counter(), time.process_time()
        got = read(start, channel)
        taken.append((1e3 * (time.perf_counter() - begun[0]), 1e3 * (time.process_time() - begun[1])))
        assert np.array_equal(got, samples[start : start + width, channel : channel + WINDOW_CHANNELS])
    return taken


def zarr_reader(samples: Any, store: str, width: int) -> Callable[[int, int], Any]:
    """Write a zarr array, and return what reads a window of it."""
    blosc = numcodecs.Blosc("zstd", clevel=5, shuffle=numcodecs.Blosc.BITSHUFFLE)
    array = zarr.open(
        store, mode="w", shape=samples.shape, chunks=(RATE, samples.shape[1]), dtype="i2", compressor=blosc
    )
    array[:] = samples
    size = sum(file.stat().st_size for file in Path(store).rglob("*") if file.is_file())
    print(f"zarr {zarr.__version__} blosc-zstd-5 bitshuffle: {size / samples.nbytes:.3f}")

    def read(start: int, channel: int) -> Any:
        return zarr.open(store, mode="r")[start : start + width, channel : channel + WINDOW_CHANNELS]

    return read


def main() -> None:
    """Print one line for each reader."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", help="a recording instead of a synthetic probe")
    parser.add_argument("--codec", default=container.DEFAULT_CODEC)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--reads", type=int, default=60)
    parser.add_argument("--bundle-channels", type=int)
    parser.add_argument("--chunk-seconds", type=float)
    options = parser.parse_args()
    samples = formats.read(options.run).samples if options.run else recording(options.seconds)
    width = int(WINDOW_SECONDS * RATE)
    rng = np.random.default_rng(1)
    windows = [
        (int(rng.integers(len(samples) - width)), int(rng.integers(samples.shape[1] - WINDOW_CHANNELS + 1)))
        for _ in range(options.reads)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path, store = Path(folder) / "a.n1c", str(Path(folder) / "a.zarr")
        with n1codec.Writer(
            path,
            dtype=samples.dtype,
            channels=samples.shape[1],
            rate=RATE,
            codec=options.codec,
            threads=2,
            bundle_channels=options.bundle_channels,
            chunk_seconds=options.chunk_seconds,
        ) as writer:
            writer.append(samples)
        print(
            f"n1c {options.codec}: {path.stat().st_size / samples.nbytes:.3f} of {samples.nbytes >> 20} MiB, "
            f"chunks of {writer.chunk_frames} samples"
        )

        def from_n1c(threads: int) -> Callable[[int, int], Any]:
            def read(start: int, channel: int) -> Any:
                with n1codec.open(path, threads=threads) as file:
                    return file[start : start + width, channel : channel + WINDOW_CHANNELS]

            return read

        readers = {"n1c, 1 thread": from_n1c(1), "n1c, 2 threads": from_n1c(2)}
        if zarr:
            readers["zarr"] = zarr_reader(samples, store, width)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in readers}
        for at in range(0, len(windows), 10):
            for name, read in readers.items():
                times[name] += measured_ms(read, windows[at : at + 10], samples)
        for name, taken in times.items():
            clock, processor = np.array(taken).T
            low, middle, high = np.percentile(clock, [25, 50, 75])
            print(
                f"{name:16s} median {middle:6.2f} ms, mean {clock.mean():6.2f} (IQR {low:.2f} to {high:.2f}); "
                f"by processor time median {np.median(processor):6.2f}, mean {processor.mean():6.2f}"
            )


if __name__ == "__main__":
    main()
