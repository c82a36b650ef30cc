"""What a recording is, and how far it can be compressed.

>>> from n1codec import analysis, synth
>>> samples = synth.recording(seconds=2.0, seed=3)
>>> found = analysis.analyse(samples, rate=19531.0)
>>> found.widths.verdict, found.converter_bits
('uneven', 10)
>>> analysis.floor(samples, rate=19531.0).bits_per_sample < 10
True

The core needs NumPy only. Nothing here draws: results are dataclasses, and JSON through `Study.to_json`.
"""

from n1codec.analysis.code_widths import WidthCounts, Widths, widths
from n1codec.analysis.codes import Codes
from n1codec.analysis.floor import Floor, floor
from n1codec.analysis.recording import Analysis, analyse
from n1codec.analysis.study import Pooled, Study, pool
from n1codec.analysis.target import Distance, Route, distance
from n1codec.shannon import entropy

__all__ = [
    "Analysis",
    "Codes",
    "Distance",
    "Floor",
    "Pooled",
    "Route",
    "Study",
    "WidthCounts",
    "Widths",
    "analyse",
    "distance",
    "entropy",
    "floor",
    "pool",
    "widths",
]
