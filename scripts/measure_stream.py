"""Measure streams: ratios, CPU seconds a recorded second, latency over loopback. Prints tables in Markdown.

Usage::

    python scripts/measure_stream.py RECORDINGS [--seconds 60] [--priority] [--only ratio|others|speed|latency|losses]

1,024 channels are made of all of the N1's recordings in the folder RECORDINGS, each taken equally often: rotated copies fill up.
All bytes of packets are counted, described keys and all. Latency is end to end between two processes, from the moment that a
packet's first frame is there to its last sample decoded, over UDP on loopback, paced; every sample is compared by a check sum.
`--priority` gives each process a CPU at real-time priority (root's right): most of what other programs take is out then.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from n1codec import _core, formats
from n1codec.stream import NLINK, Decoder, Encoder, recognise
from n1codec.stream.decoder import Decoded
from n1codec.stream.links import Datagrams, Place
from n1codec.stream.receiver import Receiver
from n1codec.stream.running import Receiving, send
from n1codec.stream.sender import Sender
from n1codec.stream.simulation import LossyLink, simulate
from n1codec.stream.statistics import Latencies

CHANNELS: Final = 1024
FRAMES: Final = 98_304
RATE: Final = 20_000.0
MEGABYTES: Final = CHANNELS * RATE * 2 / 1e6
"""A recorded second."""


def array(folder: Path, path: Path) -> NDArray[np.int16]:
    """Return the array of all recordings, kept in a file."""
    files = sorted(folder.glob("*.wav"))
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.int16, shape=(FRAMES, CHANNELS))
    columns = np.empty((CHANNELS, FRAMES), np.int16)
    for at, name in enumerate(files[:CHANNELS]):
        samples = formats.read(name).samples.reshape(-1)
        for c in range(at, CHANNELS, len(files)):
            columns[c] = np.roll(samples, -(c // len(files)) * len(samples) // 4)[:FRAMES]
    for at in range(0, FRAMES, 4096):
        out[at : at + 4096] = columns[:, at : at + 4096].T
    out.flush()
    found: NDArray[np.int16] = np.load(path, mmap_mode="r")
    return found


def ratios(samples: NDArray[np.int16]) -> None:
    print(
        "\n| profile | P | ratio | bits a sample | mean packet | largest packet | stored |\n|---|---|---|---|---|---|---|"
    )
    for profile in ("lite", "full"):
        for p in (1, 2, 5, 10, 20):
            encoder = Encoder(CHANNELS, RATE, profile, p, converter=NLINK)
            sizes = [len(packet) for at in range(0, FRAMES, 960) for packet in encoder.encode(samples[at : at + 960])]
            n = encoder.frames * CHANNELS
            print(
                f"| {profile} | {p} | {2 * n / sum(sizes):.4f} | {8 * sum(sizes) / n:.4f} | {np.mean(sizes):,.0f} | {max(sizes):,} | "
                f"{encoder.stored} |"
            )


def worst() -> None:
    """Print the largest packets of what no converter should do."""
    print("\n| signal | profile | largest packet | bound |\n|---|---|---|---|")
    rng = np.random.default_rng(1)
    codes = np.arange(1024, dtype=np.int64)
    value = np.trunc((codes * 65535 - 32768 * 1023) / 1023).astype(np.int16)
    steps = value[np.where(np.arange(1000)[:, None] // 5 % 2, 1000, 20) + rng.integers(0, 9, (1000, CHANNELS))]
    for name, signal in (
        ("steps on all channels each 5 frames", steps),
        ("codes at random", value[rng.integers(0, 1024, (1000, CHANNELS))]),
        ("values that are no codes", rng.integers(-32768, 32768, (1000, CHANNELS)).astype(np.int16)),
    ):
        for profile in ("lite", "full"):
            encoder = Encoder(CHANNELS, RATE, profile, 5, converter=NLINK)
            sizes = [len(packet) for packet in encoder.encode(signal[:40])]
            print(f"| {name} | {profile} | {max(sizes):,} | {encoder.bound:,} |")


def speed(samples: NDArray[np.int16]) -> None:
    """Print CPU seconds a recorded second, the least of some tries, with zstd -3 between them."""
    import zstandard

    part = np.ascontiguousarray(samples[:8000])
    seconds = len(part) / RATE
    raw = part[:4000].tobytes()
    print("\n| what | CPU seconds a recorded second | MB/s |\n|---|---|---|")
    best: dict[str, float] = {}

    def took(name: str, start: float, scale: float) -> None:
        used = (time.process_time() - start) / scale
        best[name] = min(best.get(name, 9e9), used)

    for _ in range(5):
        start = time.process_time()
        zstandard.ZstdCompressor(level=3).compress(raw)
        took("zstd -3 compresses", start, len(raw) / 1e6 / MEGABYTES)
        for profile in ("lite", "full"):
            for p in (5, 1):
                encoder, decoder = (
                    Encoder(CHANNELS, RATE, profile, p, converter=NLINK),
                    Decoder(CHANNELS, RATE, profile, p),
                )
                start = time.process_time()
                packets = encoder.encode(part)
                took(f"{profile}, P = {p}, encodes", start, seconds)
                start = time.process_time()
                for packet in packets:
                    decoder.decode(packet)
                took(f"{profile}, P = {p}, decodes", start, seconds)
    for name, used in best.items():
        print(f"| {name} | {used:.3f} | {MEGABYTES / used:,.0f} |")


LOSSES: Final[dict[str, dict[str, Any]]] = {
    "1 % lost": {"loss": 0.01},
    "5 % lost": {"loss": 0.05},
    "bursts of 12, 2 % lost": {"loss": 0.02, "burst": 12},
    "out of order by up to 1.5 ms, 1 % lost": {"loss": 0.01, "jitter": 0.0015},
    "20 % twice, 1 % lost": {"loss": 0.01, "repeat": 0.2, "jitter": 0.0005},
}


def losses(samples: NDArray[np.int16], seconds: float) -> None:
    """Print what becomes of streams of a few channels on simulated links that lose packets both ways."""
    few = np.ascontiguousarray(samples[:20_000, :16])
    print(
        "\n| link | way | delivered | missing frames | wrong | sent again | keys asked for |\n|---|---|---|---|---|---|---|"
    )
    ways: tuple[tuple[str, float, bool, dict[str, Any]], ...] = (
        ("asked again within 5 ms", 0.005, True, {}),
        ("keys on request alone", 0.0, True, {}),
        ("one way, keys each 8 ms", 0.0, False, {"key_every": 0.008}),
        ("one way, independent", 0.0, False, {"independent": True}),
    )
    for way, budget, ask, more in ways:
        for name, options in LOSSES.items():
            sender = Sender(Encoder(16, RATE, "full", 5, converter=NLINK, **more), budget=budget)
            receiver = Receiver(Decoder(16, RATE, "full", 5), budget=budget, ask=ask)
            back = LossyLink(options["loss"], seed=2)
            outcome = simulate(few, seconds, sender, receiver, LossyLink(**options), back)
            assert outcome.complete, outcome
            print(
                f"| {name} | {way} | {100 * outcome.delivered / outcome.frames:.2f} % | {outcome.missing:,} of {outcome.frames:,} | "
                f"{outcome.wrong} | {outcome.sent_again:,} | {outcome.keys:,} |",
                flush=True,
            )


def others(folder: Path) -> None:
    """Print ratios of other devices' recordings, with even codes and with widths learned from the first half."""
    print("\n| recording | profile | P | even codes | widths learned from its first half |\n|---|---|---|---|---|")
    for name in ("run-001_g0_t0.imec0.ap.bin", "locust_trial_01.raw"):
        if not (folder / name).exists():
            continue
        if name.endswith(".raw"):
            samples, rate = np.fromfile(folder / name, "<i2").reshape(-1, 4), 15_000.0
        else:
            recording = formats.read(folder / name)
            samples, rate = np.ascontiguousarray(recording.samples), recording.rate
        for profile in ("lite", "full"):
            for p in (5, 20):
                found = []
                for learn in (False, True):
                    converter = recognise(samples[: len(samples) // 2], learn=learn)
                    encoder = Encoder(samples.shape[1], rate, profile, p, converter=converter)
                    packets = encoder.encode(samples)
                    found.append(encoder.frames * samples.shape[1] * 2 / sum(map(len, packets)))
                print(f"| {name} | {profile} | {p} | {found[0]:.3f} | {found[1]:.3f} |")


def _priority(wanted: bool, side: int) -> None:
    """Take a CPU for each side, ahead of what else runs there; Linux leaves it 95 % of that."""
    if wanted:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[side % len(os.sched_getaffinity(0))]})


def _pieces(samples: NDArray[np.int16], n_frames: int) -> Iterator[NDArray[Any]]:
    done = 0
    while done < n_frames:
        for at in range(0, len(samples), 1000):
            piece = np.ascontiguousarray(samples[at : at + 1000][: n_frames - done])
            yield piece
            done += len(piece)
            if done >= n_frames:
                return


def _send(path: str, port: int, profile: str, p: int, n_frames: int, priority: bool, results: Any) -> None:
    samples = np.load(path)  # in memory: a disk is not what is measured
    _priority(priority, 0)
    sender = Sender(Encoder(CHANNELS, RATE, profile, p, converter=NLINK))
    link = Datagrams(Place.of("to", f"udp://127.0.0.1:{port}"), listen=False)
    lines: list[str] = []
    wall, cpu = time.monotonic(), time.process_time()
    send(sender, link, _pieces(samples, n_frames), paced=True, tell=lines.append)
    load = (time.process_time() - cpu) / (time.monotonic() - wall)
    crc = 0
    for piece in _pieces(samples, n_frames):
        crc = _core.crc32c(piece.data, crc)
    results.put(
        {
            "side": "sender",
            "load": load,
            "line": lines[-1],
            "crc": crc,
            "packets": sender.packets,
            "bytes": sender.bytes,
        }
    )


class BySecond(Latencies):
    """Times of all packets, and of those of each recorded second alone: a host that stalls spoils some seconds, not all."""

    def __init__(self, packets: int) -> None:
        super().__init__()
        self._packets = packets
        self.seconds: list[Latencies] = []

    def add(self, seconds: float) -> None:
        if self.n % self._packets == 0:
            self.seconds.append(Latencies())
        self.seconds[-1].add(seconds)
        super().add(seconds)


def _receive(port: int, profile: str, p: int, priority: bool, results: Any) -> None:
    link = Datagrams(Place.of("from", f"udp://127.0.0.1:{port}"), listen=True)
    crc = 0

    def give(decoded: Decoded) -> None:
        nonlocal crc
        crc = _core.crc32c(decoded.frames.data, crc)

    receiving = Receiving(Receiver(Decoder(CHANNELS, RATE, profile, p)), link, give, patience=10)
    receiving.latencies = latencies = BySecond(round(RATE) // p)
    results.put({"side": "ready"})
    _priority(priority, 1)
    cpu = time.process_time()
    wall = time.monotonic()
    receiving.run()
    wall = receiving._heard - receiving._began if receiving._began else time.monotonic() - wall
    results.put(
        {
            "side": "receiver",
            "load": (time.process_time() - cpu) / wall,
            "crc": crc,
            "frames": receiving.frames,
            "missing": receiving.missing,
            "recovered": receiving.receiver.recovered,
            "p": [latencies.percentile(share) * 1e6 for share in (0.5, 0.9, 0.99, 0.999)] + [latencies.most * 1e6],
            "seconds": [second.percentile(0.99) for second in latencies.seconds],
            "histogram": latencies.histogram(),
        }
    )


def _evenness(seconds: float, results: Any) -> None:
    """Put the shares of time in which a fixed piece of work took over 1.5, 2 and 4 times its usual time."""
    work = bytes(1 << 17)
    took = []
    last = time.monotonic()
    end = last + seconds
    while last < end:
        _core.crc32c(work)
        now = time.monotonic()
        took.append(now - last)
        last = now
    times = np.array(took)
    usual = np.percentile(times, 10)
    results.put([float(times[times > factor * usual].sum() / times.sum()) for factor in (1.5, 2, 4)])


def evenness(seconds: float) -> None:
    """Print how steady the machine is: a host that slows it down for longer than a packet is a latency that no program mends."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    loops = [context.Process(target=_evenness, args=(seconds, results)) for _ in range(len(os.sched_getaffinity(0)))]
    for loop in loops:
        loop.start()
    shares = np.mean([results.get() for _ in loops], axis=0)
    for loop in loops:
        loop.join()
    said = ", ".join(
        f"{100 * share:.1f} % at under {speed}" for share, speed in zip(shares, ("2/3", "1/2", "1/4"), strict=True)
    )
    print(f"\nA loop of fixed work on each CPU, {seconds:.0f} s: of its time {said} of its usual speed.", flush=True)


def latency(path: Path, seconds: float, priority: bool) -> None:
    evenness(min(seconds, 20.0))
    print(
        "\n| profile | P | p50 us | p90 | p99 | p99.9 | max | seconds whose p99 is under 1 ms | load of the sender | of the receiver | "
        "missing | exact | ratio |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    context = multiprocessing.get_context("spawn")
    histograms = []
    for port, (profile, p) in enumerate((("lite", 5), ("full", 5), ("lite", 1), ("full", 1)), 19_310):
        n_frames = round(seconds * RATE) // p * p
        results = context.Queue()
        receiver = context.Process(target=_receive, args=(port, profile, p, priority, results))
        receiver.start()
        results.get()
        sender = context.Process(target=_send, args=(str(path), port, profile, p, n_frames, priority, results))
        sender.start()
        both = {each["side"]: each for each in (results.get(timeout=seconds + 120) for _ in range(2))}
        sender.join()
        receiver.join()
        s, r = both["sender"], both["receiver"]
        exact = "yes" if s["crc"] == r["crc"] and r["frames"] == n_frames else "NO"
        numbers = " | ".join(f"{v:,.0f}" for v in r["p"])
        ratio = 2 * n_frames * CHANNELS / s["bytes"]
        quick = f"{sum(second < 1e-3 for second in r['seconds'])} of {len(r['seconds'])}"
        print(
            f"| {profile} | {p} | {numbers} | {quick} | {100 * s['load']:.0f} % | {100 * r['load']:.0f} % | {r['missing']} | {exact} | {ratio:.3f} |",
            flush=True,
        )
        histograms.append((f"{profile}, P = {p}", r["histogram"]))
    for name, lines in histograms:
        print(f"\n{name}\n\n```text")
        print("\n".join(lines) + "\n```")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--priority", action="store_true")
    parser.add_argument("--only", choices=["ratio", "speed", "latency", "losses", "others"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(BrokenPipeError):
        path = Path(folder) / "array.npy"
        samples = array(options.recordings, path)
        load = os.getloadavg()[0]
        print(
            f"{time.strftime('%Y-%m-%d')}, {platform.machine()}, {os.cpu_count()} CPUs, load before: {load:.1f}",
            flush=True,
        )
        if options.only in (None, "ratio"):
            ratios(samples)
            worst()
        if options.only in (None, "others"):
            others(options.recordings.parent / "multichannel")
        if options.only in (None, "losses"):
            losses(samples, options.seconds)
        if options.only in (None, "speed"):
            speed(samples)
        if options.only in (None, "latency"):
            latency(path, options.seconds, options.priority)


if __name__ == "__main__":
    main()
