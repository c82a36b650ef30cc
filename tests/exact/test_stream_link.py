"""Promises of the link: with time to ask again nothing is missing, with keys on request little is, and never a wrong sample.

The network is a simulated one, in a time of its own: it loses, repeats and reorders packets both ways.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_stream import array

from n1codec.stream import Decoder, Encoder
from n1codec.stream.decoder import Decoded
from n1codec.stream.receiver import Receiver
from n1codec.stream.sender import Sender
from n1codec.stream.simulation import LossyLink, Outcome, simulate

RATE = 20_000.0


def run(
    samples: NDArray[Any],
    there: LossyLink,
    back: LossyLink,
    *,
    budget: float,
    ask: bool = True,
    profile: str = "full",
    **options: Any,
) -> tuple[Outcome, Sender, Receiver]:
    """Send samples in a time of its own, until the receiver has taken the end in."""
    sender = Sender(Encoder(samples.shape[1], RATE, profile, 5, **options), budget=budget)
    receiver = Receiver(Decoder(samples.shape[1], RATE, profile, 5), budget=budget, ask=ask)
    outcome = simulate(samples, len(samples) / RATE, sender, receiver, there, back)
    assert receiver.ended
    assert outcome.complete, "each frame is given or named as missing, once and in order, and none is wrong"
    return outcome, sender, receiver


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
    samples = array(5000, 6)
    result, sender, receiver = run(
        samples, LossyLink(**LOSSES[name]), LossyLink(loss=0.01, seed=2), budget=0.02, profile=profile
    )
    assert not result.missing
    assert receiver.recovered > 0
    assert sender.sent_again > 0


def test_at_one_percent_five_milliseconds_are_enough() -> None:
    result, _, _ = run(array(12_000, 6), LossyLink(loss=0.01), LossyLink(loss=0.01, seed=2), budget=0.005)
    assert not result.missing


@pytest.mark.parametrize("profile", ["lite", "full"])
def test_keys_on_request_leave_little_missing(profile: str) -> None:
    """Nothing is sent again: a loss costs the time that a request and a key take."""
    result, sender, _ = run(
        array(24_000, 6), LossyLink(loss=0.01), LossyLink(seed=2), budget=0, profile=profile, key_every=0
    )
    assert result.delivered >= 0.96 * result.frames
    assert sender.keys_asked > 10


@pytest.mark.parametrize(("options", "least"), [({"key_every": 0.032}, 0.4), ({"independent": True}, 0.98)])
def test_one_way_links_go_on_at_keys(options: dict[str, Any], least: float) -> None:
    nothing = LossyLink(loss=1.0)
    result, sender, receiver = run(array(15_000, 6), LossyLink(loss=0.01), nothing, budget=0, ask=False, **options)
    assert least <= result.delivered / result.frames < 1
    assert not sender.keys_asked
    assert not receiver.recovered


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("seed", range(3))
def test_never_a_wrong_sample_with_little_time_and_losses_both_ways(name: str, seed: int) -> None:
    there, back = LossyLink(**LOSSES[name], seed=seed), LossyLink(loss=0.2, jitter=0.002, seed=seed + 50)
    run(array(5000, 6), there, back, budget=0.001)


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
