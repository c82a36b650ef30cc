"""Decode many damaged payloads behind a right CRC, in a process of its own: a crash must not take the tests along.

Usage: ``python tests/hostile_worker.py SPEC COUNT SEED``. Exits 0 if every decode gave an error of the family or the right
samples, and prints how many of each and the growth of memory in MiB; the exit code of a crash is the signal's.
"""

from __future__ import annotations

import faulthandler
import random
import sys

import numpy as np

import n1codec
from memory import peak_bytes
from n1codec import envelope
from n1codec.codec import Samples


def other_types() -> list[Samples]:
    """Return samples that the transform integers is for: with gains, gaps and corrections; noise; planes; wide integers."""
    rng = np.random.default_rng(8)
    codes = rng.integers(-9, 10, (120, 3)).cumsum(axis=0)
    gains = (codes * np.array([0.195, 0.195, 1e-6])).astype("f4")
    gains[20:30] = np.nan
    return [
        gains,
        codes.astype("f4") * np.float32(0.0731) + np.float32(3.2),
        rng.normal(0, 1, (60, 2)).astype("f4"),
        rng.normal(0, 1e-300, 60),
        rng.integers(0, 1 << 64, 60, "u8"),
        rng.integers(0, 1 << 40, 60).cumsum(),
        rng.random(60) > 0.5,
    ]


def subjects() -> list[Samples]:
    rng = np.random.default_rng(7)
    codes = np.clip(512 + np.cumsum(rng.normal(0, 8, 400)), 0, 1023).astype(np.int64)
    smooth = np.trunc(codes * 65535 / 1023 - 32768).astype("i2")
    return [
        smooth,
        smooth.reshape(-1, 4),
        rng.integers(0, 256, 300).astype("u1"),
        rng.integers(-(2**31), 2**31, 90).astype("i4"),
    ]


def damage(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        how = rng.randrange(6)
        at = rng.randrange(len(out) + 1)
        if how == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif how == 1 and out:
            out[at % len(out)] = rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, rng.randrange(256)))
        elif how == 2:
            del out[at : at + rng.randrange(1, 9)]
        elif how == 3:
            out[at:at] = rng.randbytes(rng.randrange(1, 9))
        elif how == 4:
            del out[at:]
        else:
            out[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\0\0\0\x80"))
    return bytes(out)


def attack(header: envelope.Header, payload: bytes, rng: random.Random) -> tuple[envelope.Header, bytes]:
    """Damage the payload, or side information, or the shape."""
    if any(header.sides) and rng.random() < 0.4:
        which = rng.randrange(len(header.sides))
        sides = tuple(damage(side, rng) if at == which else side for at, side in enumerate(header.sides))
        return envelope.Header(header.dtype, header.shape, header.spec, sides), payload
    if rng.random() < 0.1:
        shape = tuple(max(0, length + rng.choice((-1, 1, 1000))) for length in header.shape)
        return envelope.Header(header.dtype, shape, header.spec, header.sides), payload
    return header, damage(payload, rng)


def main() -> int:
    spec, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    faulthandler.enable()
    rng = random.Random(seed)
    pipeline = n1codec.get(spec)
    chosen = other_types() if spec.startswith("integers") else subjects()
    opened = [(samples, *envelope.unpack(pipeline.encode(samples))) for samples in chosen]
    frames = [(samples, header, bytes(payload), digest) for samples, header, payload, digest in opened]
    for samples, header, payload, digest in frames:  # what a valid decode needs does not count as growth
        n1codec.decode(envelope.pack(header, (payload,), digest), threads=1)
        assert samples.size
    before = peak_bytes()
    refused = intact = 0
    for _ in range(count):
        samples, header, payload, digest = rng.choice(frames)
        bad_header, bad_payload = attack(header, payload, rng)
        try:
            decoded = n1codec.decode(envelope.pack(bad_header, (bad_payload,), digest), max_bytes=1 << 20)
        except n1codec.N1Error:
            refused += 1
            continue
        if decoded.tobytes() != samples.tobytes():
            print(f"silent wrong data: {bad_header} {bad_payload.hex()}", file=sys.stderr)
            return 3
        intact += 1
    growth = (peak_bytes() - before) / (1 << 20)
    print(f"{refused} {intact} {growth:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
