"""Promises of streams: every sample exact, losses named, never a wrong sample, the largest packet known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from n1codec import N1Error, synth
from n1codec.stream import NLINK, Converter, Decoder, Encoder, recognise
from n1codec.stream.converter import even

PROFILES = ("lite", "full")


def array(frames: int, channels: int, seed: int = 1) -> NDArray[np.int16]:
    """Return the N1's samples, of channels of several seeds."""
    some = np.stack(
        [synth.recording(seconds=frames / 19_000, seed=seed + s)[:frames] for s in range(min(channels, 4))], 1
    )
    return np.ascontiguousarray(some[:, np.arange(channels) % some.shape[1]])


def decoded(packets: list[bytes], decoder: Decoder) -> NDArray[Any]:
    results = [decoder.decode(packet) for packet in packets]
    assert not any(each.missing for each in results)
    return np.concatenate([each.frames for each in results])


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("frames", [1, 2, 5, 20])
@pytest.mark.parametrize("channels", [1, 2, 3, 33])
def test_every_sample_comes_back(profile: str, frames: int, channels: int) -> None:
    samples = array(1003, channels)
    encoder = Encoder(channels, 20_000, profile, frames)
    packets = (
        encoder.encode(samples[:7]) + encoder.encode(samples[7:700]) + encoder.encode(samples[700:]) + encoder.flush()
    )
    assert encoder.converter == NLINK
    received = decoded(packets, Decoder(channels, 20_000, profile, frames))
    assert received.dtype == np.int16
    np.testing.assert_array_equal(received, samples)


def signals(dtype: str, shape: tuple[int, int]) -> list[NDArray[Any]]:
    info, rng = np.iinfo(dtype), np.random.default_rng(5)
    noise = rng.integers(info.min, info.max, shape, endpoint=True).astype(dtype)
    ramp = np.broadcast_to(np.linspace(info.min, info.max, shape[0])[:, None], shape).astype(dtype)
    steps = np.where(np.arange(shape[0])[:, None] // 9 % 2, info.min, info.max) + np.zeros(shape)
    return [noise, noise // 7 * 7, ramp, steps.astype(dtype), np.full(shape, info.max, dtype), np.zeros(shape, dtype)]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16"])
def test_any_integers_come_back_in_packets_within_the_bound(profile: str, dtype: str) -> None:
    for samples in signals(dtype, (333, 5)):
        encoder = Encoder(5, 1000, profile, 4)
        packets = encoder.encode(samples) + encoder.flush()
        assert max(map(len, packets)) <= encoder.bound
        received = decoded(packets, Decoder(5, 1000, profile, 4))
        assert received.dtype == samples.dtype
        np.testing.assert_array_equal(received, samples)


@pytest.mark.parametrize("profile", PROFILES)
def test_samples_that_are_no_codes_come_back_and_the_converter_is_taken_for_another(profile: str) -> None:
    """The N1's for a while, then anything; what a sender was told may be wrong from the start."""
    noise = np.random.default_rng(2).integers(-300, 300, (400, 6)).astype(np.int16)
    samples = np.concatenate([array(200, 6), noise, array(200, 6, 9)])
    for converter in (None, NLINK, Converter(first=-5, codes=7, centre=100, spread=10)):
        encoder = Encoder(6, 20_000, profile, 5, converter=converter)
        packets = encoder.encode(samples) + encoder.flush()
        np.testing.assert_array_equal(decoded(packets, Decoder(6, 20_000, profile, 5)), samples)
        assert encoder.converter != converter


@pytest.mark.parametrize("profile", PROFILES)
def test_learned_widths_come_back_and_are_worth_it(profile: str) -> None:
    rng = np.random.default_rng(3)
    volts = np.cumsum(rng.normal(0, 6, (6000, 8)), axis=0)
    volts = 300 + (volts - volts.mean(axis=0)) * 40 / volts.std()
    edges = np.cumsum(np.tile([0.3, 1.7, 0.5, 1.5], 200))
    samples = np.searchsorted(edges, volts).astype(np.int16)
    size = {}
    for learn in (False, True):
        converter = recognise(samples, learn=learn)
        assert bool(converter.widths) == learn
        encoder = Encoder(8, 30_000, profile, 20, converter=converter)
        packets = encoder.encode(samples)
        np.testing.assert_array_equal(decoded(packets, Decoder(8, 30_000, profile, 20)), samples[: len(packets) * 20])
        size[learn] = sum(map(len, packets)) - len(converter.widths)
    assert size[True] < 0.98 * size[False]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("independent", [False, True])
def test_losses_are_named_and_nothing_wrong_is_given(profile: str, independent: bool) -> None:
    samples = array(3000, 9)
    encoder = Encoder(9, 20_000, profile, 5, key_every=0.02, independent=independent)
    packets = encoder.encode(samples)
    rng = np.random.default_rng(4)
    decoder = Decoder(9, 20_000, profile, 5)
    known = np.zeros(len(samples), bool)
    named = np.zeros(len(samples), bool)
    for packet in packets:
        if rng.random() < 0.03 and packet is not packets[0]:
            continue
        result = decoder.decode(packet)
        stop = result.start + len(result.frames)
        np.testing.assert_array_equal(result.frames, samples[result.start : stop])
        known[result.start : stop] = True
        for start, end in result.missing:
            assert not named[start:end].any()
            named[start:end] = True
    for start, end in decoder.missing_before(len(samples)):
        named[start:end] = True
    assert (known ^ named).all(), "each frame is given or named, never both"
    assert named.any()
    if independent:
        assert named.mean() < 0.06


@pytest.mark.parametrize("profile", PROFILES)
def test_late_and_repeated_packets_change_nothing(profile: str) -> None:
    samples = array(300, 4)
    encoder = Encoder(4, 20_000, profile, 5)
    packets = encoder.encode(samples)
    decoder = Decoder(4, 20_000, profile, 5)
    out = []
    for at, packet in enumerate(packets):
        out.append(decoder.decode(packet).frames)
        for old in (packet, packets[at // 2]):
            again = decoder.decode(old)
            assert again.why == "late"
            assert not len(again.frames)
            assert not again.missing
    np.testing.assert_array_equal(np.concatenate(out), samples)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_sender_that_starts_again_is_another_session(profile: str) -> None:
    """Packets of the new session are never taken for those of the old one, whatever their numbers."""
    old, new = array(200, 4), array(200, 4, 7)
    decoder = Decoder(4, 20_000, profile, 5)
    first, second = Encoder(4, 20_000, profile, 5), Encoder(4, 20_000, profile, 5)
    before, after = first.encode(old), second.encode(new)
    for packet in before[:10]:
        decoder.decode(packet)
    for packet in after[10:30]:
        result = decoder.decode(packet)
        assert result.why == "damaged"
        assert not len(result.frames)
    second = Encoder(4, 20_000, profile, 5)
    after = second.encode(new)
    results = [decoder.decode(packet) for packet in after]
    np.testing.assert_array_equal(np.concatenate([each.frames for each in results]), new)
    assert {each.session for each in results} == {second.session}


def test_a_receiver_that_joins_late_begins_at_a_described_key() -> None:
    samples = array(2000, 4)
    encoder = Encoder(4, 20_000, "lite", 5, key_every=0.032)
    packets = encoder.encode(samples)
    decoder = Decoder(4, 20_000, "lite", 5)
    results = [decoder.decode(packet) for packet in packets[100:]]
    given = [each for each in results if len(each.frames)]
    assert given[0].start == 128 * 5
    np.testing.assert_array_equal(np.concatenate([each.frames for each in given]), samples[640:])


def test_a_changed_bit_is_noticed() -> None:
    samples = array(60, 3)
    packets = Encoder(3, 20_000, "full", 5).encode(samples)
    for at, bit in itertools.product(range(len(packets[3])), range(8)):
        decoder = Decoder(3, 20_000, "full", 5)
        for packet in packets[:3]:
            decoder.decode(packet)
        changed = bytearray(packets[3])
        changed[at] ^= 1 << bit
        result = decoder.decode(bytes(changed))
        assert not len(result.frames)
        np.testing.assert_array_equal(decoder.decode(packets[3]).frames, samples[15:20])


def test_wrong_arguments_are_refused() -> None:
    for wrong in (
        {"channels": 0}, {"channels": 5000}, {"rate": 0}, {"profile": "best"}, {"frames_per_packet": 21}, {"key_every": -1},
    ):  # fmt: skip
        with pytest.raises(N1Error):
            Encoder(**({"channels": 4, "rate": 20_000} | wrong))
    encoder = Encoder(4, 20_000)
    for frames in (np.zeros((5, 3), np.int16), np.zeros((5, 4)), np.zeros((5, 4), np.int32), "frames"):
        with pytest.raises(N1Error):
            encoder.encode(frames)
    encoder.encode(np.zeros((5, 4), np.int16))
    with pytest.raises(N1Error):
        encoder.encode(np.zeros((5, 4), np.uint16))
    encoder.flush()
    with pytest.raises(N1Error):
        encoder.encode(np.zeros((5, 4), np.int16))
    with pytest.raises(N1Error, match="channels is 4, not 8"):
        Decoder(8, 20_000).decode(Encoder(4, 20_000).encode(np.zeros((5, 4), np.int16))[0])


def test_even_codes_hold_every_value_of_a_type() -> None:
    for name in ("int8", "uint8", "int16", "uint16"):
        converter, info = even(np.dtype(name)), np.iinfo(name)
        assert converter.first == info.min
        assert converter.first + converter.codes - 1 == info.max


@pytest.mark.parametrize("profile", ["lite", "full"])
@pytest.mark.parametrize(("before", "gap"), [(100, 7), (98, 1), (3, 2), (98, 1000), (0, 12), (100, 5)])
def test_frames_that_never_came_keep_their_place(profile: str, before: int, gap: int) -> None:
    samples = array(1500, 4)
    encoder, decoder = Encoder(4, 20_000, profile, 5), Decoder(4, 20_000, profile, 5)
    packets = encoder.encode(samples[:before])
    encoder.skip(gap)
    encoder.skip(1)
    for at in range(before + gap + 1, len(samples), 2):
        packets += encoder.encode(samples[at : at + 2])
    packets += encoder.flush()
    left, begun = before // 5 * 5, -(-(before + gap + 1) // 5) * 5
    assert encoder.position == len(samples)
    assert encoder.frames == len(samples) - (begun - left)
    results = [decoder.decode(packet) for packet in packets]
    for each in results:
        np.testing.assert_array_equal(each.frames, samples[each.start : each.start + len(each.frames)])
    assert [each.missing for each in results if each.missing] == ([((left, begun),)] if left else [])
    assert decoder.next_frame >= len(samples)


def test_frames_may_lie_in_memory_in_any_way() -> None:
    samples = array(120, 4)
    twice, turned = np.repeat(samples, 2, axis=1), np.asfortranarray(samples)
    unaligned = np.frombuffer(b"\0" + samples.tobytes(), np.uint8)[1:].view(np.int16).reshape(samples.shape)
    ways = (samples, samples.astype(">i2"), twice[:, ::2], turned, unaligned, samples.astype(np.int16, subok=False))
    encoder, decoder = Encoder(4, 20_000), Decoder(4, 20_000)
    packets = []
    for at in range(0, 120, 5):
        packets += encoder.encode(ways[at // 5 % len(ways)][at : at + 5])
        with pytest.raises(N1Error):
            encoder.encode(samples[at : at + 5, :3])
        with pytest.raises(N1Error):
            encoder.encode(samples[at : at + 5].astype(np.uint16))
    np.testing.assert_array_equal(np.concatenate([decoder.decode(packet).frames for packet in packets]), samples)
