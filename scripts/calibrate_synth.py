"""Compare synthetic recordings with real ones: how far do they compress, and why.

    python scripts/calibrate_synth.py FOLDER [--every 6] [--seeds 10]

FOLDER holds the WAV files of the N1 (mono, 16 bits, 10-bit codes). Every codec here is the standard library's, or an
independent package that is left out if not installed (soundfile, zstandard, lz4); none is n1codec's own.
"""

from __future__ import annotations

import argparse
import bz2
import heapq
import importlib
import io
import lzma
import math
import sys
import wave
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from n1codec import synth

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

STORED = synth.to_stored(np.arange(1024)).astype(np.int64)


def optional(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def read_wav(path: Path) -> npt.NDArray[np.int16]:
    with wave.open(str(path), "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise SystemExit(f"{path}: expected mono, 16 bits")
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def to_codes(samples: npt.NDArray[np.int16]) -> IntArray:
    codes = np.searchsorted(STORED, samples.astype(np.int64))
    if np.any(STORED[np.minimum(codes, 1023)] != samples):
        raise SystemExit("not a recording of 10-bit codes")
    return codes.astype(np.int64)


# Sizes in bytes ------------------------------------------------------------------------------------------------------


def differences(raw: npt.NDArray[np.int16]) -> IntArray:
    wide = raw.astype(np.int64)
    return wide[1:] - wide[:-1]


def huffman_size(values: IntArray) -> int:
    """Return the bytes of a Huffman code of `values` and of its table.

    The table: for each value in rising order, its distance from the one before as a LEB128 number, and a code length
    of 5 bits.
    """
    symbols, counts = np.unique(values, return_counts=True)
    heap = [int(count) for count in counts]
    heapq.heapify(heap)
    payload_bits = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        payload_bits += merged
        heapq.heappush(heap, merged)
    gaps = [int(gap) for gap in np.diff(symbols)]
    table_bits = 24 + 5 * symbols.size + sum(8 * max(1, -(-gap.bit_length() // 7)) for gap in gaps)
    return -(-(payload_bits + table_bits) // 8)


def flac_size(samples: npt.NDArray[np.int16], level: int) -> int:
    soundfile = importlib.import_module("soundfile")
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 19531, format="FLAC", subtype="PCM_16", compression_level=level / 8)
    return len(buffer.getvalue())


def size_rows() -> dict[str, Callable[[npt.NDArray[np.int16], IntArray], int]]:
    rows: dict[str, Callable[[npt.NDArray[np.int16], IntArray], int]] = {
        "bz2 -9": lambda raw, _: len(bz2.compress(raw.astype("<i2").tobytes(), 9)),
        "delta + huffman, table counted": lambda raw, _: huffman_size(differences(raw)),
        "lzma": lambda raw, _: len(lzma.compress(raw.astype("<i2").tobytes())),
        "zlib -9": lambda raw, _: len(zlib.compress(raw.astype("<i2").tobytes(), 9)),
    }
    if optional("soundfile"):
        rows["FLAC 5"] = lambda raw, _: flac_size(raw, 5)
        rows["FLAC 8"] = lambda raw, _: flac_size(raw, 8)
        rows["FLAC 5 on codes"] = lambda _, codes: flac_size(codes.astype(np.int16), 5)
        rows["FLAC 8 on codes"] = lambda _, codes: flac_size(codes.astype(np.int16), 8)
    if zstandard := optional("zstandard"):
        rows["zstd -19"] = lambda raw, _: len(zstandard.ZstdCompressor(level=19).compress(raw.astype("<i2").tobytes()))
    if lz4 := optional("lz4.frame"):
        rows["lz4"] = lambda raw, _: len(lz4.compress(raw.astype("<i2").tobytes()))
    return rows


# Bits per sample -----------------------------------------------------------------------------------------------------


def entropy(values: IntArray) -> float:
    _, counts = np.unique(values, return_counts=True)
    p = counts / counts.sum()
    return float(-(p * np.log2(p)).sum())


def residual(signal: IntArray | FloatArray, taps: int) -> tuple[FloatArray, FloatArray]:
    """Return (predictions, errors) of the least-squares linear predictor of so many taps, from sample 32 on."""
    x = signal - signal.mean()
    past = np.stack([x[32 - i : len(x) - i] for i in range(1, taps + 1)], axis=1)
    weights = np.linalg.lstsq(past, x[32:], rcond=None)[0]
    predicted = past @ weights
    return predicted + signal.mean(), x[32:] - predicted


GRID = np.linspace(-9, 9, 1 << 16)
NORMAL = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in GRID])


def normal_below(z: FloatArray) -> FloatArray:
    below: FloatArray = np.interp(z, GRID, NORMAL)
    return below


def width_gain(recordings: list[IntArray], rounds: int = 6) -> float:
    """Return the bits per sample saved by knowing the code widths, learnt from all the recordings together.

    The model is one normal law around a 16-tap prediction, on a voltage axis where each code is a step. A round counts
    how often each code comes against how often the model expects it, and corrects the width of its step.
    """
    edges = np.arange(1025.0)
    samples = sum(len(codes) - 32 for codes in recordings)
    bits = []
    for _ in range(rounds):
        middles = (edges[1:] + edges[:-1]) / 2
        seen, expected, total = np.full(1024, 20.0), np.full(1024, 20.0), 0.0
        for codes in recordings:
            centre, errors = residual(middles[codes], 16)
            scale, now = float(errors.std()), codes[32:]
            mass = normal_below((edges[now + 1] - centre) / scale) - normal_below((edges[now] - centre) / scale)
            total -= float(np.log2(np.maximum(mass, 1e-6)).sum())
            seen += np.bincount(now, minlength=1024)
            where, often = np.unique(np.rint(4 * centre), return_counts=True)
            below = normal_below((edges[None, :] - where[:, None] / 4) / scale)
            expected += often @ np.diff(below, axis=1)
        bits.append(total / samples)
        widths = np.diff(edges) * seen / expected
        edges = np.concatenate(([0.0], np.cumsum(widths / widths[430:630].mean())))
    return bits[0] - min(bits)


def bits_rows(recordings: list[IntArray]) -> dict[str, float]:
    sigma = {taps: [math.log2(residual(c, taps)[1].std()) for c in recordings] for taps in (1, 2, 16, 32)}
    correlation = {lag: np.mean([np.corrcoef(c[:-lag], c[lag:])[0, 1] for c in recordings]) for lag in (1, 4, 16, 100)}
    rows = {
        "entropy of codes": np.mean([entropy(c) for c in recordings]),
        "entropy of differences of codes": np.mean([entropy(np.diff(c)) for c in recordings]),
        "LPC 2 over LPC 1": np.mean(sigma[1]) - np.mean(sigma[2]),
        "LPC 16 over LPC 2": np.mean(sigma[2]) - np.mean(sigma[16]),
        "LPC 32 over LPC 16": np.mean(sigma[16]) - np.mean(sigma[32]),
        "known code widths": width_gain(recordings),
        **{f"correlation at lag {lag}": value for lag, value in correlation.items()},
    }
    return {name: float(value) for name, value in rows.items()}


# The tables ----------------------------------------------------------------------------------------------------------


def measure(recordings: Iterable[npt.NDArray[np.int16]]) -> tuple[dict[str, float], dict[str, float]]:
    """Return ratios (all bytes of the set / all bytes compressed) and bits per sample."""
    rows = size_rows()
    packed = dict.fromkeys(rows, 0)
    source, codes = 0, []
    for samples in recordings:
        codes.append(to_codes(samples))
        source += 2 * samples.size
        for name, size in rows.items():
            packed[name] += size(samples, codes[-1])
    return {name: source / size for name, size in packed.items()}, bits_rows(codes)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare synthetic recordings with real ones.")
    parser.add_argument("folder", type=Path, help="folder of real WAV files")
    parser.add_argument("--every", type=int, default=6, help="use every n-th real file (default 6)")
    parser.add_argument("--seeds", type=int, default=10, help="number of synthetic recordings (default 10)")
    args = parser.parse_args()
    paths = sorted(args.folder.glob("*.wav"))[:: args.every]
    if not paths:
        print(f"no WAV files in {args.folder}", file=sys.stderr)
        return 1
    real_ratios, real_bits = measure(read_wav(path) for path in paths)
    ratios, bits = measure(synth.recording(seed=seed) for seed in range(args.seeds))
    print(f"| compression ratio | {len(paths)} real files | seeds 0 to {args.seeds - 1} | difference |")
    print("|---|---|---|---|")
    for name, value in ratios.items():
        print(f"| {name} | {real_ratios[name]:.3f} | {value:.3f} | {100 * (value / real_ratios[name] - 1):+.1f} % |")
    print("\n| bits per sample (last four: correlation) | real | synthetic | difference |")
    print("|---|---|---|---|")
    for name, value in bits.items():
        print(f"| {name} | {real_bits[name]:.3f} | {value:.3f} | {value - real_bits[name]:+.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
