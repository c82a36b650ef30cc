"""What the report draws: one row for each result, with the parts of its specification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from n1codec import registry
from n1codec.bench.plan import YARDSTICK, group_titles
from n1codec.bench.results import Result
from n1codec.errors import N1Error
from n1codec.report.merge import Merged
from n1codec.spec import parse

FLAGSHIP: Final = "n1"
"""Group of the codec that this package is about: drawn so that it is found at once."""

GROUP_ORDER: Final = (
    FLAGSHIP,
    "dictionary",
    "predictive",
    "entropy",
    "run-length",
    "audio",
    "blosc",
    "numeric",
    "baseline",
)
"""Order of the groups in the report; those of other packages come after them."""

LEVELS: Final = ("level", "clevel", "quality")
"""Parameters that trade time for size, which labels show as command lines do: ``zstd -19``."""

SELF_EVIDENT: Final = ("cname", "shuffle", "model", "entropy")
"""Parameters whose values say by themselves what they are, in labels: ``blosc lz4 bit``."""

NO_TRANSFORM: Final = "no transform"


@dataclass(frozen=True, eq=False)
class Row:
    """One result.

    Parameters
    ----------
    result : Result
        Its figures.
    label : str
        The codec, briefly. Unique within a study.
    chain : tuple of str
        Its transforms, with their parameters.
    coder : str
        Name of its coder.
    params : tuple of (str, str)
        Parameters of the coder.
    base : bool
        Whether it is the one with the fewest threads among those of its codec.
    """

    result: Result
    label: str
    chain: tuple[str, ...]
    coder: str
    params: tuple[tuple[str, str], ...]
    base: bool = True

    @property
    def group(self) -> str:
        """What it is compared with."""
        return self.result.group

    @property
    def transforms(self) -> str:
        """Its transforms, as they are shown."""
        return "+".join(self.chain) or NO_TRANSFORM

    @property
    def marked(self) -> str:
        """The label as code in a sentence, for `n1codec.report.text.marked`."""
        return f"`{self.label.replace('`', '')}`"

    @property
    def setting(self) -> str:
        """Its coder with its parameters, as labels have them."""
        return _spelt(self.coder, self.params)

    @property
    def name(self) -> str:
        """The label, with the number of threads where that is above the fewest."""
        return self.label if self.base else f"{self.label} ({self.result.threads} threads)"


@dataclass(frozen=True, eq=False)
class Study:
    """Everything a report is made of."""

    merged: Merged
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, merged: Merged) -> Study:
        """Split the specification of each result."""
        parts = [_parts(result) for result in merged.results]
        labels = _labels([result.codec for result in merged.results], parts)
        fewest: dict[str, int] = {}
        for result in merged.results:
            fewest[result.codec] = min(result.threads, fewest.get(result.codec, result.threads))
        return cls(
            merged,
            tuple(
                Row(result, labels[result.codec], chain, coder, params, result.threads == fewest[result.codec])
                for result, (chain, coder, params) in zip(merged.results, parts, strict=True)
            ),
        )

    @cached_property
    def exact(self) -> tuple[Row, ...]:
        """Codecs that gave everything back, with their fewest threads, best ratio first; the yardstick is not among them."""
        rows = [row for row in self.rows if row.base and row.result.lossless and row.group != YARDSTICK]
        return tuple(sorted((row for row in rows if row.result.ratio), key=lambda row: -(row.result.ratio or 0)))

    @cached_property
    def yardstick(self) -> Row | None:
        """The plain copy."""
        return next((row for row in self.rows if row.group == YARDSTICK), None)

    @cached_property
    def threaded(self) -> bool:
        """Whether any codec ran with more than one thread."""
        return any(row.result.threads > 1 for row in self.rows)

    @cached_property
    def groups(self) -> dict[str, str]:
        """Groups that have a codec in this run, in the order in which they are shown, each with its title."""
        titles = group_titles()
        present = {row.group for row in self.rows if row.group != YARDSTICK}
        order = dict.fromkeys([*GROUP_ORDER, *titles, *sorted(present)])
        return {name: titles.get(name, name) for name in order if name in present}

    @cached_property
    def failures(self) -> tuple[Row, ...]:
        """Codecs that failed somewhere, or gave something else back."""
        return tuple(row for row in self.rows if row.result.error)

    def in_group(self, group: str) -> tuple[Row, ...]:
        """Return the exact codecs of a group, best ratio first."""
        return tuple(row for row in self.exact if row.group == group)

    def find(self, spec: str) -> Row | None:
        """Return the exact codec of a specification."""
        return next((row for row in self.exact if row.result.spec == spec), None)

    def pairs(self, prefix: str, rows: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
        """Yield each row whose specification was also run with `prefix` before it, and that other row."""
        for row in rows:
            other = self.find(f"{prefix}+{row.result.spec}")
            if other is not None:
                yield row, other

    @property
    def samples(self) -> int:
        """Values in all recordings."""
        return sum(info.frames * info.channels for info in self.merged.recordings)


def _parts(result: Result) -> tuple[tuple[str, ...], str, tuple[tuple[str, str], ...]]:
    """Return the transforms, the coder and its parameters; all of an unknown notation is the coder."""
    try:
        stages = parse(registry.expand(result.spec))
    except N1Error:
        return (), result.spec, ()
    *chain, (coder, params) = stages
    return tuple(_spell(name, options) for name, options in chain), coder, tuple(params.items())


def _spell(name: str, params: dict[str, str]) -> str:
    return name + (":" + ",".join(f"{key}={value}" for key, value in params.items()) if params else "")


def _spelt(coder: str, params: Iterable[tuple[str, str]]) -> str:
    return " ".join([coder, *(_brief(key, value) for key, value in params)])


def _brief(key: str, value: str) -> str:
    """Return a parameter in a label: effort as command lines have it, words that say enough by themselves alone."""
    if key in LEVELS and value.isdecimal():
        return f"-{value}"
    return value if key in SELF_EVIDENT else f"{key}={value}"


def _labels(
    codecs: Sequence[str], parts: Sequence[tuple[tuple[str, ...], str, tuple[tuple[str, str], ...]]]
) -> dict[str, str]:
    """Return a brief, unique label for each codec."""
    brief: dict[str, str] = {}
    for codec, (chain, coder, params) in zip(codecs, parts, strict=True):
        if codec in registry.ORIGINAL or not params:
            brief[codec] = codec
            continue
        brief[codec] = "+".join([*chain, _spelt(coder, params)])
    taken = list(brief.values())
    return {codec: label if taken.count(label) == 1 else codec for codec, label in brief.items()}
