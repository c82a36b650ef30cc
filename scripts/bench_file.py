"""Compare a .n1c file with one block of the same samples: bytes, and speed in memory and through the file.

``python scripts/bench_file.py FILE.bin [--codec SPEC] [--repeat N] [--times N] [--threads N]``: of a recording, which is put N times
one after the other, since a probe's half second is short: forwards and backwards in turn, with a random lowest bit in every 32nd
channel, so that no block sees frames come again.
What is compared takes turns; medians, in MB/s of samples and times real time, by the clock and by the processors' time: on a busy
machine, trust the latter. Bytes are those of the recording once.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

import n1codec
from n1codec import container, formats


def sizes(samples: np.ndarray, rate: float, codec: str, folder: Path) -> str:
    """Return what the file takes beside one block."""
    block = len(n1codec.encode(samples, codec))
    samples.tofile(folder / "once.dat")
    layout = {"dtype": samples.dtype, "channels": samples.shape[1], "rate": rate}
    size = container.encode_file(folder / "once.dat", folder / "once.n1c", codec=codec, **layout).encoded_bytes
    return (
        f"one block {block:,} bytes, ratio {samples.nbytes / block:.4f}; file {size:,} bytes, {size / block - 1:+.2%}"
    )


def main() -> None:
    """Print one line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording")
    parser.add_argument("--codec", default=container.DEFAULT_CODEC)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    source = formats.read(options.recording)
    samples = np.concatenate([source.samples[:: 1 - 2 * (each % 2)] for each in range(options.times)])
    samples[:, ::32] ^= np.random.default_rng(1).integers(0, 2, samples[:, ::32].shape, samples.dtype)
    rate, channels, seconds = source.rate, samples.shape[1], len(samples) / source.rate
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(sizes(source.samples, rate, options.codec, folder))
        raw, file, back = folder / "a.dat", folder / "a.n1c", folder / "back.dat"
        samples.tofile(raw)
        envelope = n1codec.encode(samples, options.codec)

        layout = {"dtype": samples.dtype, "channels": channels, "rate": rate}
        settings = {"codec": options.codec, "overwrite": True, **layout}
        ways: dict[str, Callable[[], object]] = {}
        for threads in sorted({1, options.threads}):
            write = partial(container.encode_file, raw, file, threads=threads, **settings)
            ways |= {
                f"encode, memory, {threads}": partial(n1codec.encode, samples, options.codec, threads=threads),
                f"encode, file, {threads}": partial(write, verify=False),
                f"encode, file verified, {threads}": partial(write, verify=True),
                f"decode, memory, {threads}": partial(n1codec.decode, envelope, threads=threads),
                f"decode, file, {threads}": partial(container.decode_file, file, back, threads=threads, overwrite=True),
            }
        taken: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(options.repeat):
            for way, work in ways.items():
                (file if "encode, file" in way else back).unlink(missing_ok=True)  # files are new
                begun = time.perf_counter(), time.process_time()
                work()
                taken[way].append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
        for way, times in taken.items():
            clock, processor = (statistics.median(each) for each in zip(*times, strict=True))
            print(
                f"{way:28s} {samples.nbytes / clock / 1e6:7.1f} MB/s, {seconds / clock:5.2f} x real time; "
                f"by processor time {samples.nbytes / processor / 1e6:7.1f} MB/s, {seconds / processor:5.2f} x"
            )


if __name__ == "__main__":
    main()
