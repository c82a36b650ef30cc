"""Channel after channel (docs/format/planar.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from n1reference.params import no_side, only
from n1reference.samples import Layout


def prepare(side: bytes, layout: Layout, params: Mapping[str, str]) -> tuple[Layout, Callable[[list[int]], list[int]]]:
    """Return the layout of the sequence, and what interleaves its channels again."""
    only(params)
    no_side(side, "planar")

    def undo(values: list[int]) -> list[int]:
        return [value for at in range(layout.n_samples) for value in values[at :: layout.n_samples]]

    return Layout(layout.dtype, (layout.size,)), undo
