"""One codec on one recording: size, time, memory, and proof that it comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

import numpy as np

from n1codec.bench.results import STRETCH_S, Blocks, Measurement
from n1codec.bench.sources import Loaded
from n1codec.bench.timing import once, timed
from n1codec.codec import Samples, bits_of
from n1codec.errors import N1Error
from n1codec.pipeline import Pipeline, decode
from n1codec.shannon import entropy

BLOCK_FRAMES: Final = 1024
"""Frames (samples of each channel) of the blocks whose latency is measured."""

MIN_BLOCKS: Final = 30
MAX_BLOCKS: Final = 100
BLOCKS_S: Final = 1.0
"""After `MIN_BLOCKS`, no further block is begun once this time is spent."""

Say = Callable[[str], None]
"""Told what is being done, so that a crash can be put down to it."""


class Subject(Protocol):
    """What can be measured: a codec or the yardstick."""

    def encode(self, samples: Samples, *, threads: int) -> bytes:
        """Return all that `decode` needs."""

    def decode(self, data: bytes, *, threads: int) -> Samples:
        """Return the samples from the bytes alone."""

    def coded(self, samples: Samples) -> Samples:
        """Return what the last stage sees."""


class Codec:
    """A pipeline, measured through the functions that everybody calls: an envelope with its CRC and hash."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def encode(self, samples: Samples, *, threads: int) -> bytes:
        """Return an envelope."""
        return self._pipeline.encode(samples, threads=threads)

    def decode(self, data: bytes, *, threads: int) -> Samples:
        """Decode an envelope: it names its own pipeline."""
        return decode(data, threads=threads)

    def coded(self, samples: Samples) -> Samples:
        """Apply the transforms."""
        return self._pipeline.suited(samples.dtype).transform(samples)[0] if samples.size else samples


class Memcpy:
    """The yardstick: the samples copied to new bytes, and back to a new array."""

    def __init__(self) -> None:
        self._dtype: np.dtype[Any] = np.dtype(np.int16)
        self._shape: tuple[int, ...] = (0,)

    def encode(self, samples: Samples, *, threads: int) -> bytes:
        """Copy the samples; remember what bytes alone do not tell."""
        self._dtype, self._shape = samples.dtype, samples.shape
        return samples.tobytes()

    def decode(self, data: bytes, *, threads: int) -> Samples:
        """Copy the bytes."""
        return np.frombuffer(data, self._dtype).reshape(self._shape).copy()

    def coded(self, samples: Samples) -> Samples:
        """Return the samples."""
        return samples


def unmeasured(loaded: Loaded, error: str) -> Measurement:
    """Return a failure on a recording."""
    samples = loaded.samples
    return Measurement(loaded.name, len(loaded.source), samples.size, samples.nbytes, loaded.seconds, error=error)


def measure(subject: Subject, loaded: Loaded, *, threads: int, repeat: int, say: Say) -> Measurement:
    """Encode, decode, compare, and return all figures; a failure is one of them.

    Parameters
    ----------
    subject : Subject
        The codec.
    loaded : Loaded
        The recording.
    threads : int
        Threads that the coder may use.
    repeat : int
        How many calls should be timed.
    say : callable
        Told what is being done.
    """
    # A copy of its own, all of it in memory now: no page of the file is read, nor first touched, while the clock runs.
    # The source stays apart, so a codec that scribbles on its input is found out.
    samples = np.array(loaded.samples, order="C")
    samples.flags.writeable = False
    doing = "encoding"
    try:
        say(doing)
        data, encoding = timed(partial(subject.encode, samples, threads=threads), repeat)
        doing = "decoding"
        say(doing)
        decoded, decoding = timed(partial(subject.decode, data, threads=threads), repeat)
        doing = "comparing"
        say(doing)
        error = difference(loaded, decoded)
        coded = subject.coded(samples)
        doing = f"decoding {STRETCH_S:g} s"
        stretch_s = _stretch(subject, samples, loaded.rate, threads, repeat, say)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as caught:  # a panic in Rust is no Exception
        return unmeasured(loaded, f"{doing}: {reason(caught)}")
    size = len(data) + len(loaded.restore)
    values = samples.size
    return Measurement(
        recording=loaded.name,
        bytes_in=len(loaded.source),
        samples=values,
        sample_bytes=samples.nbytes,
        seconds=loaded.seconds,
        bytes_out=size,
        frame_bytes=len(data),
        restore_bytes=len(loaded.restore),
        ratio=len(loaded.source) / size if size else None,
        bits_per_sample=8 * size / values if values else None,
        encode_s=encoding.best_s,
        encode_median_s=encoding.median_s,
        encode_repeats=encoding.repeats,
        encode_cores=encoding.cores,
        encode_peak_mb=encoding.peak_mb,
        decode_s=decoding.best_s,
        decode_median_s=decoding.median_s,
        decode_repeats=decoding.repeats,
        decode_cores=decoding.cores,
        decode_peak_mb=decoding.peak_mb,
        stretch_decode_s=stretch_s,
        entropy_in=_entropy(samples),
        # for each sample that went in: a transform may give more or fewer values
        entropy_coded=_entropy(coded) * coded.size / values if values else 0.0,
        lossless=error is None,
        error=error,
    )


def _stretch(subject: Subject, samples: Samples, rate: float, threads: int, repeat: int, say: Say) -> float | None:
    """Return the seconds that decoding a stretch from the middle takes, encoded alone; None if the recording is no longer."""
    frames = round(STRETCH_S * rate)
    if len(samples) <= frames or samples.size == 0:
        return None
    say(f"decoding {STRETCH_S:g} s")
    first = (len(samples) - frames) // 2
    part: Any = np.array(samples[first : first + frames], order="C")
    data = subject.encode(part.copy(), threads=threads)
    decoded, timing = timed(partial(subject.decode, data, threads=threads), repeat)
    if decoded.dtype != part.dtype or not np.array_equal(bits_of(decoded), bits_of(part)):
        raise ValueError(f"not exact: the {STRETCH_S:g} s from frame {first} on did not come back")
    return timing.best_s


def _entropy(samples: Samples) -> float:
    """Return the order-0 entropy of samples in bits for each, floats and truth values told apart by their bits."""
    return entropy(samples if samples.dtype.kind in "iu" else bits_of(samples))


def difference(loaded: Loaded, decoded: Samples) -> str | None:
    """Return how decoded samples, or the source rebuilt from them, differ from the recording; None if in nothing."""
    samples = loaded.samples
    if (decoded.dtype, decoded.shape) != (samples.dtype, samples.shape):
        return f"not exact: {decoded.dtype} {decoded.shape} came back instead of {samples.dtype} {samples.shape}"
    wrong = int(np.count_nonzero(bits_of(decoded) != bits_of(samples)))
    if wrong:
        return f"not exact: {wrong} of {samples.size} samples differ"
    if loaded.rebuild(loaded.restore, decoded) != loaded.source:
        return "not exact: the samples are right, but the rebuilt file differs from the source"
    return None


def measure_blocks(subject: Subject, loaded: Loaded, *, threads: int, say: Say) -> Blocks | None:
    """Return what coding short blocks of a recording costs, or None if it is shorter than one block.

    Blocks are spread evenly over the recording, each encoded once on its own, after one that does not count. What waits
    for a block can send it no sooner than its last sample is there and its encoding is done: the latency is the block's
    duration and the 99th percentile of the encoding time.

    Raises
    ------
    Exception
        Whatever the codec raises, and ValueError if a block does not come back.
    """
    samples = loaded.samples
    if len(samples) < BLOCK_FRAMES or samples.size == 0:
        return None
    say(f"coding a block of {BLOCK_FRAMES} frames")
    starts = np.linspace(0, len(samples) - BLOCK_FRAMES, MAX_BLOCKS).astype(int)
    frame_bytes = block_bytes = 0
    spent: list[float] = []
    _, warm_up = _block(subject, samples, int(starts[0]), threads)
    for start in starts:
        if len(spent) >= MIN_BLOCKS and sum(spent) + warm_up >= BLOCKS_S:
            break
        size, seconds = _block(subject, samples, int(start), threads)
        frame_bytes += size
        block_bytes += samples[:BLOCK_FRAMES].nbytes
        spent.append(seconds)
    p50, p99 = (1e3 * float(np.percentile(spent, rank, method="higher")) for rank in (50, 99))
    return Blocks(
        block_frames=BLOCK_FRAMES,
        block_count=len(spent),
        block_ratio=block_bytes / frame_bytes,
        block_encode_ms_p50=p50,
        block_encode_ms_p99=p99,
        latency_ms=1e3 * BLOCK_FRAMES / loaded.rate + p99,
    )


def _block(subject: Subject, samples: Samples, start: int, threads: int) -> tuple[int, float]:
    """Return the bytes and the seconds of one block, having seen it come back."""
    block: Any = np.array(samples[start : start + BLOCK_FRAMES], order="C")
    before = block.copy()
    data, seconds = once(partial(subject.encode, block, threads=threads))
    decoded = subject.decode(data, threads=threads)
    if decoded.dtype != before.dtype or not np.array_equal(bits_of(decoded), bits_of(before)):
        raise ValueError(f"not exact: the block of {BLOCK_FRAMES} frames at {start} did not come back")
    return len(data), seconds


def reason(error: BaseException) -> str:
    """Return what an exception says, in one line, with its type unless it is one of ours."""
    text = " ".join(str(error).split())
    return text if isinstance(error, N1Error) and text else f"{type(error).__name__}: {text}".rstrip(": ")
