"""A specification, and what its stages do to a payload (docs/FORMAT.md, "spec and side information")."""

from __future__ import annotations

import re
from typing import Final

from n1reference.coders import CODERS, WRAPPED, decode
from n1reference.errors import CorruptError, UnsupportedError
from n1reference.samples import Layout
from n1reference.transforms import TRANSFORMS

MAX_LENGTH: Final = 255
MAX_STAGES: Final = 16

_STAGE: Final = re.compile(r"([a-z][a-z0-9_]*)(?::(.*))?")
_PAIR: Final = re.compile(r"([a-z][a-z0-9_]*)=([A-Za-z0-9_.-]+)")

ANY_TYPE: Final = ("integers", "byteshuffle", "store", "zlib", "gzip", "bz2", "lzma")
"""Stages that take samples of every type."""

Stage = tuple[str, dict[str, str]]


def parse(spec: bytes) -> list[Stage]:
    """Return the name and the parameters of each stage."""
    if len(spec) > MAX_LENGTH or not spec.isascii():
        raise CorruptError("no specification")
    stages = [_stage(part) for part in spec.decode("ascii").split("+")]
    if len(stages) > MAX_STAGES:
        raise CorruptError(f"more than {MAX_STAGES} stages")
    return stages


def _stage(text: str) -> Stage:
    found = _STAGE.fullmatch(text)
    if not found:
        raise CorruptError(f"no stage {text!r}")
    params: dict[str, str] = {}
    for pair in found[2].split(",") if found[2] is not None else []:
        part = _PAIR.fullmatch(pair)
        if not part or part[1] in params:
            raise CorruptError(f"no parameter {pair!r}, or there twice")
        params[part[1]] = part[2]
    return found[1], params


def check(stages: list[Stage]) -> None:
    """Raise unless there are transforms and then one coder, all of them known here."""
    for place, (name, _) in enumerate(stages):
        if name in WRAPPED:
            raise UnsupportedError(f"{name} is another library's format")
        if name not in (TRANSFORMS if place < len(stages) - 1 else CODERS):
            raise CorruptError(f"no {name} at this place of a pipeline")


def decode_payload(stages: list[Stage], sides: list[bytes], payload: bytes, layout: Layout) -> list[int]:
    """Return samples from a payload and the side information of each transform."""
    check(stages)
    if layout.size == 0:
        if sides or payload:
            raise CorruptError("a payload without samples")
        return []
    if not layout.dtype.plain and stages[0][0] not in ANY_TYPE:
        raise CorruptError(f"{stages[0][0]} takes no samples of {layout.dtype.name}")
    if len(sides) != len(stages) - 1:
        raise CorruptError(f"{len(sides)} pieces of side information for {len(stages) - 1} transforms")
    undo = []
    for (name, params), side in zip(stages[:-1], sides, strict=True):
        if layout.size:
            layout, inverse = TRANSFORMS[name](side, layout, params)
            undo.append(inverse)
        elif side:
            raise CorruptError(f"{name}: side information where there are no samples")
    if payload and not layout.size:
        raise CorruptError("a payload where there are no samples")
    values = decode(*stages[-1], payload, layout) if layout.size else []
    for inverse in reversed(undo):
        values = inverse(values)
    return values
