"""The analogue-to-digital converter: 10 bits, uneven code widths, and the 16-bit numbers that codes are stored as.

A successive-approximation converter weighs the voltage against one capacitor per bit. The voltage at which code k
begins is then the sum of the weights of the bits of k, and an error of one weight comes back wherever that bit
changes: the widths of the codes repeat with the periods 4, 8, 16 ... and jump at multiples of large powers of two.
Where a weight is smaller than all lower ones together, the codes just below the change are never produced: on the N1
the most significant bit misses about two steps, which are the codes 510 and 511.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

from n1codec import arguments
from n1codec.errors import ParameterError
from n1codec.synth._random import FloatArray, Stream

CODE_BITS = 10
CODES = 1 << CODE_BITS

# Relative widths measured on the N1, as figures of the whole population of codes: the standard deviation of the widths
# about 1, the same between two electrodes for one code, and what is left of the two missing codes.
WIDTH_SPREAD = 0.34
ELECTRODE_SPREAD = 0.07
MIN_WIDTH = 0.05
MISSING_WIDTHS = {510: 0.07, 511: 0.002}

# Streams below the seed of a device.
_WEIGHTS, _SETTLING, _STEPS, _ELECTRODE = range(4)


def seed_of(name: str, value: object) -> int:
    """Return a non-negative integer, or raise `ParameterError`."""
    return arguments.integer(name, value, 0)


@functools.lru_cache(maxsize=16)
def _device_widths(device: int) -> FloatArray:
    """Return the code widths common to all electrodes of a device; shape (1024,), mean 1."""
    # In LSB, relative to one another; the scale is set below. A bit is judged before the two above have quite settled,
    # so what it weighs depends a little on them.
    own = Stream(device, _WEIGHTS).normal(CODE_BITS)
    after = Stream(device, _SETTLING).normal(2 * CODE_BITS)
    codes = np.arange(CODES + 1)
    bit = [(codes >> j) & 1 for j in range(CODE_BITS + 2)]
    edges = np.concatenate(([0.0], np.cumsum(Stream(device, _STEPS).normal(CODES))))
    for j in range(CODE_BITS):
        # A capacitor of n units is out by the square root of n; the upper five bits have an array of their own.
        mismatch = math.sqrt(1 << (j % 5))
        edges += bit[j] * mismatch * (own[j] + after[2 * j] * bit[j + 1] + after[2 * j + 1] * bit[j + 2])
    errors = edges[1:] - edges[:-1]
    # The top bit's change and the end of the range are not part of the spread.
    errors[[510, 511, CODES - 1]] = 0.0
    rms = math.sqrt(math.fsum(errors * errors) / CODES)
    # Squared, since widths are skewed: more codes are a little narrow, and a few are nearly twice as wide.
    widths = np.maximum(1.0 + errors * (0.5 * WIDTH_SPREAD / rms), 0.0) ** 2
    return _finish(np.maximum(widths, MIN_WIDTH))


def _finish(widths: FloatArray) -> FloatArray:
    for code, width in MISSING_WIDTHS.items():
        widths[code] = width
    widths /= math.fsum(widths) / CODES
    widths.flags.writeable = False
    return widths


def code_widths(device: int = 0, electrode: int | None = None) -> FloatArray:
    """Return the relative width of each code of the converter.

    Parameters
    ----------
    device : int
        Seed of the pattern that all electrodes of one device share.
    electrode : int, optional
        Number of an electrode, whose widths differ from the device's by `ELECTRODE_SPREAD` of themselves. Without it,
        the widths of the device.

    Returns
    -------
    ndarray of float64, shape (1024,)
        Widths in units of the average step (1 LSB), mean 1, all positive. Read-only. The first and the last code
        have no outer edge: their widths say where the range of the converter ends, beyond which it saturates.

    Raises
    ------
    ParameterError
        If a seed is not a non-negative integer.

    Notes
    -----
    The pattern is drawn from `device`, not taken from any recording: only its statistics are the N1's.
    """
    device = seed_of("device", device)
    common = _device_widths(device)
    if electrode is None:
        return common
    own = 1.0 + ELECTRODE_SPREAD * Stream(device, _ELECTRODE, seed_of("electrode", electrode)).normal(CODES)
    return _finish(common * own)


def digitise(voltage: FloatArray, widths: FloatArray) -> npt.NDArray[np.int64]:
    """Return the code of each voltage.

    Parameters
    ----------
    voltage : ndarray of float64
        In LSB: an even converter would answer `floor(voltage)`.
    widths : ndarray of float64, shape (1024,)
        From `code_widths`.

    Returns
    -------
    ndarray of int64, shape of `voltage`
        0 .. 1023; voltages outside the range saturate.
    """
    edges = np.cumsum(widths[:-1])
    return np.searchsorted(edges, voltage, side="right").astype(np.int64)


def to_stored(codes: npt.ArrayLike) -> npt.NDArray[np.int16]:
    """Return the 16-bit samples as which the N1's recordings store the converter's codes.

    Parameters
    ----------
    codes : array_like of int
        0 .. 1023.

    Returns
    -------
    ndarray of int16, shape of `codes`
        ``trunc(code * 65535 / 1023 - 32768)``, truncated toward zero.

    Raises
    ------
    ParameterError, UnsupportedError
        If `codes` are not integers from 0 to 1023.
    """
    array = arguments.array("codes", codes)
    if array.dtype.kind not in "iu" or (array.size and (array.min() < 0 or array.max() >= CODES)):
        raise ParameterError(f"codes must be integers from 0 to {CODES - 1}")
    # Exact in integers; `-(-x // 1023)` rounds up, which is toward zero for the codes below the middle.
    scaled = array.astype(np.int64) * 65535 - 32768 * (CODES - 1)
    truncated = np.where(scaled < 0, -(-scaled // (CODES - 1)), scaled // (CODES - 1))
    return truncated.astype(np.int16)
