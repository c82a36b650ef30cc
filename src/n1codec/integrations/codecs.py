"""What a codec of another library is told: the pipeline that it encodes with, as its metadata keep it."""

from __future__ import annotations

from typing import Final

from n1codec import _core, arguments, pipeline
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
