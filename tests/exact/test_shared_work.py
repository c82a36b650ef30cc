"""Several threads share the work on one array: the bytes are those of one, and what goes wrong in any is told."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest

import n1codec
from n1codec import _core, envelope
from n1codec.threads import Workers

MIB = 1 << 20


@pytest.fixture(scope="module")
def noise() -> bytes:
    return np.random.default_rng(3).bytes(5 * MIB + 13)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 100, 65_536, 4 * MIB + 5])
def test_the_crc_of_two_parts_is_that_of_the_whole(noise: bytes, length: int) -> None:
    first, last = noise[:-length] if length else noise, noise[len(noise) - length :]
    assert _core.crc32c_join(_core.crc32c(first), _core.crc32c(last), length) == _core.crc32c(noise)
    assert _core.crc32c_join(0, _core.crc32c(last), length) == _core.crc32c(last)


def test_a_hash_in_steps_is_that_of_the_whole(noise: bytes) -> None:
    rng = np.random.default_rng(5)
    for size in (0, 1, 31, 32, 33, 1000, len(noise)):
        data = memoryview(noise)[:size]
        steps = sorted(rng.integers(0, size + 1, 5).tolist())
        hashed = _core.Hash(data)
        for there in (*steps, *steps[:2]):
            hashed.go_on(there)
        assert hashed.value() == _core.xxh64(data)


def test_a_hash_sees_what_is_there_when_it_is_told_and_no_more() -> None:
    data = bytearray(4096)
    hashed = _core.Hash(data)
    hashed.go_on(2048)
    data[2048:] = bytes([7]) * 2048
    assert hashed.value() == _core.xxh64(data)
    data[0] = 1
    assert hashed.value() != _core.xxh64(data), "what was told to be final is not looked at again"


@pytest.mark.parametrize("threads", [1, 2, 3, 16])
def test_an_envelope_is_the_same_whoever_puts_it_together(noise: bytes, threads: int) -> None:
    header = envelope.Header(np.dtype("u1"), (len(noise),), "memcpy", ())
    parts = (noise[:3], noise[3 : 2 * MIB + 1], b"", noise[2 * MIB + 1 :])
    whole = envelope.pack(header, parts, 99)
    assert envelope.pack(header, parts, 99, threads=threads) == whole
    assert bytes(envelope.unpack(whole, threads=threads)[1]) == noise
    for at in (4, len(whole) // 3, len(whole) // 2, len(whole) - 20, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[at] ^= 4
        with pytest.raises(n1codec.CorruptError):
            envelope.unpack(damaged, threads=threads)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("frames", "channels"), [(8000, 300), (300_000, 40)])
def test_a_wrong_hash_is_found_in_every_part(frames: int, channels: int, threads: int) -> None:
    samples = np.random.default_rng(1).integers(-30, 30, (frames, channels)).astype("i2")
    data = n1codec.encode(samples, "n1:level=1", threads=threads)
    header, payload, found = envelope.unpack(data)
    assert found == envelope.hash_samples(samples)
    np.testing.assert_array_equal(n1codec.decode(data, threads=threads), samples)
    with pytest.raises(n1codec.CorruptError, match="hash"):
        n1codec.decode(envelope.pack(header, (bytes(payload),), found ^ 1), threads=threads)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_work_is_shared_and_results_stay_in_order(threads: int) -> None:
    seen: list[int] = []
    with Workers(threads) as workers:
        assert workers.share(lambda item: -item, range(20), lambda: seen.append(threads)) == [-i for i in range(20)]
        assert workers.share(lambda item: item, ()) == []
        workers.share(lambda item: item, (), lambda: seen.append(threads))
    assert seen == [threads, threads]


def test_two_threads_are_the_caller_and_one_more() -> None:
    together = threading.Barrier(2, timeout=30)
    names: list[str] = []

    def meet(_: int) -> None:
        together.wait()
        names.append(threading.current_thread().name)

    with Workers(2) as workers:
        workers.share(meet, range(2))
    assert threading.current_thread().name in names
    assert len(set(names)) == 2


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("wrong", [0, 1, 19])
def test_a_failure_ends_the_work_and_is_told(threads: int, wrong: int) -> None:
    done: list[int] = []

    def work(item: int) -> int:
        if item == wrong:
            raise IndexError("of the work itself")
        done.append(item)
        return item

    with Workers(threads) as workers, pytest.raises(IndexError, match="of the work itself"):
        workers.share(work, range(20))
    assert wrong not in done

    def fail() -> None:
        raise OSError("beside")

    with Workers(threads) as workers, pytest.raises(OSError, match="beside"):
        workers.share(lambda item: item, range(3), fail)


def test_an_interruption_while_threads_are_started_ends_the_work_of_those_that_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[int] = []
    with Workers(3) as workers, pytest.raises(KeyboardInterrupt):  # noqa: PT012
        submit = workers.submit

        def submit_and_stop(function: Any, item: Any) -> None:
            submit(function, item)
            raise KeyboardInterrupt

        def work(item: int) -> None:
            time.sleep(0.05)
            done.append(item)

        monkeypatch.setattr(workers, "submit", submit_and_stop)
        workers.share(work, range(30))
    assert len(done) < 15
