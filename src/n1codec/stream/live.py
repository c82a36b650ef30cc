"""Frames as they come from a rig: what Lab Streaming Layer and Open Ephys' interface have in common.

A stream carries integers of 8 or 16 bits; a rig often gives microvolts as floating-point numbers, each an integer that its
converter gave times a step. :class:`Steps` finds the integers again, or says that there are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from n1codec import arguments
from n1codec.errors import UnsupportedError

USUAL_STEPS: Final = (1.0, 0.195)
"""Steps that are tried if none is given: whole numbers, and the microvolts of Intan's amplifiers."""
_OFF: Final = 0.02
"""Of a step: how far a number may be from a multiple, for that is how far steps of few digits lead at most."""
_SMALL: Final = ("int8", "uint8", "int16", "uint16")


@dataclass(frozen=True)
class Missing:
    """Frames that were lost before they came here: how many."""

    frames: int


Piece = NDArray[Any] | Missing


class Live(Protocol):
    """Frames as they come."""

    channels: int
    rate: float

    def pieces(self) -> Iterator[Piece]:
        """Give out frames of 8 or 16 bits, an empty array whenever there are none at the moment; end where they end."""

    def close(self) -> None:
        """Leave it."""


class Sink(Protocol):
    """Takes frames of a stream and gives them on."""

    def write(self, frames: NDArray[Any], start: int, there: float | None) -> None:
        """Give frames on.

        Parameters
        ----------
        frames : ndarray, shape (n, n_channels)
            Samples.
        start : int
            The first one's number.
        there : float or None
            When it was there, by this machine's monotonic clock, if that is known.
        """

    def skip(self, n_frames: int) -> None:
        """Leave frames out that are missing."""

    def close(self) -> None:
        """Give on what is left, and end."""


class Steps:
    """Integers of 16 bits from numbers that are multiples of a step.

    Parameters
    ----------
    step : float, optional
        By default found from the first samples: 1 or 0.195.
    nearest : bool
        Take the nearest multiple where a number is none, instead of refusing it: that changes samples.
    """

    def __init__(self, step: float | None = None, nearest: bool = False) -> None:
        self.step = arguments.optional(arguments.number, "step", step, above=0)
        self._nearest = arguments.flag("nearest", nearest)

    def integers(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Return samples as integers.

        Raises
        ------
        UnsupportedError
            If samples are no multiples of the step, or beyond 16 bits.
        """
        if samples.dtype.name in _SMALL and self.step in (None, 1.0):
            return samples
        if self.step is None:
            if not samples.any():  # silence: any step will do, and what comes later says which
                return np.zeros(samples.shape, np.int16)
            self.step = next((step for step in USUAL_STEPS if self._off(samples, step) <= _OFF), None)
            if self.step is None:
                raise UnsupportedError(f"samples are multiples of neither 1 nor 0.195: {_ADVICE}")
        codes = np.rint(samples / np.float64(self.step))
        if not (np.abs(codes) <= 32768).all() or codes.max(initial=0) > 32767:  # so is what is no number
            raise UnsupportedError(f"samples are beyond 16 bits in steps of {self.step:g}: is --step another?")
        if not self._nearest and self._off(samples, self.step) > _OFF:
            raise UnsupportedError(f"samples are no multiples of {self.step:g}: {_ADVICE}")
        return codes.astype(np.int16)

    @staticmethod
    def _off(samples: NDArray[Any], step: float) -> float:
        scaled = samples / np.float64(step)
        return float(np.abs(scaled - np.rint(scaled)).max(initial=0)) if np.isfinite(scaled).all() else 1.0


_ADVICE: Final = (
    "--step says how many microvolts a step of the converter is; with --nearest, samples that were filtered or rescaled "
    "are rounded to it"
)


def microvolts(frames: NDArray[Any], step: float | None) -> NDArray[np.float32]:
    """Return multiples of a step, as acquisition software makes them: in single precision."""
    found: NDArray[np.float32] = frames.astype(np.float32)
    return found if step is None else found * np.float32(step)
