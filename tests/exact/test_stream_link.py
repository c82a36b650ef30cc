"""Promises of the link: with time to ask again nothing is missing, with keys on request little is, and never a wrong sample.

The network is one of the tests' own, in a time of its own: it loses, repeats and reorders packets both ways.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_stream import array

from n1codec.stream import Decoder, Encoder
from n1codec.stream.decoder import Decoded
from n1codec.stream.receiver import Receiver
from n1codec.stream.sender import Sender

RATE = 20_000.0


@dataclass
class Proxy:
    """Loses and delays what passes through.

    Attributes
    ----------
    loss : float
        Share of packets that are lost.
    burst : int
        Packets that are lost in a row.
    delay, jitter : float
        Seconds: each packet takes `delay` and up to `jitter` more, so that packets overtake each other.
    repeat : float
        Share of packets that come twice.
    """

    loss: float = 0.0
    burst: int = 1
    delay: float = 0.0002
    jitter: float = 0.0
    repeat: float = 0.0
    seed: int = 1
    _left: int = 0
    _flying: list[tuple[float, int, bytes]] = field(default_factory=list)
    _n: int = 0

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def send(self, data: bytes, now: float) -> None:
        if self._left:
            self._left -= 1
            return
        if self._rng.random() < self.loss / self.burst:
            self._left = self.burst - 1
            return
        for _ in range(1 + (self._rng.random() < self.repeat)):
            self._n += 1
            heapq.heappush(self._flying, (now + self.delay + self.jitter * self._rng.random(), self._n, data))

    def arrived(self, now: float) -> list[bytes]:
        out = []
        while self._flying and self._flying[0][0] <= now:
            out.append(heapq.heappop(self._flying)[2])
        return out


@dataclass
class Result:
    """What a receiver gave, beside what was sent."""

    given: NDArray[Any]
    missing: NDArray[Any]

    def take(self, results: list[Decoded], samples: NDArray[Any]) -> None:
        for each in results:
            stop = each.start + len(each.frames)
            if len(each.frames):
                np.testing.assert_array_equal(each.frames, samples[each.start : stop])
            assert not (self.given | self.missing)[each.start : stop].any(), "given twice"
            self.given[each.start : stop] = True
            for first, last in each.missing:
                assert not (self.given | self.missing)[first:last].any(), "named twice"
                self.missing[first:last] = True


def run(
    samples: NDArray[Any],
    there: Proxy,
    back: Proxy,
    *,
    budget: float,
    ask: bool = True,
    profile: str = "full",
    **options: Any,
) -> tuple[Result, Sender, Receiver]:
    """Send samples in a time of its own, until the receiver has taken the end in."""
    encoder = Encoder(samples.shape[1], RATE, profile, 5, **options)
    sender = Sender(encoder, budget=budget)
    receiver = Receiver(Decoder(samples.shape[1], RATE, profile, 5), budget=budget, ask=ask)
    result = Result(np.zeros(len(samples), bool), np.zeros(len(samples), bool))
    step = 5 / RATE / 2
    now, at = 0.0, 0
    while not receiver.ended and now < len(samples) / RATE + 1:
        now += step
        if at < len(samples) and now >= (at + 5) / RATE:
            for packet in sender.push(samples[at : at + 5], now):
                if at:  # the first packet comes: a receiver that joins later begins later
                    there.send(packet, now)
                else:
                    result.take(receiver.receive(packet, now), samples)
            at += 5
        elif at >= len(samples):
            for packet in sender.finish(now):
                there.send(packet, now)
            there.send(sender.end(), now)
        for data in back.arrived(now):
            for packet in sender.receive(data, now):
                there.send(packet, now)
        for data in there.arrived(now):
            result.take(receiver.receive(data, now), samples)
        result.take(receiver.poll(now), samples)
        for reply in receiver.replies():
            back.send(reply, now)
    assert receiver.ended
    result.take([Decoded(np.empty((0, 0)), receiver.finish())], samples)
    assert (result.given ^ result.missing).all(), "each frame is given or named as missing"
    return result, sender, receiver


LOSSES: dict[str, dict[str, Any]] = {
    "1 percent": {"loss": 0.01},
    "5 percent": {"loss": 0.05},
    "bursts": {"loss": 0.02, "burst": 12},
    "out of order": {"loss": 0.01, "jitter": 0.0015},
    "repeated": {"loss": 0.01, "repeat": 0.2, "jitter": 0.0005},
}


@pytest.mark.parametrize("profile", ["lite", "full"])
@pytest.mark.parametrize("name", LOSSES)
def test_with_time_to_ask_again_nothing_is_missing(name: str, profile: str) -> None:
    samples = array(9000, 6)
    result, sender, receiver = run(
        samples, Proxy(**LOSSES[name]), Proxy(loss=0.01, seed=2), budget=0.02, profile=profile
    )
    assert not result.missing.any()
    assert receiver.recovered > 0
    assert sender.sent_again > 0


def test_at_one_percent_five_milliseconds_are_enough() -> None:
    result, _, _ = run(array(20_000, 6), Proxy(loss=0.01), Proxy(loss=0.01, seed=2), budget=0.005)
    assert not result.missing.any()


@pytest.mark.parametrize("profile", ["lite", "full"])
def test_keys_on_request_leave_little_missing(profile: str) -> None:
    """Nothing is sent again: a loss costs the time that a request and a key take."""
    result, sender, _ = run(array(40_000, 6), Proxy(loss=0.01), Proxy(seed=2), budget=0, profile=profile, key_every=0)
    assert result.given.mean() >= 0.96
    assert sender.keys_asked > 10


@pytest.mark.parametrize(("options", "least"), [({"key_every": 0.032}, 0.4), ({"independent": True}, 0.98)])
def test_one_way_links_go_on_at_keys(options: dict[str, Any], least: float) -> None:
    nothing = Proxy(loss=1.0)
    result, sender, receiver = run(array(40_000, 6), Proxy(loss=0.01), nothing, budget=0, ask=False, **options)
    assert least <= result.given.mean() < 1
    assert not sender.keys_asked
    assert not receiver.recovered


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("seed", range(3))
def test_never_a_wrong_sample_with_little_time_and_losses_both_ways(name: str, seed: int) -> None:
    there, back = Proxy(**LOSSES[name], seed=seed), Proxy(loss=0.2, jitter=0.002, seed=seed + 50)
    run(array(9000, 6), there, back, budget=0.001)


def test_garbage_and_messages_of_others_change_nothing() -> None:
    samples = array(1000, 4)
    rng = np.random.default_rng(7)
    encoder, other = Encoder(4, RATE), Encoder(4, RATE)
    sender, receiver = Sender(encoder), Receiver(Decoder(4, RATE))
    strangers = [bytes(rng.integers(0, 256, rng.integers(0, 90), np.uint8)) for _ in range(50)]
    strangers += [bytes([0xB0 + n % 6]) + each for n, each in enumerate(strangers)] + other.encode(samples)[1:40]
    strangers += [Sender(other).end(), Sender(other).clock(5, 5)]
    out = []
    for packet in sender.push(samples, 0.0):
        for stranger in rng.choice(len(strangers), 3):
            assert not [each for each in receiver.receive(strangers[stranger], 0.0) if len(each.frames)]
            assert sender.receive(strangers[stranger], 0.0) == []
        out += receiver.receive(packet, 0.0)
    np.testing.assert_array_equal(np.concatenate([each.frames for each in out]), samples)


def test_a_sender_that_starts_again_is_followed_and_its_old_packets_are_not() -> None:
    old, new = array(300, 4), array(300, 4, 5)
    receiver = Receiver(Decoder(4, RATE, "lite"))
    first, second = Sender(Encoder(4, RATE, "lite")), Sender(Encoder(4, RATE, "lite"))
    before, after = first.push(old, 0.0), second.push(new, 1.0)
    for packet in before[:30]:
        receiver.receive(packet, 0.0)
    got = [each for packet in after for each in receiver.receive(packet, 1.0)]
    assert not [each for packet in before for each in receiver.receive(packet, 1.1)]
    np.testing.assert_array_equal(np.concatenate([each.frames for each in got]), new)


def test_a_receiver_that_starts_again_asks_for_a_key_and_goes_on() -> None:
    samples = array(1000, 4)
    sender = Sender(Encoder(4, RATE))
    packets = sender.push(samples[:500], 0.0)
    receiver = Receiver(Decoder(4, RATE))
    assert not receiver.receive(packets[-1], 0.0)
    (request,) = receiver.replies()
    sender.receive(request, 0.01)
    got = [each for packet in sender.push(samples[500:], 0.02) for each in receiver.receive(packet, 0.02)]
    np.testing.assert_array_equal(np.concatenate([each.frames for each in got]), samples[500:])
    assert receiver.first_frame == 500


def test_a_long_silence_is_given_up_at_once_and_in_bounded_memory() -> None:
    """100,000 packets are lost in a row: what is kept stays small, and a key brings the stream back."""
    sender, receiver = Sender(Encoder(1, RATE, "lite", 1)), Receiver(Decoder(1, RATE, "lite", 1))
    samples = array(60_000, 1)
    given: list[Decoded] = []
    for at in range(0, len(samples), 100):
        for packet in sender.push(samples[at : at + 100], at / RATE):
            if at < 1000 or at > 50_000:
                given += receiver.receive(packet, at / RATE)
        given += receiver.poll(at / RATE)
        assert len(receiver._noticed) <= 4096 + 200
    known = np.zeros(len(samples), int)
    for each in given:
        np.testing.assert_array_equal(each.frames, samples[each.start : each.start + len(each.frames)])
        known[each.start : each.start + len(each.frames)] += 1
        for first, last in each.missing:
            known[first:last] += 1
    assert (known[: receiver.decoder.next_frame] == 1).all()
    assert known[-640:].all()
