"""Synthetic recordings like those of the Neuralink N1, the same samples everywhere from a seed.

For tests, examples and benchmarks where no real recording may be shipped. `docs/synth.md` says what is modelled and how
close the result comes to real recordings.
"""

from n1codec.synth._converter import code_widths, to_stored
from n1codec.synth._parameters import Parameters
from n1codec.synth._recording import recording

__all__ = ["Parameters", "code_widths", "recording", "to_stored"]
