"""Promises of packets' bytes: golden streams decode with both decoders, whoever wrote them, and are written so again."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_stream import array

from conftest import ROOT
from n1codec.stream import Decoder, Encoder
from n1reference.errors import DecodeError
from n1reference.stream import decode_packets

FOLDER = ROOT / "tests" / "fixtures" / "streams"
TOLD: dict[str, dict[str, Any]] = json.loads((FOLDER / "streams.json").read_text("utf-8"))


def packets_of(name: str) -> list[bytes]:
    data, at, found = (FOLDER / name).read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def test_every_golden_stream_is_told_of() -> None:
    assert {path.name for path in FOLDER.glob("*.packets")} == set(TOLD)
    assert len(TOLD) >= 40


@pytest.mark.parametrize("name", TOLD)
def test_golden_streams_decode(name: str) -> None:
    told = TOLD[name]
    decoder = Decoder(None, None, None, None)
    results = [decoder.decode(packet) for packet in packets_of(name)]
    assert not any(each.missing for each in results)
    samples = np.concatenate([each.frames for each in results if len(each.frames)])
    assert samples.shape == (told["frames"], told["channels"])
    assert samples.dtype.name == told["dtype"]
    little = samples.astype(samples.dtype.newbyteorder("<"))
    assert hashlib.sha256(little.tobytes()).hexdigest() == told["sha256"]


@pytest.mark.parametrize("name", TOLD)
def test_the_second_decoder_reads_golden_streams(name: str) -> None:
    told = TOLD[name]
    description, values = decode_packets(packets_of(name))
    assert description.channels == told["channels"]
    samples = np.array(values).astype(np.dtype(told["dtype"]).newbyteorder("<"))
    assert hashlib.sha256(samples.tobytes()).hexdigest() == told["sha256"]


def test_they_are_written_so_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    importlib.import_module("fixtures.streams").write_streams(tmp_path / "streams")
    for path in FOLDER.iterdir():
        assert (tmp_path / "streams" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("profile", ["lite", "full"])
@pytest.mark.parametrize("channels", [1, 2, 7])
def test_the_second_decoder_reads_what_is_written_now(profile: str, channels: int) -> None:
    samples = array(300, channels, 3)
    samples[100:150] = np.random.default_rng(1).choice(samples.ravel(), (50, channels))
    encoder = Encoder(channels, 20_000, profile, 3)
    _, values = decode_packets(encoder.encode(samples) + encoder.flush())
    np.testing.assert_array_equal(np.array(values).reshape(-1, channels), samples)


def test_the_second_decoder_refuses_a_changed_bit() -> None:
    packets = packets_of("n1-full-5.packets")[:20]
    for at in range(0, len(packets[10]), 3):
        changed = bytearray(packets[10])
        changed[at] ^= 16
        with pytest.raises(DecodeError):
            decode_packets([*packets[:10], bytes(changed), *packets[11:]])
