"""What compare_devices.py measures: n1 and its peers on one recording, each encoding timed, decoded and compared."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

import n1codec
from n1codec import analysis, formats, synth
from n1codec.codec import Samples
from n1codec.errors import FormatError, N1Error

PEERS: Final = (
    *("flac", "lattice+flac", "wavpack", "lattice+wavpack", "lattice+bzip3", "lattice+pcodec"),
    *("bz2", "zstd:level=19", "lzma", "blosc:cname=zstd,clevel=5,shuffle=bit"),
)
"""What n1 is compared with."""

RATE: Final = 1000.0
"""Samples a second that the floor's model is told where INDEX.tsv does not say."""
SYNTH_RATE: Final = 19531.0
ENOUGH_S: Final = 0.2
"""Encoding is repeated until it took so long."""
PERMUTATION: Final = 20
"""Seed of the order that ``--permute`` gives channels."""


@dataclass(frozen=True)
class Plan:
    """What is done with each recording."""

    levels: tuple[int, ...]
    peers: tuple[str, ...] = ()
    """Measured anew; none where the sizes of PEERS.tsv are taken."""
    floor: bool = True
    pad: bool = False
    reverse: bool = False
    permute: bool = False
    divide: int = 1

    @property
    def changes(self) -> bool:
        """Whether the samples are others than those of the file."""
        return self.reverse or self.permute or self.divide > 1


@dataclass
class Row:
    """What was found of one recording: bytes and seconds by level and by peer."""

    name: str
    frames: int = 0
    channels: int = 0
    samples: int = 0
    raw: int = 0
    sizes: dict[int, int] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    synth_seconds: dict[int, float] = field(default_factory=dict)
    padded: dict[int, int] = field(default_factory=dict)
    peers: dict[str, int] = field(default_factory=dict)
    peer_seconds: dict[str, float] = field(default_factory=dict)
    floor: float | None = None
    missing: list[str] = field(default_factory=list)
    """Peers that could not be measured, and why."""
    error: str | None = None

    @property
    def best(self) -> str | None:
        """The peer of the fewest bytes; None if there is none."""
        return min(self.peers, key=self.peers.__getitem__, default=None)

    def over_best(self, level: int) -> float:
        """Return by how much a level is larger than the best peer, in percent; negative if it is smaller."""
        return 100.0 * (self.sizes[level] / self.peers[self.best] - 1.0) if self.best else -100.0

    def over_as_fast(self, level: int) -> float:
        """Return the same for the best of the peers that encode at least as fast; -100 where there is none."""
        fast = [self.peers[spec] for spec, spent in self.peer_seconds.items() if spent <= self.seconds[level]]
        return 100.0 * (self.sizes[level] / min(fast) - 1.0) if fast else -100.0


@dataclass(frozen=True)
class Known:
    """What a folder's INDEX.tsv and PEERS.tsv say, by recording."""

    index: dict[str, dict[str, str]]
    peers: dict[str, dict[str, str]]

    @classmethod
    def of(cls, folder: Path) -> Known:
        """Read what is there of the two tables."""
        index = {row["file"].removesuffix(".npy"): row for row in _table(folder / "INDEX.tsv", "file")}
        return cls(index, {row["recording"]: row for row in _table(folder / "PEERS.tsv", "recording")})

    def rate(self, name: str) -> float:
        """Return a recording's samples a second, or `RATE`."""
        try:
            return float(self.index[name]["rate_hz"])
        except (KeyError, ValueError):
            return RATE

    def sizes(self, name: str, raw: int) -> dict[str, int]:
        """Return the peers' bytes, if they are those of a recording of so many; else nothing."""
        row = self.peers.get(name, {})
        if row.get("bytes") != str(raw):
            return {}
        first = ("recording", "bytes", "best_peer", "best_peer_bytes")
        return {
            spec: int(size)
            for spec, size in row.items()
            if spec not in first and not spec.startswith("n1") and size and size.isdigit()
        }


def _table(path: Path, key: str) -> list[dict[str, str]]:
    """Return the rows of a table of tab-separated values, none if it is not there."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    if rows and key not in rows[0]:
        raise FormatError(str(path), f"no column {key!r}")
    return rows


def varied(samples: Samples, plan: Plan) -> Samples:
    """Return samples divided, reversed and with their channels in another order, as far as the plan says so."""
    if plan.divide > 1:
        samples = samples // samples.dtype.type(plan.divide)
    if plan.reverse:
        samples = samples[::-1]
    if plan.permute and samples.ndim == 2:
        samples = samples[:, np.random.default_rng(PERMUTATION).permutation(samples.shape[1])]
    return np.ascontiguousarray(samples)


def padded(samples: Samples) -> Samples:
    """Return samples with half as many zeros appended: a third of the whole."""
    return np.concatenate((samples, np.zeros((len(samples) // 2, *samples.shape[1:]), samples.dtype)))


def coded(spec: str, samples: Samples) -> tuple[int, float]:
    """Return the bytes that a codec takes and the seconds of its best encoding, having seen the samples come back.

    Seconds are the processor's, for one thread: those of a busy machine are the same.
    """
    encode = n1codec.get(spec).encode
    data, spent = encode(samples), min(_spent(lambda: encode(samples)))
    back = n1codec.decode(data)
    if back.dtype != samples.dtype or back.shape != samples.shape or not np.array_equal(back, samples):
        raise N1Error(f"{spec}: what came back is not what was encoded")
    return len(data), spent


def _spent(call: Callable[[], object]) -> Iterator[float]:
    """Give the processor's seconds of a call, again and again until they are `ENOUGH_S` together."""
    total = 0.0
    while total < ENOUGH_S:
        before = time.process_time_ns()
        call()
        spent = max(time.process_time_ns() - before, 1) * 1e-9
        total += spent
        yield spent


def measure(path: Path, plan: Plan, known: Known) -> Row:
    """Return what the plan asks for of one recording; what goes wrong is told by the row."""
    row = Row(path.stem)
    try:
        samples = varied(formats.read(path, rate=known.rate(path.stem)).samples, plan)
        if samples.size == 0:
            raise FormatError(str(path), "no samples")
        row.frames, row.samples, row.raw = len(samples), samples.size, samples.nbytes
        row.channels = samples.size // len(samples)
        for level in plan.levels:
            row.sizes[level], row.seconds[level] = coded(f"n1:level={level}", samples)
        if plan.pad:
            longer = padded(samples)
            row.padded = {level: coded(f"n1:level={level}", longer)[0] for level in plan.levels}
            return row
        like = synth.recording(row.frames / SYNTH_RATE, row.channels)
        row.synth_seconds = {level: coded(f"n1:level={level}", like)[1] for level in plan.levels}
        row.peers = {} if plan.peers or plan.changes else known.sizes(row.name, row.raw)
        if not row.peers:
            _measure_peers(row, samples, plan.peers or PEERS)
        if plan.floor:
            row.floor = analysis.floor(samples, known.rate(row.name)).bits_per_sample
    except (N1Error, OSError) as error:
        row.error = str(error) if row.name in str(error) else f"{path}: {error}"
    return row


def _measure_peers(row: Row, samples: Samples, specs: Iterable[str]) -> None:
    for spec in specs:
        try:
            row.peers[spec], row.peer_seconds[spec] = coded(spec, samples)
        except N1Error as error:
            row.missing.append(f"{spec}: {error}")


def recordings(folder: Path) -> Iterator[Path]:
    """Give the .npy files of a folder by name; a single file is given itself."""
    if folder.is_file():
        yield folder
        return
    found = sorted(path for path in folder.glob("*.npy") if not path.name.startswith("."))
    if not found:
        raise FormatError(str(folder), "no .npy files" if folder.is_dir() else "no such folder")
    yield from found
