"""Stored values to the codes of the converter they came from.

Recordings seldom hold the integers of their converter. A 10-bit code is stretched over 16 bits, multiplied by a gain
and rounded, or offset by half the range; what was one step becomes 64, or now 64 and now 65. The map is found from
the samples alone, proved on every value that occurs, and written with the samples. The output holds the codes:
consecutive small integers about zero.

Codes are int8, int16 or int32, the narrowest that holds them: to coders of bytes that is worth much, and to
predictors after this transform it does no harm, since a difference that wraps around gets smaller in magnitude. Code
0 is the value nearest zero (of a full-scale conversion, the middle of the converter's range; of unsigned samples that
reach it, half the range of their type), unless codes counted from the middle of the values fit in a narrower type.

Side information::

    n_maps     unsigned LEB128    0: the samples are left as they are, and nothing follows; at most 16
    type       1 byte             of the codes: 0 int8, 1 int16, 2 int32; no wider than the samples
    maps       n_maps times       as below
    runs       if n_maps > 1:     the index of a map and how many channels in a row it holds for, both unsigned LEB128,
                                  until all channels have a map

A map is a byte and what that says follows::

    0..3       num, den           unsigned LEB128: value = round((num * code + add) / den), rounded 0 down, 1 toward
                                  zero, 2 to nearest or even, 3 to nearest or away from zero; 1 <= den <= num < 2**29
               add                zigzag-folded, as LEB128
    4          count              unsigned LEB128: a table of values in rising order, at most 65536
               first, lowest      zigzag-folded, as LEB128: the lowest code and its value
               steps              count - 1 steps between values, less 1, as exponential Golomb codes after a byte with
                                  their order (see ``n1_expgolomb_encode``)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, varint
from n1codec.codec import Layout, Samples, Transform
from n1codec.transforms._lattice_map import LatticeMap, Table, unpack
from n1codec.transforms._lattice_plan import CODE_TYPES, MAX_MAPS, Plan, find_lattice, make_plan
from n1codec.transforms._wire import Reader, pack_runs

__all__ = ["Lattice", "find_lattice"]


@dataclass(frozen=True)
class Lattice(Transform):
    """Undo the map from converter codes to stored values, whatever it was.

    Found without being told: gains and offsets (an LSB of 3 or 12, unsigned samples about 32768), rational gains with
    their rounding, sparse sets of values. Channels share one map, or have maps of their own where their devices
    differ. Samples in which nothing is found pass as they are, for one byte.
    """

    name = "lattice"

    def forward(self, samples: Samples) -> tuple[Samples, bytes]:
        """Return the codes and their maps, or the samples as they are."""
        plan = make_plan(samples)
        if plan is None:
            return samples, varint.pack(0)
        return _each_map(samples, plan, plan.dtype, _encode), _pack(plan)

    def output_layout(self, layout: Layout, side: bytes) -> Layout:
        """Return the layout of the codes."""
        plan = _unpack(side, layout)
        return layout if plan is None else Layout(plan.dtype, layout.shape)

    def inverse(self, samples: Samples, side: bytes, layout: Layout) -> Samples:
        """Return the stored values; raises ValueError for codes that have none."""
        plan = _unpack(side, layout)
        return samples if plan is None else _each_map(samples, plan, layout.dtype, _decode)


def _each_map(
    samples: Samples,
    plan: Plan,
    dtype: np.dtype[Any],
    apply: Callable[[Samples, LatticeMap, np.dtype[Any]], Samples],
) -> Samples:
    """Return an array of `dtype` with each channel put through its own map."""
    if len(plan.maps) == 1:
        return apply(samples, plan.maps[0], dtype)
    out = np.empty(samples.shape, dtype)
    for index, found in enumerate(plan.maps):
        columns = np.flatnonzero(plan.channel_map == index)
        out[:, columns] = apply(np.ascontiguousarray(samples[:, columns]), found, dtype)
    return out


def _encode(samples: Samples, found: LatticeMap, dtype: np.dtype[Any]) -> Samples:
    low, high = int(samples.min()), int(samples.max())
    if high - low < _table_limit(samples.size):
        first, last = found.codes(np.array([low, high], np.int64))
        codes = np.arange(first, last + 1)
        table = np.zeros(high - low + 1, np.int64)
        table[found.values(codes) - low] = codes
        return _through_table(samples, low, table, dtype)
    return found.codes(samples.astype(np.int64)).astype(dtype)


def _decode(codes: Samples, found: LatticeMap, dtype: np.dtype[Any]) -> Samples:
    low, high = int(codes.min()), int(codes.max())
    ends = found.values(np.array([low, high], np.int64))
    limits = np.iinfo(dtype)
    if int(ends[0]) < limits.min or int(ends[1]) > limits.max:
        raise ValueError("code whose value is outside the range of the samples")
    if high - low < _table_limit(codes.size):
        return _through_table(codes, low, found.values(np.arange(low, high + 1, dtype=np.int64)), dtype)
    return found.values(codes.astype(np.int64)).astype(dtype)


def _table_limit(size: int) -> int:
    """Return up to how many entries a table is worth its making for an array of that size."""
    return 1024 + 2 * size


def _through_table(samples: Samples, low: int, table: NDArray[np.int64], dtype: np.dtype[Any]) -> Samples:
    out = np.empty(samples.shape, dtype)
    _core.map_values(samples, low, table.astype(np.uint32).view(np.int32), out)
    return out


def _pack(plan: Plan) -> bytes:
    side = varint.pack(len(plan.maps)) + bytes((CODE_TYPES.index(plan.dtype),))
    side += b"".join(found.pack() for found in plan.maps)
    if len(plan.maps) == 1:
        return side
    return side + pack_runs(plan.channel_map)


def _unpack(side: bytes, layout: Layout) -> Plan | None:
    reader = Reader(side)
    n_maps = reader.varint(min(MAX_MAPS, layout.channels))
    if n_maps == 0:
        reader.end()
        return None
    code_type = reader.byte()
    if code_type >= len(CODE_TYPES):
        raise ValueError(f"unknown type of codes {code_type}")
    maps: list[LatticeMap] = []
    most = layout.size  # all tables together have no more entries than there are samples
    for _ in range(n_maps):
        maps.append(unpack(reader, most))
        most -= len(maps[-1].entries) if isinstance(maps[-1], Table) else 0
    channel_map = reader.runs(n_maps, layout.channels)
    reader.end()
    if CODE_TYPES[code_type].itemsize > layout.dtype.itemsize:
        raise ValueError("codes wider than the samples")
    return Plan(tuple(maps), channel_map, CODE_TYPES[code_type])
