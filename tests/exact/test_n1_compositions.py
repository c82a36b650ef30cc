"""Promise: n1 gives back whatever is put together at random, at each level, by every kernel alike.

``N1CODEC_COMPOSITIONS=20000 python -m pytest tests/exact/test_n1_compositions.py`` tries so many, for as long as that takes.
"""

from __future__ import annotations

import os

import numpy as np
import pytest

import n1codec
from arrays import same
from compositions import composition
from n1codec import _core

EACH = 20
BATCHES = range(-(-int(os.environ.get("N1CODEC_COMPOSITIONS", "240")) // EACH))


@pytest.mark.parametrize("batch", BATCHES)
def test_what_is_put_together_at_random_comes_back(batch: int) -> None:
    for seed in range(batch * EACH, (batch + 1) * EACH):
        samples = composition(seed)
        for level in range(1, 10):
            data = n1codec.encode(samples, f"n1:level={level}")
            assert same(n1codec.decode(data), samples), f"composition {seed}, level {level}"
            assert len(data) <= samples.nbytes + 100, f"composition {seed}, level {level}"


@pytest.mark.parametrize("batch", BATCHES)
def test_every_kernel_writes_the_same_of_what_is_put_together(batch: int) -> None:
    for seed in range(batch * EACH, (batch + 1) * EACH, 4):
        samples, level = composition(seed), 1 + seed // 4 % 9
        layout = samples.dtype.itemsize, samples.dtype.kind == "i", samples.shape[1], level
        first, *others = (_core.n1_encode(samples, *layout, kernel) for kernel in _core.n1_kernels())
        assert all(other == first for other in others), f"composition {seed}, level {level}"


def test_taps_that_make_up_for_the_rounding_of_others_stay_within_their_limit() -> None:
    """A channel that two others nearly explain, by large taps: more than a header holds once all were rounded."""
    samples = np.array(
        [
            [47151, 47092, 47098, 47092, 47098, 47092, 47098],
            [7, 0, 0, 42, 0, 0, 0],
            [41214, 41204, 41188, 41182, 41232, 41192, 41254],
            [29236] * 7, [65535] * 7, [65535] * 7, [0] * 7,
            [18087, 18088, 18091, 18093, 18095, 18098, 18101],
            [13800, 13733, 13713, 13713, 13733, 13713, 13713],
            [65535] * 7,
            [24425, 2768, 16025, 29135, 33505, 37875, 42245],
            [33185, 41837, 41098, 28715, 28824, 41779, 28562],
        ],
        "u2",
    ).T.copy()  # fmt: skip
    for level in range(1, 10):
        assert same(n1codec.decode(n1codec.encode(samples, f"n1:level={level}")), samples)
