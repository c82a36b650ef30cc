"""Write the frozen payloads that every release must decode: tests/fixtures/n1/*.json.

    python scripts/make_n1_fixtures.py DIRECTORY

Run at a release that changes the format, into a new folder; those of released formats are never made again. Samples come
from `n1codec.synth` and from a seeded generator. Each file holds the dtype, the shape, the payload in base64 and the SHA-256 of
the samples as little-endian bytes in C order. What an encoder writes is not frozen: only that these payloads decode.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from n1codec import _core, synth, varint
from n1codec.codec import Samples
from n1codec.codecs._streams import pack_streams
from n1codec.codecs.n1 import N1

LEVELS = range(1, 10)


def recordings() -> dict[str, Samples]:
    """Return what electrodes give; coded at every level."""
    probe = replace(synth.Parameters(), field_correlation=0.9, noise_correlation=0.7)
    wide = synth.recording(seconds=0.15, channels=18, seed=7, parameters=probe)
    return {
        "mono": synth.recording(seconds=0.15, seed=5)[:1500],
        "tetrode": wide[:1200, :4],
        "probe": wide[:590, 1:],
    }


def special() -> dict[str, Samples]:
    """Return samples that other parts of the format serve; coded at levels 1, 5 and 9."""
    rng = np.random.default_rng(11)
    walk = rng.normal(0, 1, (700, 9)).cumsum(axis=0)
    narrow = rng.normal(0, 9, (600, 3))
    mixed = np.round(walk[:, :4] * 20).astype("i2")
    mixed[:, 1] = -77
    mixed[:, 3] = rng.integers(0, 2, 700) * 4095
    sparse = np.zeros((600, 2), "i4")
    sparse[rng.integers(0, 600, 30), 0] = 1_000_000
    return {
        "int8": np.round(narrow).astype("i1"),
        "uint8": np.round(narrow + 128).astype("u1"),
        "uint16": np.round(walk * 30 + 40000).astype("u2"),
        "int32-lattice": np.round(walk * 25).astype("i4") * 1000 - 5,
        "int32-raw-bits": np.round(walk[:, :2] * 5e6).astype("i4"),
        "uint32": np.round(narrow * 3 + 100).astype("u4"),
        "uint32-high": np.round(narrow + (1 << 32) - 200).astype("u4"),
        "list": np.array([-9000, -2, 0, 5, 77, 30000], "i2")[rng.integers(0, 6, (1100, 2))],
        "noise": rng.integers(-(1 << 31), 1 << 31, 300).astype("i4"),
        "constant": np.full((40, 3), 1 << 30, "i4"),
        "mixed": mixed,
        "sparse": sparse,
        "one-sample": np.array([[1, 2, 3]], "i2"),
        "wide": np.round(walk[:560] * 14).astype("i2"),
    }


def save(folder: Path, name: str, samples: Samples, payload: bytes) -> None:
    """Write a file."""
    little = np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))
    text = json.dumps(
        {
            "dtype": samples.dtype.name,
            "shape": samples.shape,
            "sha256": hashlib.sha256(little.tobytes()).hexdigest(),
            "payload": base64.b64encode(payload).decode("ascii"),
        },
        indent=0,
    )
    (folder / f"{name}.json").write_text(text + "\n", "ascii")


def main(folder: Path) -> None:
    """Write all files; equal payloads once."""
    folder.mkdir(parents=True, exist_ok=True)
    for sets, levels in ((recordings(), LEVELS), (special(), (1, 5, 9))):
        for name, samples in sets.items():
            seen = set()
            for level in levels:
                payload = N1(level=level).encode(np.ascontiguousarray(samples))
                if payload not in seen:
                    save(folder, f"{name}-{level}", samples, payload)
                seen.add(payload)
    stored = synth.recording(seconds=1, seed=8).astype("i4")
    codes = ((stored + 32768) * 1023 + 32768 >> 16).astype("i2")  # uneven codes without the N1's stored values
    save(folder, "uneven-3", codes, N1(level=3).encode(codes))
    long = np.round(np.random.default_rng(3).normal(0, 3, 4096)).astype("i2")
    chunks = [_core.n1_encode(part, 2, True, 1, 1) for part in (long[:2048], long[2048:])]
    save(folder, "two-chunks-1", long, varint.pack(2) + pack_streams(chunks))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
