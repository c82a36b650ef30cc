"""Signed numbers folded (docs/format/zigzag.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from n1reference.numbers import unfold
from n1reference.params import no_side, only
from n1reference.samples import Layout


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the folded values, and what unfolds them."""
    only(params)
    no_side(side, "zigzag")

    def undo(values: list[int]) -> list[int]:
        return [layout.dtype.wrap(unfold(value)) for value in values]

    return layout.with_dtype(layout.dtype.unsigned()), undo
