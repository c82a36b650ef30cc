"""Measure recordings in the stores of the field: size, write, read and short random reads, n1 beside what people use.

    build/stacks/zarr2/bin/python scripts/compare_stores.py measure DATA zarr2.json
    build/stacks/zarr3/bin/python scripts/compare_stores.py measure DATA zarr3.json --only "zarr 3"
    python scripts/compare_stores.py table zarr2.json zarr3.json > TABLE.md

`make stack-zarr2 stack-zarr3` makes the two environments; `measure` takes the stores whose libraries it finds. DATA is a folder
with multichannel/run-001_g0_t0.imec0.ap.bin and devices/*.npy. One process, one thread, processor time; codecs take turns, and
the median of the rounds counts. What was written is read back and compared. `--layouts 3:7500x24 5:15503x129` measures n1 in
chunks of so many frames and channels, at a level, instead of in those of its recipe, beside what is compressed by Blosc.

A store is a class with `name`, `entries`, `ours` and the two steps; a new one is a line in STORES.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import json
import shutil
import statistics
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

import n1codec
from n1codec.errors import MissingDependencyError
from n1codec.integrations.layout import SMALL_FROM_CHANNELS, layout

WINDOW_SECONDS, WINDOW_CHANNELS = 0.1, 16
LEAST_READS, ENOUGH_SECONDS = 3, 2.0
"""So many short reads in each round, at least; no more where they take longer together."""
RECORDINGS = {
    "Neuropixels 2.0, 385 ch": ("multichannel/run-001_g0_t0.imec0.ap.bin", 30_000, 2),
    "HD-EMG, 64 ch": ("devices/hdemg64_otb.npy", 2048, 1),
    "Open Ephys, 16 ch": ("devices/openephys_legacy16.npy", 30_000, 1),
}
"""File, rate, and how often: the second time it runs backwards, so that there is something to read at random, and nothing that comes
again (mtscomp would find it)."""
N1 = {"n1 level 1": 1, "n1 level 3": 3, "n1 default": 5, "n1 level 9": 9}
KNOWN = {"n1 default, widths known": 5, "n1 level 9, widths known": 9}
PEERS = {"WavPack 4": "wavpack:level=4", "FLAC 5": "flac:level=5", "mtscomp": "mtscomp"}
"""Through n1codec's own wrappers, with the chunks of their users: a second of all channels."""

SLOW = ("level 9", "WavPack", "mtscomp")
"""Measured in one round alone."""

Samples = NDArray[Any]
Reader = Callable[[int, int, int, int], Samples]


class Store(ABC):
    """A way to keep an array of shape (n_samples, n_channels) in files."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def entries(self) -> dict[str, Any]:
        """Return what is measured: for each name, what `write` is told."""
        return {name: self.ours(level) for name, level in N1.items()} | self.known() | self.others()

    def known(self) -> dict[str, Any]:
        """Return what `write` is told for n1 with code widths that the store keeps, which are learned as it is written."""
        return {}

    @abstractmethod
    def ours(self, level: int, chunks: tuple[int, int] | None = None) -> Any:
        """Return what `write` is told for n1, in the chunks of its recipe unless others are given."""

    @abstractmethod
    def others(self) -> dict[str, Any]:
        """Return what n1 is compared with."""

    @abstractmethod
    def write(self, path: Path, samples: Samples, how: Any) -> None:
        """Write samples."""

    @abstractmethod
    def reader(self, path: Path) -> Reader:
        """Open it and return what reads samples start..stop of channels first..last."""

    def second(self, samples: Samples) -> tuple[int, int]:
        """Return the chunk of most users: a second of all channels."""
        return min(len(samples), round(self.rate)), samples.shape[1]


class N1c(Store):
    """The ``.n1c`` file, in its default chunks and bundles."""

    name = ".n1c"

    def ours(self, level: int, chunks: tuple[int, int] | None = None) -> Any:
        cut = {} if chunks is None else {"chunk_frames": chunks[0], "bundle_channels": chunks[1]}
        return {"codec": f"n1:level={level}"} | cut

    def others(self) -> dict[str, Any]:
        return {name: {"codec": spec} for name, spec in PEERS.items() if there(spec)}

    def write(self, path: Path, samples: Samples, how: Any) -> None:
        with n1codec.Writer(path, dtype=samples.dtype, rate=self.rate, channels=samples.shape[1], **how) as writer:
            writer.append(samples)

    def reader(self, path: Path) -> Reader:
        file = n1codec.open(path, cache_bytes=0)
        return lambda start, stop, first, last: file[start:stop, first:last]


class Zarr2(Store):
    """zarr 2, as SpikeInterface writes it."""

    name = "zarr 2"
    needs = ("zarr<3", "numcodecs")

    def ours(self, level: int, chunks: tuple[int, int] | None = None) -> Any:
        from n1codec.numcodecs import N1 as Codec

        return Codec(level=level), chunks or (lambda shape: layout(shape, level=level).chunks)

    def known(self) -> dict[str, Any]:
        from n1codec.numcodecs import N1 as Codec

        return {
            name: (functools.partial(Codec, level=level), lambda shape: layout(shape, level=5, known=True).chunks)
            for name, level in KNOWN.items()
        }

    def others(self) -> dict[str, Any]:
        from numcodecs import Blosc

        from n1codec.numcodecs import N1 as Codec

        default = {"SpikeInterface's default (Blosc)": (Blosc(cname="zstd", clevel=5, shuffle=Blosc.BITSHUFFLE), None)}
        return default | {name: (Codec(spec), None) for name, spec in PEERS.items() if there(spec)}

    def write(self, path: Path, samples: Samples, how: Any) -> None:
        import zarr

        codec, chunks = how
        if not hasattr(codec, "codec_id"):
            codec = codec(widths=n1codec.learn_widths(samples[: round(self.rate / 2)]))
        chunks = chunks(samples.shape) if callable(chunks) else chunks or self.second(samples)
        zarr.save_array(str(path), samples, chunks=chunks, compressor=codec)

    def reader(self, path: Path) -> Reader:
        import zarr

        array = zarr.open(str(path), "r")
        return lambda start, stop, first, last: array[start:stop, first:last]


class Zarr3(Store):
    """zarr 3, in shards by the recipe, and as it is by default."""

    name = "zarr 3"
    needs = ("zarr>=3",)

    def ours(self, level: int, chunks: tuple[int, int] | None = None) -> Any:
        return {"level": level, "chunks": chunks}

    def known(self) -> dict[str, Any]:
        return {name: {"level": level, "known": True} for name, level in KNOWN.items()}

    def others(self) -> dict[str, Any]:
        import zarr

        from n1codec.zarr import N1 as Codec

        blosc = zarr.codecs.BloscCodec(cname="zstd", clevel=5, shuffle="bitshuffle")
        theirs = {"zarr's default": {}, "Blosc zstd 5, bit shuffle": {"compressors": blosc}}
        return theirs | {
            name: {"serializer": Codec(spec), "compressors": None} for name, spec in PEERS.items() if there(spec)
        }

    def write(self, path: Path, samples: Samples, how: Any) -> None:
        import zarr

        import n1codec.zarr

        if "level" in how:
            part = samples[: round(self.rate / 2)] if how.get("known") else samples[:0]
            given = {key: value for key, value in how.items() if key != "known"} | {
                "widths": n1codec.learn_widths(part)
            }
            array = n1codec.zarr.create(path, shape=samples.shape, dtype=samples.dtype, **given)
        else:
            chunks = "auto" if not how else self.second(samples)
            array = zarr.create_array(path, shape=samples.shape, dtype=samples.dtype, chunks=chunks, **how)
        array[:] = samples

    def reader(self, path: Path) -> Reader:
        import zarr

        array = zarr.open_array(path, mode="r")
        return lambda start, stop, first, last: array[start:stop, first:last]


class Hdf5(Store):
    """HDF5 through h5py: the filter in the package, and h5py's gzip."""

    name = "HDF5"
    needs = ("h5py",)

    def ours(self, level: int, chunks: tuple[int, int] | None = None) -> Any:
        return {"level": level, "chunks": chunks}

    def others(self) -> dict[str, Any]:
        return {"gzip 4, byte shuffle": {"compression": "gzip", "shuffle": True}}

    def write(self, path: Path, samples: Samples, how: Any) -> None:
        import h5py

        import n1codec.hdf5

        with h5py.File(path, "w") as file:
            if "level" in how:
                n1codec.hdf5.create_dataset(file, "traces", samples, **how)
            else:
                file.create_dataset("traces", data=samples, chunks=True, **how)

    def reader(self, path: Path) -> Reader:
        import h5py

        def read(start: int, stop: int, first: int, last: int) -> Samples:
            with h5py.File(path) as file:  # opened anew: another read of the same chunk would find it in the cache
                part: Samples = file["traces"][start:stop, first:last]
                return part

        return read


STORES: tuple[type[Store], ...] = (N1c, Zarr2, Zarr3, Hdf5)


def there(spec: str) -> bool:
    """Return whether the package behind a codec is installed."""
    try:
        n1codec.get(spec)
    except MissingDependencyError as error:
        print(f"left out: {error}", file=sys.stderr)
        return False
    return True


def stores(rate: float) -> Iterator[Store]:
    """Return the stores whose libraries are installed."""
    for kind in STORES:
        try:
            fits = True
            for need in kind.needs:
                name = need.split("<")[0].split(">")[0]
                major = int(importlib.import_module(name).__version__.split(".")[0])
                fits = fits and (major < 3 if "<" in need else major >= 3 if ">" in need else True)
        except ImportError:
            fits = False
        if fits:
            yield kind(rate)


def single_threaded() -> None:
    """One thread everywhere: processor time of several is none."""
    if importlib.util.find_spec("numcodecs"):
        from numcodecs import blosc

        blosc.use_threads = False
    if importlib.util.find_spec("zarr"):
        import zarr

        if hasattr(zarr, "config"):
            zarr.config.set({"threading.max_workers": 1, "async.concurrency": 1})


def size_of(path: Path) -> int:
    """Return the bytes of a file or of all files below a folder."""
    return sum(each.stat().st_size for each in ([path] if path.is_file() else path.rglob("*")) if each.is_file())


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor time of an action, and what it returned."""
    begin = time.process_time()
    result = action()
    return time.process_time() - begin, result


def measure_once(
    store: Store, samples: Samples, how: Any, windows: list[tuple[int, int, int, int]]
) -> dict[str, float]:
    """Write, read and look into a store once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        write, _ = timed(lambda: store.write(path, samples, how))
        read, back = timed(lambda: store.reader(path)(0, len(samples), 0, samples.shape[1]))
        assert np.array_equal(back, samples), "not what was written"
        taken = []
        for window in windows:
            reader = store.reader(path)
            seconds, part = timed(functools.partial(reader, *window))
            start, stop, first, last = window
            assert np.array_equal(part, samples[start:stop, first:last]), "not what was written"
            taken.append(1e3 * seconds)
            if len(taken) >= LEAST_READS and sum(taken) > 1e3 * ENOUGH_SECONDS:
                break
        size = size_of(path)
        shutil.rmtree(path, ignore_errors=True)
    n_bytes = samples.nbytes
    return {
        "bytes": size,
        "write": n_bytes / write / 1e6,
        "read": n_bytes / read / 1e6,
        "random": statistics.median(taken),
    }


def recordings(data: Path, only: str) -> Iterator[tuple[str, Samples, float]]:
    """Return the recordings."""
    for name, (file, rate, times) in RECORDINGS.items():
        if only not in name:
            continue
        path = data / file
        samples = np.load(path) if path.suffix == ".npy" else np.fromfile(path, "<i2").reshape(-1, 385)
        yield name, np.concatenate([samples, samples[::-1]][:times]), rate


def jobs_of(arguments: argparse.Namespace, rate: float, channels: int) -> Iterator[tuple[Store, str, Any]]:
    """Return what is to be measured: in which store, under which name, how it is written."""
    for store in stores(rate):
        entries = store.entries()
        if arguments.layouts:
            entries = {name: how for name, how in entries.items() if "Blosc" in name}
            for text in arguments.layouts:
                level, frames, channels = map(int, text.replace(":", "x").split("x"))
                entries[f"n1 level {level}, {frames} x {channels}"] = store.ours(level, (frames, channels))
        for name, how in entries.items():
            if arguments.only in f"{store.name} {name}" and (name not in KNOWN or channels >= SMALL_FROM_CHANNELS):
                yield store, name, how


def measure(arguments: argparse.Namespace) -> None:
    """Measure what can be measured here, and write it down."""
    single_threaded()
    rows = []
    for recording, samples, rate in recordings(arguments.data, arguments.recordings):
        long, wide = max(1, round(WINDOW_SECONDS * rate)), min(WINDOW_CHANNELS, samples.shape[1])
        draw = np.random.default_rng(1)
        starts = draw.integers(0, len(samples) - long, arguments.reads)
        firsts = draw.integers(0, samples.shape[1] - wide + 1, arguments.reads)
        windows = [(int(s), int(s) + long, int(f), int(f) + wide) for s, f in zip(starts, firsts, strict=True)]
        jobs = list(jobs_of(arguments, rate, samples.shape[1]))
        found: dict[tuple[str, str], list[dict[str, float]]] = {}
        for turn in range(arguments.rounds):
            for store, name, how in jobs:
                if turn and any(slow in name for slow in SLOW):
                    continue
                found.setdefault((store.name, name), []).append(measure_once(store, samples, how, windows))
                print(recording, store.name, name, found[store.name, name][-1], file=sys.stderr, flush=True)
        for (store_name, name), results in found.items():
            medians = {key: statistics.median(result[key] for result in results) for key in results[0]}
            rows.append({"recording": recording, "store": store_name, "codec": name, "raw": samples.nbytes, **medians})
        arguments.results.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def table(arguments: argparse.Namespace) -> None:
    """Print the tables of some results, one a recording."""
    rows = [row for path in arguments.results for row in json.loads(path.read_text("utf-8"))]
    order = [kind.name for kind in STORES]
    for recording in dict.fromkeys(row["recording"] for row in rows):
        print(
            f"\n{recording}:\n\n| store | codec | ratio | write MB/s | read MB/s | {WINDOW_CHANNELS} ch x 100 ms, ms |"
        )
        print("|---|---|--:|--:|--:|--:|")
        seen = set()
        for row in sorted((r for r in rows if r["recording"] == recording), key=lambda row: order.index(row["store"])):
            if (row["store"], row["codec"]) not in seen:  # a store that both stacks have is measured on the first one
                seen.add((row["store"], row["codec"]))
                numbers = (
                    f"{row['raw'] / row['bytes']:.3f} | {row['write']:.3g} | {row['read']:.3g} | {row['random']:.3g}"
                )
                print(f"| {row['store']} | {row['codec']} | {numbers} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("data", type=Path)
    measuring.add_argument("results", type=Path)
    measuring.add_argument("--rounds", type=int, default=3)
    measuring.add_argument("--reads", type=int, default=20)
    measuring.add_argument("--only", default="", help="only stores and codecs with this text in their names")
    measuring.add_argument("--layouts", nargs="+", metavar="LEVEL:FRAMESxCHANNELS", help="n1 in these chunks")
    measuring.add_argument("--recordings", default="", help="only recordings with this text in their names")
    measuring.set_defaults(run=measure)
    printing = commands.add_parser("table")
    printing.add_argument("results", type=Path, nargs="+")
    printing.set_defaults(run=table)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
