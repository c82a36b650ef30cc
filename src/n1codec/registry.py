"""The one list of transforms and coders.

Tests, bench, docs and the command line iterate this list; nobody keeps a second one. Adding a codec is one file with the
class and one line here. Classes are imported when first used, so listing them costs nothing and needs none of the wrapped
packages. Other packages add theirs through the entry-point groups ``n1codec.transforms`` and ``n1codec.coders``, whose
entries name a :class:`~n1codec.codec.Transform` or :class:`~n1codec.codec.Coder` class; see ``docs/adding-a-codec.md``.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from n1codec import arguments
from n1codec.arguments import show
from n1codec.codec import Coder, Param, Stage, Transform
from n1codec.errors import MissingDependencyError, SpecError

Kind = Literal["transform", "coder"]

TRANSFORM_GROUPS: Final = MappingProxyType({"transform": "Transforms", "predictive": "Predictive transforms"})
CODER_GROUPS: Final = MappingProxyType(
    {
        "n1": "n1: this package's own",
        "dictionary": "Dictionary and block-sorting coders",
        "entropy": "Entropy coders",
        "run-length": "Run-length coders",
        "audio": "Audio codecs",
        "blosc": "Blosc hybrids",
        "numeric": "Modern numeric codecs",
        "baseline": "Baselines",
    }
)
"""Groups in the order in which they are shown, each with its title."""


@dataclass(frozen=True)
class Entry:
    """One line of the registry.

    Parameters
    ----------
    name : str
        The name in specifications.
    kind : {"transform", "coder"}
        What it is.
    group : str
        A key of `TRANSFORM_GROUPS` or `CODER_GROUPS`; third parties may bring their own.
    summary : str
        One line on what it is.
    target : str
        ``module:Class``.
    requires : tuple of str
        Modules of other packages that it imports.
    extra : str or None
        The extra of n1codec that installs them.
    bench : tuple of str
        Specifications that the benchmark runs for it by default.
    """

    name: str
    kind: Kind
    group: str
    summary: str
    target: str
    requires: tuple[str, ...] = ()
    extra: str | None = None
    bench: tuple[str, ...] = ()

    def missing(self) -> tuple[str, ...]:
        """Return the required modules that are not installed."""
        return tuple(module for module in self.requires if importlib.util.find_spec(module) is None)

    @property
    def hint(self) -> str:
        """How to install what it requires."""
        return f"pip install 'n1codec[{self.extra}]'" if self.extra else f"install {' and '.join(self.requires)}"

    def load(self) -> type[Stage]:
        """Import and return the class.

        Raises
        ------
        MissingDependencyError
            If a package behind it is not installed.
        """
        if self.missing():
            raise MissingDependencyError(f"{self.name} needs {', '.join(self.missing())}: {self.hint}")
        module, _, attribute = self.target.partition(":")
        loaded = getattr(importlib.import_module(module), attribute)
        base = Transform if self.kind == "transform" else Coder
        if not (isinstance(loaded, type) and issubclass(loaded, base)):
            raise SpecError(f"{self.target}, registered as {self.name!r}, is no {base.__name__}")
        return loaded


def _coder(
    name: str,
    group: str,
    target: str,
    summary: str,
    *,
    needs: tuple[str, ...] = (),
    extra: str | None = None,
    bench: str | None = None,
) -> Entry:
    """Return a built-in coder's entry. Each word of `bench` is a specification, where ``*`` stands for the coder's name."""
    specs = ("*" if bench is None else bench).replace("*", name).split()
    return Entry(name, "coder", group, summary, f"n1codec.codecs.{target}", needs, extra, tuple(specs))


def _transform(name: str, group: str, target: str, summary: str) -> Entry:
    return Entry(name, "transform", group, summary, f"n1codec.transforms.{target}")


_GENERAL: Final = "* delta+* lattice+* lattice+delta+*"
"""Default benchmark of a general-purpose coder: plain, after a difference, on ADC codes, and on their differences."""

# fmt: off
_BUILTIN: Final = (
    _transform("delta", "predictive", "delta:Delta", "differences of order 1 to 3 along time"),
    _transform("lpc", "predictive", "lpc:Lpc", "linear prediction, coefficients fitted and sent per block"),
    _transform("wavelet", "predictive", "wavelet:Wavelet", "reversible integer wavelet (5/3 lifting) along time"),
    _transform("integers", "transform", "integers:Integers", "floats, 64 bits, truth values to integers: gain found and proved"),
    _transform("lattice", "transform", "lattice:Lattice", "stored values to ADC codes, the exact map found and proved"),
    _transform("channel", "transform", "channel:Channel", "channel decorrelation: neighbour difference or common average"),
    _transform("planar", "transform", "planar:Planar", "channel after channel instead of frame after frame"),
    _transform("zigzag", "transform", "zigzag:Zigzag", "signed to unsigned, small magnitudes to small values"),
    _transform("byteshuffle", "transform", "shuffle:ByteShuffle", "bytes of the same weight side by side"),
    _transform("bitshuffle", "transform", "shuffle:BitShuffle", "bits of the same weight side by side: bit planes"),
    _transform("bitpack", "transform", "bitpack:BitPack", "as few bits a value as the block's range needs"),

    _coder("n1", "n1", "n1:N1", "this package's own: converter, prediction and law learnt", bench=" ".join(f"*:level={level}" for level in range(1, 10))),

    _coder("zstd", "dictionary", "dictionary:Zstd", "Zstandard: LZ77 with finite-state entropy", needs=("zstandard",), extra="dictionary", bench=_GENERAL + " *:level=19"),
    _coder("lz4", "dictionary", "dictionary:Lz4", "LZ4: LZ77 without entropy coding, fastest", needs=("lz4",), extra="dictionary", bench=_GENERAL),
    _coder("lz4hc", "dictionary", "dictionary:Lz4Hc", "LZ4 with a thorough search", needs=("lz4",), extra="dictionary", bench=_GENERAL),
    _coder("gzip", "dictionary", "standard:Gzip", "DEFLATE in a gzip wrapper", bench=_GENERAL),
    _coder("zlib", "dictionary", "standard:Zlib", "DEFLATE: LZ77 with Huffman codes", bench=_GENERAL),
    _coder("bz2", "dictionary", "standard:Bz2", "bzip2: Burrows-Wheeler sort with Huffman codes", bench=_GENERAL),
    _coder("lzma", "dictionary", "standard:Lzma", "LZMA2 in .xz: LZ77 with a context range coder", bench=_GENERAL),
    _coder("brotli", "dictionary", "dictionary:Brotli", "Brotli: LZ77 with context Huffman codes", needs=("brotli",), extra="dictionary", bench=_GENERAL + " lattice+*:quality=11"),
    _coder("bzip3", "dictionary", "bzip3:Bzip3", "Burrows-Wheeler sort with a context-mixing coder", needs=("bz3",), extra="dictionary", bench=_GENERAL),
    _coder("numcodecs_zstd", "dictionary", "dictionary:NumcodecsZstd", "Zstandard as numcodecs wraps it", needs=("numcodecs",), extra="dictionary", bench="* delta+* *:level=19"),
    _coder("mtscomp", "dictionary", "mtscomp:Mtscomp", "mtscomp: DEFLATE of differences in chunks of a second", needs=("mtscomp", "tqdm"), extra="dictionary", bench="* lattice+*"),

    _coder("huffman", "entropy", "entropy:Huffman", "canonical Huffman code of whole samples, table counted", bench=_GENERAL + " lattice+lpc+*"),
    _coder("arithmetic", "entropy", "entropy:Arithmetic", "range coder, adaptive or with a static table", bench=_GENERAL + " lattice+lpc+* lattice+delta+*:model=static"),
    _coder("rans", "entropy", "entropy:Rans", "range asymmetric numeral system, static table", bench=_GENERAL + " lattice+lpc+* lattice+channel+lpc+*"),
    _coder("rice", "entropy", "entropy:Rice", "adaptive Golomb-Rice code", bench=_GENERAL + " lattice+lpc+* lattice+wavelet+*"),

    _coder("rle", "run-length", "run_length:Rle", "runs of equal bytes or samples", bench="* delta+* lattice+bitshuffle+* lattice+delta+zigzag+bitshuffle+*"),

    _coder("flac", "audio", "flac:Flac", "FLAC: linear prediction with Rice codes", needs=("soundfile",), extra="audio", bench="* lattice+* *:level=8 lattice+*:level=8"),
    _coder("wavpack", "audio", "wavpack:WavPack", "WavPack: sign-LMS cascades with adaptive Golomb codes", needs=("av",), extra="audio", bench="* delta+* lattice+* lattice+*:level=3,extra=3"),
    _coder("alac", "audio", "ffmpeg:Alac", "Apple Lossless: adaptive prediction with Rice codes", needs=("av",), extra="audio", bench="* lattice+*"),

    _coder("blosc", "blosc", "blosc:Blosc", "Blosc: blocked shuffle and a fast compressor", needs=("blosc2",), extra="blosc",
           bench=" ".join(f"*:cname={cname},shuffle={shuffle}" for cname in ("blosclz", "lz4", "lz4hc", "zlib", "zstd") for shuffle in ("none", "byte", "bit"))
           + " lattice+delta+*:cname=lz4,shuffle=bit lattice+delta+*:cname=zstd,clevel=9,shuffle=bit"),

    _coder("pcodec", "numeric", "numeric:Pcodec", "pcodec: binned latent variables with tANS", needs=("pcodec",), extra="numeric", bench="* lattice+* lattice+*:delta=auto lattice+*:level=12,delta=conv"),
    _coder("openzl", "numeric", "numeric:OpenZl", "OpenZL: graph of numeric transforms and entropy coders", needs=("openzl",), extra="numeric", bench="* lattice+* lattice+*:entropy=fse"),

    _coder("store", "baseline", "store:Store", "the samples as they are", bench="* lattice+bitpack+*"),
)
# fmt: on

_OWN: Final[Mapping[str, Entry]] = MappingProxyType({line.name: line for line in _BUILTIN})

ORIGINAL: Final = MappingProxyType(
    {
        "huff": "huffman",
        "delta_huff": "delta+huffman",
        "zstd": "zstd:level=19",
        "delta_zstd": "delta+zstd:level=19",
        "blosc_zstd": "blosc:cname=zstd,clevel=9,shuffle=none",
        "delta_blosc_zstd": "delta+blosc:cname=zstd,clevel=9,shuffle=none",
        "blosc_lz4": "blosc:cname=lz4,clevel=9,shuffle=none",
        "delta_blosc_lz4": "delta+blosc:cname=lz4,clevel=9,shuffle=none",
        "blosc_lz4hc": "blosc:cname=lz4hc,clevel=9,shuffle=none",
        "delta_blosc_lz4hc": "delta+blosc:cname=lz4hc,clevel=9,shuffle=none",
        "blosc_zlib": "blosc:cname=zlib,clevel=8,shuffle=none",
        "delta_blosc_zlib": "delta+blosc:cname=zlib,clevel=8,shuffle=none",
        "gzip": "gzip",
        "delta_gzip": "delta+gzip",
        "lzma": "lzma",
        "delta_lzma": "delta+lzma",
        "lz4": "lz4:acceleration=10",
        "delta_lz4": "delta+lz4:acceleration=10",
        "lstd_numcodec": "numcodecs_zstd:level=19",
        "delta_lstd_numcodec": "delta+numcodecs_zstd:level=19",
        "bz2": "bz2",
        "delta_bz2": "delta+bz2",
        "wavpack": "wavpack",
        "delta_wavpack": "delta+wavpack",
    }
)
"""The 24 names of the original comparison and the settings that give its ratios. Two are coders of ours with other settings
than their defaults (`zstd`, `lz4`): as specifications these mean the coder, in the set ``original`` of the benchmark they mean
what stands here."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}")
"""How text spells an integer."""
_ENTRY_POINTS: Final[Mapping[Kind, str]] = MappingProxyType(
    {"transform": "n1codec.transforms", "coder": "n1codec.coders"}
)


def entries() -> tuple[Entry, ...]:
    """Return all lines of the registry: built-in ones in their order, then those of other packages by name."""
    return tuple(_table().values())


def entry(name: str) -> Entry:
    """Return the line of a name.

    Raises
    ------
    SpecError
        If there is none.
    """
    name = arguments.text("name", name)
    found = _OWN.get(name) or _table().get(name)
    if found is None:
        raise SpecError(f"unknown codec or transform {name!r}; `n1codec codecs` lists them all")
    return found


def expand(name: str) -> str:
    """Return what a name of the original comparison stands for; a name of the registry, or any other text, as it is.

    Raises
    ------
    SpecError
        If it is no text.
    """
    if not isinstance(name, str):
        raise SpecError(f"a codec specification is text such as 'delta+bz2', not {show(name)}")
    return name if name in _OWN or name not in ORIGINAL or name in _table() else ORIGINAL[name]


def make(name: str, params: Mapping[str, Param]) -> Stage:
    """Return a stage from its name and its parameters, as text or as what they are.

    Raises
    ------
    SpecError
        If the name or a parameter's name is unknown.
    ParameterError
        If a value is of the wrong type or out of range.
    MissingDependencyError
        If a package behind the stage is not installed.
    """
    cls = entry(name).load()
    fields = {field.name: field for field in dataclasses.fields(cls)}
    values: dict[str, Param] = {}
    for key, value in arguments.mapping(f"{name}: parameters", params).items():
        if not isinstance(key, str) or key not in fields:
            known = ", ".join(fields) or "none"
            raise SpecError(f"{name} has no parameter {show(key)} (it has: {known})")
        values[key] = _convert(name, key, value, fields[key].default)
    return cls(**values)


def _convert(name: str, key: str, value: object, default: object) -> Param:
    """Return a parameter's value as the type of its default: read from text, or as JSON has it."""
    where = f"{name}: {key}"
    if isinstance(default, bool):
        if isinstance(value, str):
            return arguments.choice(where, value, ("true", "false")) == "true"
        return arguments.flag(where, value)
    if isinstance(default, int):
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        return arguments.integer(where, value)
    return arguments.text(where, value)


@cache
def _table() -> Mapping[str, Entry]:
    table = dict(_OWN)
    for line in _third_party():
        table.setdefault(line.name, line)  # a built-in name cannot be taken over
    return MappingProxyType(table)


def _third_party() -> Iterator[Entry]:
    """Look through all installed packages: only where a name is asked for that is not our own, or all are."""
    import importlib.metadata

    for kind, group in _ENTRY_POINTS.items():
        for point in sorted(importlib.metadata.entry_points(group=group), key=lambda point: point.name):
            package = point.dist.name if point.dist else point.module
            target = f"{point.module}:{point.attr}"
            bench = (point.name,) if kind == "coder" else ()
            yield Entry(point.name, kind, "third-party", f"from the package {package}", target, bench=bench)
