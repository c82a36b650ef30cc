"""What a codec of another library is told: the pipeline that it encodes with, as its metadata keep it."""

from __future__ import annotations

import abc
import base64
import dataclasses
from collections.abc import Mapping
from typing import Any, Final, Self

from numpy.typing import NDArray

from n1codec import _core, arguments, pipeline
from n1codec.codec import Samples
from n1codec.codecs.n1 import N1 as Coder
from n1codec.errors import ParameterError
from n1codec.integrations.arrays import pack_array, unpack_array

DEFAULT_LEVEL: Final = 5
"""Of ``N1()``."""


def chosen(codec: str | None, level: int | None) -> str:
    """Return the specification that arguments of a codec ask for.

    Raises
    ------
    ParameterError, SpecError, MissingDependencyError
        If they make no sense, or the package behind a stage is not installed.
    """
    if level is not None and codec is not None:
        raise ParameterError(
            f"give a level of n1 or a codec, not both: parameters stand in the codec, as in '{codec}:level=9'"
        )
    if codec is None:
        level = DEFAULT_LEVEL if level is None else arguments.integer("level", level, 1, _core.N1_MAX_LEVEL)
        return f"n1:level={level}"
    pipeline.get(codec)
    return codec


def level_of(codec: str) -> int | None:
    """Return the level of n1 that a specification asks for; None if it is another codec."""
    coder = pipeline.get(codec).coder
    return int(coder.level) if isinstance(coder, Coder) else None


class Placed(abc.ABCMeta):
    """The class of a codec, which says where it belongs: a library shows it when it was given where something else does."""

    shown: str
    """The name by which users know the class, and where it belongs."""

    def __repr__(cls) -> str:
        return f"<class {cls.shown}>"


@dataclasses.dataclass(frozen=True, init=False, repr=False)
class Chosen:
    """What the codecs for several libraries have in common: the pipeline that they encode with."""

    codec: str
    widths: bytes = b""
    """Code widths that are known."""

    def __init__(self, codec: str | None = None, *, level: int | None = None, widths: bytes = b"") -> None:
        """Choose what encodes; whatever wrote it is decoded.

        Parameters
        ----------
        codec : str, optional
            Any pipeline, such as ``"lattice+flac"``; n1 by default.
        level : int, optional
            Of n1: 1 to 9, 5 by default.
        widths : bytes, optional
            What `n1codec.learn_widths` returned for the recording: the metadata keep it, and short chunks of many channels get
            smaller at levels 4 to 9, and are read in less time.

        Raises
        ------
        ParameterError, SpecError
            If there is no such pipeline or level.
        MissingDependencyError
            If the package behind it is not installed.
        """
        object.__setattr__(self, "codec", chosen(codec, level))
        object.__setattr__(self, "widths", arguments.data("widths", widths))

    @classmethod
    def described(cls, configuration: Mapping[str, Any] | None) -> Self:
        """Return the codec that a store's metadata describe; whether it can encode here shows when it does."""
        made, told = object.__new__(cls), configuration or {}
        object.__setattr__(made, "codec", str(told.get("codec", "n1")))
        object.__setattr__(made, "widths", _bytes_of(told.get("widths", "")))
        return made

    def described_by(self) -> dict[str, str]:
        """Return what a store's metadata keep: the pipeline, and code widths as text, if there are any."""
        widths = {"widths": base64.b64encode(self.widths).decode()} if self.widths else {}
        return {"codec": self.codec, **widths}

    def pack(self, array: NDArray[Any]) -> bytes:
        """Return an array as bytes."""
        return pack_array(array, pipeline.get(self.codec).knowing(self.widths))

    def unpack(self, data: memoryview, max_bytes: int = pipeline.DEFAULT_MAX_BYTES) -> Samples:
        """Return the array that `pack` was given, of a type that samples have."""
        return unpack_array(data, max_bytes, self.widths)

    def __repr__(self) -> str:
        return f"N1({self.codec!r}{', widths=...' if self.widths else ''})"


def _bytes_of(text: Any) -> bytes:
    """Return what text of metadata stands for; of damaged text nothing, and decoding says then what is missing."""
    try:
        return base64.b64decode(str(text), validate=True)
    except ValueError:
        return b""
