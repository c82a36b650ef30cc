"""The chain of stages that a pipeline is: samples to side information and payload, and back.

Arguments are known to be right here: `n1codec.pipeline` sees to that.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from n1codec import arguments
from n1codec.codec import Coder, Layout, Parts, Samples, Stage, Transform, Watch
from n1codec.errors import CodecError, CorruptError, LimitError, UnsupportedError, coding, decoding
from n1codec.threads import Beside


def taken(first: Stage, samples: Samples) -> Samples:
    """Return samples as stages see them, or raise :class:`UnsupportedError` if the first one does not take them."""
    array: Samples = np.require(samples, samples.dtype.newbyteorder("="), ["C", "A"])
    if not first.takes(array.dtype):
        raise UnsupportedError(f"{first.name} takes no samples of type {array.dtype.name}: see Pipeline.suited")
    return array


def transform(transforms: tuple[Transform, ...], samples: Samples) -> tuple[Samples, tuple[bytes, ...]]:
    """Apply transforms: return what the coder will see, and the side information of each."""
    current = samples
    sides: tuple[bytes, ...] = ()
    for stage in transforms:
        layout = Layout.of(current)
        if not layout.size:
            sides += (b"",)
            continue
        with coding(stage.name):
            current, side = stage.forward(current)
            if stage.output_layout(layout, side) != Layout.of(current) or not arguments.is_plain(current.dtype):
                raise CodecError(f"{stage.name}: the transform does not keep to the layout it announces")
        sides += (side,)
    return current, sides


def encode(
    transforms: tuple[Transform, ...], coder: Coder, samples: Samples, threads: int, beside: Beside | None = None
) -> tuple[tuple[bytes, ...], Parts]:
    """Return each transform's side information, and the payload in parts that stand one after the other.

    Something else is done beside the coding, unless there is nothing to code.
    """
    samples = taken((*transforms, coder)[0], samples)
    payload: Parts = ()
    if not samples.size:
        return (), ()
    transformed, sides = transform(transforms, samples)
    if transformed.size:
        with coding(coder.name):
            payload = coder.encode_parts(transformed, threads=threads, beside=beside)
        whole = transforms[0].whole(samples, sum(map(len, (*sides, *payload)))) if sides else None
        if whole is not None:
            return (whole, *(b"" for _ in sides[1:])), ()
    return sides, payload


def decode(
    transforms: tuple[Transform, ...],
    coder: Coder,
    payload: bytes | memoryview,
    sides: tuple[bytes, ...],
    layout: Layout,
    threads: int,
    max_bytes: int,
    watch: Watch | None = None,
) -> Samples:
    """Undo `encode`: give back the samples of a layout, from a payload in one piece, which nobody changes.

    Where nothing is to be undone behind the coder, `watch` sees the samples that are returned while they come to be there.

    Raises
    ------
    CorruptError, LimitError
        If they are none, or transformed samples would take four times `max_bytes`.
    """
    first: Stage = (*transforms, coder)[0]
    if layout.size == 0:
        if payload or sides:
            raise CorruptError("an envelope without samples has a payload")
        return np.empty(layout.shape, layout.dtype)
    if not first.takes(layout.dtype):
        raise CorruptError(f"{first.name} is for integers of at most 32 bits, these are {layout.dtype.name}")
    if len(sides) != len(transforms):
        raise CorruptError(f"{len(sides)} transforms have side information, the codec has {len(transforms)}")
    layouts = [layout]
    for stage, side in zip(transforms, sides, strict=True):
        if not layouts[-1].size:  # a stage before holds all
            if side:
                raise CorruptError(f"{stage.name}: side information where there are no samples")
            layouts.append(layouts[-1])
            continue
        with decoding(stage.name):
            layouts.append(stage.output_layout(layouts[-1], side))
        if layouts[-1].nbytes > 4 * max_bytes:
            raise LimitError(f"{stage.name}: transformed samples exceed the limit of {max_bytes} bytes")
    if layouts[-1].size:
        with decoding(coder.name):
            seen = seen_by(coder, payload)
            if watch is None or transforms:
                samples = coder.decode(seen, layouts[-1], threads=threads)
            else:
                samples = coder.decode_watched(seen, layouts[-1], watch, threads=threads)
            _expect(samples, layouts[-1])
    elif payload:
        raise CorruptError(f"{coder.name}: a payload where there are no samples")
    else:
        samples = np.empty(layouts[-1].shape, layouts[-1].dtype)
    for stage, side, wanted in reversed(list(zip(transforms, sides, layouts[:-1], strict=True))):
        if not wanted.size:
            continue
        with decoding(stage.name):
            samples = stage.inverse(samples, side, wanted)
            _expect(samples, wanted)
    return samples


def seen_by(coder: Coder, payload: bytes | memoryview) -> bytes:
    """Return a payload as a coder takes it: where it stands, if that will do."""
    return cast(bytes, payload) if coder.takes_views else bytes(payload)


def _expect(samples: Samples, layout: Layout) -> None:
    if Layout.of(samples) != layout:
        raise CorruptError(f"decoded to {samples.dtype} {samples.shape} instead of {layout.dtype} {layout.shape}")
