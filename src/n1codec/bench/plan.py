"""What is to be run: sets of specifications, each with a number of threads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from n1codec import arguments, registry
from n1codec.errors import MissingDependencyError, ParameterError, SpecError
from n1codec.pipeline import Pipeline, get
from n1codec.spec import parse

MEMCPY: Final = "memcpy"
"""Name of the yardstick: a plain copy of the samples, timed as the codecs are."""

YARDSTICK: Final = "yardstick"
"""Group of `MEMCPY`."""

DEFAULT_SET: Final = "all"

SETS: Final = MappingProxyType(
    {
        "all": "every specification that the registry benchmarks",
        "original": "the 24 codecs of the original comparison, by their names there",
        "quick": "one specification of each coder, the plain one",
        "plain": "coders alone, without transforms",
        "transformed": "coders after at least one transform",
        "lattice": "coders that see ADC codes instead of stored values",
    }
)
"""Named sets of specifications, each with what it holds."""


@dataclass(frozen=True)
class Case:
    """One codec to measure with one number of threads.

    Parameters
    ----------
    codec : str
        How it is shown: an alias, or the specification as it was given.
    spec : str
        The specification string, or `MEMCPY`.
    group : str
        The group it is compared in.
    threads : int
        Threads its coder may use.
    """

    codec: str
    spec: str
    group: str
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("codec", "spec", "group"):
            object.__setattr__(self, name, arguments.text(name, getattr(self, name)))
        object.__setattr__(self, "threads", arguments.threads(self.threads))


@dataclass(frozen=True)
class Skipped:
    """A codec that cannot be measured because a package is missing.

    Parameters
    ----------
    codec, spec, group : str
        As in `Case`.
    hint : str
        What is missing and how to install it.
    """

    codec: str
    spec: str
    group: str
    hint: str


@dataclass(frozen=True)
class Plan:
    """All cases of a run in their order, and what is left out of it."""

    cases: tuple[Case, ...]
    skipped: tuple[Skipped, ...] = ()

    def __post_init__(self) -> None:
        for name, kind in (("cases", Case), ("skipped", Skipped)):
            items = arguments.sequence(name, getattr(self, name), arguments.instance, kind)
            object.__setattr__(self, name, items)


def make_plan(
    codecs: Sequence[str] = (),
    *,
    set_name: str | None = None,
    groups: Sequence[str] = (),
    threads: Sequence[int] = (1,),
) -> Plan:
    """Return what is to be run.

    Parameters
    ----------
    codecs : sequence of str
        Specifications or names of the original comparison. Alone they are all that is run.
    set_name : str, optional
        A key of `SETS`. By default `DEFAULT_SET`, unless `codecs` are given and `groups` are not.
    groups : sequence of str
        Run only those codecs of the set that belong to one of these groups.
    threads : sequence of int
        Threaded codecs run once with each number; the others once.

    Returns
    -------
    Plan
        It begins with the yardstick.

    Raises
    ------
    SpecError, ParameterError
        If one of `codecs` is malformed or unknown (with the nearest names), or a set or group is unknown.
    """
    codecs = arguments.sequence("codecs", codecs, arguments.text)
    groups = arguments.sequence("groups", groups, arguments.text)
    threads = arguments.sequence("threads", threads, _threads)
    if not threads:
        raise ParameterError("threads must hold at least one number")
    if set_name is None and (groups or not codecs):
        set_name = DEFAULT_SET
    for group in groups:
        if group not in group_titles():
            raise SpecError(f"unknown group {group!r}: {_near(group, group_titles())}")
    members = {} if set_name is None else set_members(set_name)
    chosen = {name: spec for name, spec in members.items() if not groups or group_of(spec) in groups}
    cases = [Case(MEMCPY, MEMCPY, YARDSTICK)]
    skipped: list[Skipped] = []
    for name, spec in {**{name: registry.expand(name) for name in codecs}, **chosen}.items():
        asked_for = name in codecs
        try:
            cases += _cases(name, spec, _asked_for(name) if asked_for else get(spec), threads)
        except MissingDependencyError as error:
            skipped.append(Skipped(name, spec, group_of(spec), str(error)))
        except Exception:
            if asked_for:
                raise
            cases.append(Case(name, spec, group_of(spec)))  # a broken plug-in: its own worker reports the reason
    return Plan(tuple(cases), tuple(skipped))


def set_members(name: str) -> dict[str, str]:
    """Return the codecs of a set, in the order of the registry: how each is shown, and its specification.

    Raises
    ------
    SpecError
        If there is no such set.
    """
    name = arguments.text("set_name", name)
    if name not in SETS:
        raise SpecError(f"unknown set {name!r}: {_near(name, SETS)}")
    if name == "original":
        return dict(registry.ORIGINAL)
    lines = [line for line in registry.entries() if line.bench]
    if name == "quick":
        return {line.bench[0]: line.bench[0] for line in lines}
    return {spec: spec for line in lines for spec in line.bench if _belongs(spec, name)}


def _belongs(spec: str, set_name: str) -> bool:
    first, plus, _ = spec.partition("+")
    match set_name:
        case "plain":
            return not plus
        case "transformed":
            return bool(plus)
        case "lattice":
            return first.partition(":")[0] == "lattice"
        case _:
            return True


def group_titles() -> dict[str, str]:
    """Return the groups that codecs are compared in, each with its title, those of other packages included."""
    titles = dict(registry.CODER_GROUPS)
    titles["predictive"] = registry.TRANSFORM_GROUPS["predictive"]
    for line in registry.entries():
        if line.kind == "coder":
            titles.setdefault(line.group, line.group)
    return titles


def group_of(spec: str) -> str:
    """Return the group of a specification, as far as it can be told without the packages behind it."""
    try:
        return get(spec).group
    except Exception:
        return registry.entry(parse(registry.expand(spec))[-1][0]).group


def _cases(name: str, spec: str, pipeline: Pipeline, threads: Sequence[int]) -> Iterator[Case]:
    counts = dict.fromkeys(threads) if pipeline.threaded else (1,)
    return (Case(name, spec, pipeline.group, count) for count in counts)


def _asked_for(name: str) -> Pipeline:
    """Return the codec that somebody named; where a part of the name is unknown, the error tells the nearest names."""
    known = [line.name for line in registry.entries()]
    try:
        return get(name)
    except MissingDependencyError:
        raise
    except (SpecError, ParameterError) as error:
        try:
            stages = [stage for stage, _ in parse(name)]
        except SpecError:
            raise error from None
        for stage in stages:
            if stage not in known and name not in registry.ORIGINAL:
                near = _near(stage, [*known, *registry.ORIGINAL] if len(stages) == 1 else known)
                raise SpecError(f"unknown codec or transform {stage!r}: {near}") from None
        raise


def _threads(_name: str, value: int) -> int:
    return arguments.threads(value)


def _near(word: str, known: Iterable[str]) -> str:
    """Return the known words most like `word`, as the end of a message."""
    known = list(known)
    found = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
    if found:
        return f"did you mean {' or '.join(found)}?"
    return f"known are {', '.join(known)}" if len(known) <= 12 else "`n1codec codecs` lists them all"
