"""Channels minus a share of those before them (docs/format/channel.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from n1reference.errors import CorruptError
from n1reference.params import choice, integer, no_side, only
from n1reference.samples import Layout


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the residuals, and what adds the channels before them."""
    only(params, "mode", "span", "weight")
    mode = choice(params, "mode", "average", ("average", "neighbour"))
    span = integer(params, "span", 4, 1, 64)
    weight = integer(params, "weight", 10, 1, 16)
    if mode == "neighbour":
        if (span, weight) != (4, 10):
            raise CorruptError("span and weight belong to mode=average")
        span, weight = 1, 16
    no_side(side, "channel")
    signed, dtype = layout.dtype.signed(), layout.dtype

    def undo(values: list[int]) -> list[int]:
        if len(layout.shape) == 1:
            return [dtype.wrap(value) for value in values]
        restored: list[int] = []
        for at in range(0, len(values), layout.channels):
            frame: list[int] = []
            for residual in values[at : at + layout.channels]:
                before = frame[-span:]
                share = weight * sum(before) // (16 * len(before)) if before else 0
                frame.append(signed.wrap(residual + share))
            restored += [value - dtype.bias for value in frame]
        return restored

    return layout.with_dtype(signed), undo
