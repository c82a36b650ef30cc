"""Entropies: of single values, of values given the ones before, and of what each transform makes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from n1codec import registry
from n1codec.analysis._types import Ints
from n1codec.codec import Layout, Samples
from n1codec.errors import N1Error
from n1codec.pipeline import get
from n1codec.shannon import counts, entropy_of_counts

MAX_VALUES: Final = 1 << 20
"""Values that are transformed: of more, those of the first frames."""
CONTEXTS: Final = 16
"""Classes that a past value is told apart by: fewer than there are codes, or nothing is seen often enough."""
UNRELIABLE: Final = 0.05
"""Bits a sample of bias from which on an entropy from counts is not to be relied on."""
EXTRA_CHAINS: Final = ("delta:order=2", "lattice+delta:order=2", "lattice+delta+zigzag")
"""Chains worth a line beside each transform alone and each after the lattice."""
CHANNEL_CHAINS: Final = ("lattice+channel+delta", "lattice+channel+lpc")
"""Likewise for recordings of several channels."""


@dataclass(frozen=True)
class Conditional:
    """An entropy given the past, estimated from counts.

    Parameters
    ----------
    what : str
        What is coded, and what is known.
    bits : float
        The plug-in estimate: too low, since what is seen once looks certain.
    bias : float
        About how much too low, by Miller and Madow: a bit of nats for each two free counts, over the samples.
    reliable : bool
        Whether the bias is below 0.05 bit; where it is not, `bits` says little.
    """

    what: str
    bits: float
    bias: float
    reliable: bool


@dataclass(frozen=True)
class Transformed:
    """What a chain of transforms leaves to an order-0 coder.

    Parameters
    ----------
    chain : str
        Transforms joined by ``+``; empty for the samples as they are.
    bits_per_sample : float
        Order-0 entropy of all that comes out, side information included as it is, for each sample that went in; all
        channels share one histogram.
    side_bytes : int
        Side information.
    dtype : str
        Type of what comes out.
    bias : float
        About how much too low the entropy is because the histogram is that of these very samples (Miller and Madow).
        Where it is not small, most values come up once or never, and the entropy says little.
    """

    chain: str
    bits_per_sample: float
    side_bytes: int
    dtype: str
    bias: float


def conditional_entropies(codes: NDArray[np.int32]) -> tuple[Conditional, ...]:
    """Return entropies of codes, shape (n_samples, n_channels), given ever more of the past."""
    values = codes.astype(np.int64)
    steps = np.diff(values, axis=0)
    found = [_conditional("code", values, None)]
    if len(values) < 4:
        return tuple(found)
    one, two = _classes(values), _classes(steps)
    found.append(_conditional("code, last code known (16 classes)", values[1:], one[:-1]))
    found.append(_conditional("difference", steps, None))
    found.append(_conditional("difference, last difference known (16 classes)", steps[1:], two[:-1]))
    pair = two[1:-1] * CONTEXTS + two[:-2]
    found.append(_conditional("difference, last two differences known (256 classes)", steps[2:], pair))
    return tuple(found)


def transformed_entropies(samples: Samples) -> tuple[Transformed, ...]:
    """Return the order-0 entropy of samples before and after each transform of the registry, alone and after the lattice.

    Transforms that fail on these samples are left out.
    """
    layout = Layout.of(samples)
    head = np.ascontiguousarray(samples[: max(1, MAX_VALUES // layout.channels)])
    found = [_transformed("", head, 0, head.size)]
    for chain in _chains(layout.channels):
        try:
            out, sides = get(f"{chain}+store").transform(head)
        except N1Error:
            continue
        found.append(_transformed(chain, out, sum(map(len, sides)), head.size))
    return tuple(found)


def _transformed(chain: str, out: Samples, side: int, n_samples: int) -> Transformed:
    occurrences = counts(out)
    bits = (entropy_of_counts(occurrences) * out.size + 8 * side) / n_samples
    return Transformed(chain, bits, side, out.dtype.name, _bias(len(occurrences) - 1, n_samples))


def _bias(free: int, n_samples: int) -> float:
    """Return by about how much an entropy is too low that comes from counts of so many free cells."""
    return free / (2.0 * math.log(2.0) * n_samples)


def _chains(n_channels: int) -> list[str]:
    names = [line.name for line in registry.entries() if line.kind == "transform" and not line.missing()]
    if n_channels == 1:
        names = [name for name in names if name not in ("channel", "planar")]  # there is nothing for them to do
    chains = [chain for name in names for chain in ((name,) if name == "lattice" else (name, f"lattice+{name}"))]
    chains += EXTRA_CHAINS
    if n_channels > 1:
        chains += CHANNEL_CHAINS
    return list(dict.fromkeys(chains))


def _classes(values: Ints) -> Ints:
    """Return the class of each value, of `CONTEXTS` that hold about equally many; channel by channel."""
    quantiles = np.arange(1, CONTEXTS) / CONTEXTS
    classes = np.empty_like(values)
    for channel in range(values.shape[1]):
        column = np.ascontiguousarray(values[:, channel])
        classes[:, channel] = np.searchsorted(np.quantile(column, quantiles), column)
    return classes


def _conditional(what: str, values: Ints, context: Ints | None) -> Conditional:
    flat = values.reshape(-1)
    lowest = int(flat.min())
    if context is None:
        alone = counts(flat)
        bits, free = entropy_of_counts(alone), len(alone) - 1
    else:
        known = context.reshape(-1)
        joint = counts(known * (int(flat.max()) - lowest + 1) + (flat - lowest))
        given = counts(known)
        bits = entropy_of_counts(joint) - entropy_of_counts(given)
        free = len(joint) - len(given)
    bias = _bias(free, flat.size)
    return Conditional(what, bits, bias, bias < UNRELIABLE)
