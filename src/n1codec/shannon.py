"""Order-0 entropy: what an ideal code that knew how often each value occurs would take.

Source: C. E. Shannon, A Mathematical Theory of Communication, Bell System Technical Journal 27, 1948.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.codec import Samples
from n1codec.errors import UnsupportedError


def entropy(values: npt.ArrayLike) -> float:
    """Return the order-0 entropy of integers in bits for each: the plug-in estimate, all channels in one histogram.

    Parameters
    ----------
    values : array_like of int
        Of any shape.

    Raises
    ------
    UnsupportedError
        If they are no integers.
    """
    found = arguments.array("values", values)
    if found.dtype.kind not in "iu":
        raise UnsupportedError(f"values must be integers, not {found.dtype}")
    return entropy_of_counts(counts(found)) if found.size else 0.0


def counts(values: Samples) -> NDArray[np.int64]:
    """Return how often each value occurs, in ascending order of the values; those that do not occur are left out."""
    flat = np.ascontiguousarray(values).reshape(-1)
    lowest, highest = int(flat.min()), int(flat.max())
    if highest - lowest <= 4 * flat.size + (1 << 16):  # a table is quicker than sorting, and not much larger
        wide = flat if flat.dtype == np.uint64 else flat.astype(np.int64)
        table = np.bincount((wide - wide.dtype.type(lowest)).astype(np.int64))
        return table[table > 0]
    return np.unique(flat, return_counts=True)[1].astype(np.int64)


def entropy_of_counts(occurrences: NDArray[np.int64]) -> float:
    """Return the entropy in bits of a distribution given by how often each value occurs, none of them 0."""
    p = occurrences / occurrences.sum()
    return max(0.0, float(-(p * np.log2(p)).sum()))
