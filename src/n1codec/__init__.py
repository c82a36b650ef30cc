"""n1codec: lossless compression of electrophysiology recordings.

>>> import numpy as np, n1codec
>>> samples = np.arange(1000, dtype=np.int16)
>>> data = n1codec.get("delta+bz2").encode(samples)
>>> bool((n1codec.decode(data) == samples).all())
True
"""

from n1codec._version import __version__
from n1codec.codec import ByteCoder, Coder, Layout, Stage, Transform
from n1codec.errors import (
    CodecError,
    CorruptError,
    DownloadError,
    FormatError,
    LimitError,
    MissingDependencyError,
    N1Error,
    ParameterError,
    SpecError,
    TruncatedError,
    UnsupportedError,
)
from n1codec.pipeline import Pipeline, decode, get

__all__ = [
    "ByteCoder",
    "CodecError",
    "Coder",
    "CorruptError",
    "DownloadError",
    "FormatError",
    "Layout",
    "LimitError",
    "MissingDependencyError",
    "N1Error",
    "ParameterError",
    "Pipeline",
    "SpecError",
    "Stage",
    "Transform",
    "TruncatedError",
    "UnsupportedError",
    "__version__",
    "decode",
    "get",
]
