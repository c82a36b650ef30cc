"""A recording in progress, to be killed: ``python n1c_writer_process.py FILE``.

Appends samples whose values follow from their position, in uneven parts, and prints how many are safe after each flush.
"""

from __future__ import annotations

import sys

import numpy as np

import n1codec


def samples_at(start: int, stop: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Return what is recorded from one sample to another."""
    at = np.arange(start, stop, dtype=np.int64)
    return (np.stack([at * at // 7, at * 31, at // 3], axis=1) % 1009).astype(np.int16)


def main() -> None:
    with n1codec.Writer(
        sys.argv[1],
        dtype="i2",
        channels=3,
        rate=1000.0,
        codec="delta+zlib",
        chunk_frames=64,
        bundle_channels=2,
        atomic=False,
    ) as writer:
        print(0, flush=True)
        for part in range(1_000_000):
            writer.append(samples_at(writer.n_samples, writer.n_samples + 1 + part * 37 % 150))
            if part % 3 == 0:
                writer.flush()
                print(writer.n_samples, flush=True)


if __name__ == "__main__":
    main()
