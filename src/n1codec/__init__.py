"""n1codec: lossless compression of electrophysiology recordings.

>>> import numpy as np, n1codec
>>> samples = np.arange(1000, dtype=np.int16)
>>> data = n1codec.encode(samples, "delta+bz2")
>>> bool((n1codec.decode(data) == samples).all())
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from n1codec._version import __version__
from n1codec.codec import ByteCoder, Coder, Layout, Stage, Transform
from n1codec.errors import (
    CodecError,
    CorruptError,
    DamageWarning,
    DownloadError,
    FileError,
    FormatError,
    LimitError,
    MissingDependencyError,
    N1Error,
    ParameterError,
    ShapeWarning,
    SpecError,
    TruncatedError,
    UnsupportedError,
)
from n1codec.pipeline import Pipeline, decode, encode, get

if TYPE_CHECKING:
    from n1codec.codecs.n1 import learn_widths
    from n1codec.container import RecordingFile, Writer, create, open, recover

__all__ = [
    "ByteCoder",
    "CodecError",
    "Coder",
    "CorruptError",
    "DamageWarning",
    "DownloadError",
    "FileError",
    "FormatError",
    "Layout",
    "LimitError",
    "MissingDependencyError",
    "N1Error",
    "ParameterError",
    "Pipeline",
    "RecordingFile",
    "ShapeWarning",
    "SpecError",
    "Stage",
    "Transform",
    "TruncatedError",
    "UnsupportedError",
    "Writer",
    "__version__",
    "create",
    "decode",
    "encode",
    "get",
    "learn_widths",
    "open",
    "recover",
]

_FILES = frozenset({"RecordingFile", "Writer", "create", "open", "recover"})


def __getattr__(name: str) -> Any:
    """Import what has to do with files, and with learning, when it is first asked for."""
    if name in _FILES:
        from n1codec import container

        return getattr(container, name)
    if name == "learn_widths":
        from n1codec.codecs.n1 import learn_widths

        return learn_widths
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
