"""Differences along time (docs/format/delta.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from n1reference.params import integer, no_side, only
from n1reference.samples import Layout


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the differences, and what sums them up."""
    only(params, "order")
    order = integer(params, "order", 1, 1, 3)
    no_side(side, "delta")
    step = layout.channels

    def undo(values: list[int]) -> list[int]:
        sums = list(values)
        for _ in range(order):
            for at in range(step, len(sums)):
                sums[at] += sums[at - step]
        return [layout.dtype.wrap(value) for value in sums]

    return layout.with_dtype(layout.dtype.signed()), undo
