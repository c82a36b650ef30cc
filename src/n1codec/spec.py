"""The grammar of specification strings.

``pipeline = stage {"+" stage}``; ``stage = name [":" key "=" value {"," key "=" value}]``. Names and keys are lower-case
words, values are integers, ``true``/``false`` or words. Examples: ``bz2``, ``delta+huffman``,
``lattice+delta:order=2+zstd:level=19``.
"""

from __future__ import annotations

import re

from n1codec.arguments import show
from n1codec.errors import SpecError

MAX_SPEC_LENGTH = 255
"""Longest specification string, in characters: it has to fit in an envelope header."""

MAX_STAGES = 16
"""Most stages of a pipeline."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_VALUE = re.compile(r"[A-Za-z0-9_.-]+")


def parse(spec: str) -> list[tuple[str, dict[str, str]]]:
    """Split a specification string into stage names and parameters.

    Parameters
    ----------
    spec : str
        For instance ``"delta+zstd:level=19"``.

    Returns
    -------
    list of (str, dict of str to str)
        Name and parameters, still as text, of each stage in order.

    Raises
    ------
    SpecError
        If the text does not follow the grammar.
    """
    if not isinstance(spec, str):
        raise SpecError(f"a codec specification is text such as 'delta+bz2', not {show(spec)}")
    spec = str.__str__(spec)
    if len(spec) > MAX_SPEC_LENGTH:
        raise SpecError(f"codec specification longer than {MAX_SPEC_LENGTH} characters")
    stages = [_parse_stage(part, spec) for part in spec.split("+")]
    if len(stages) > MAX_STAGES:
        raise SpecError(f"codec specification {spec!r} has more than {MAX_STAGES} stages")
    return stages


def _parse_stage(part: str, spec: str) -> tuple[str, dict[str, str]]:
    name, colon, rest = part.partition(":")
    if not _NAME.fullmatch(name):
        raise SpecError(f"bad codec name {name!r} in specification {spec!r}")
    params: dict[str, str] = {}
    if colon:
        for pair in rest.split(","):
            key, equals, value = pair.partition("=")
            if not (equals and _KEY.fullmatch(key) and _VALUE.fullmatch(value)):
                raise SpecError(f"bad parameter {pair!r} in specification {spec!r}: write {name}:key=value")
            if key in params:
                raise SpecError(f"parameter {key!r} given twice in specification {spec!r}")
            params[key] = value
    return name, params
