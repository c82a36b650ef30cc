"""What a codec of another library is told: the pipeline that it encodes with, as its metadata keep it."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping
from typing import Any, Final, Self

from n1codec import _core, arguments, pipeline
from n1codec.codecs.n1 import N1 as Coder
from n1codec.errors import ParameterError

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

    def __init__(self, codec: str | None = None, *, level: int | None = None) -> None:
        """Choose what encodes; whatever wrote it is decoded.

        Parameters
        ----------
        codec : str, optional
            Any pipeline, such as ``"lattice+flac"``; n1 by default.
        level : int, optional
            Of n1: 1 to 9, 5 by default.

        Raises
        ------
        ParameterError, SpecError
            If there is no such pipeline or level.
        MissingDependencyError
            If the package behind it is not installed.
        """
        object.__setattr__(self, "codec", chosen(codec, level))

    @classmethod
    def described(cls, configuration: Mapping[str, Any] | None) -> Self:
        """Return the codec that a store's metadata describe; whether it can encode here shows when it does."""
        made = object.__new__(cls)
        object.__setattr__(made, "codec", str((configuration or {}).get("codec", "n1")))
        return made

    def __repr__(self) -> str:
        return f"N1({self.codec!r})"
