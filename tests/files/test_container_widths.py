"""Promises of files that keep the code widths of a recording once: smaller, exact, and read by every reader."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import n1codec
from arrays import uneven
from conftest import ROOT
from n1codec import _core, container, varint
from n1codec.cli import main
from n1codec.codec import Samples
from n1codec.container import header as headers
from n1codec.container import learned, record
from n1codec.container.fields import counted

CHANNELS = 80


@cache
def recording(n_samples: int, seed: int = 1) -> Samples:
    return uneven(n_samples, CHANNELS, seed)


@cache
def widths() -> bytes:
    return n1codec.learn_widths(recording(8000, 2))


def write(path: Path, samples: Samples, known: bytes, **more: Any) -> Path:
    with n1codec.Writer(
        path, dtype="i2", channels=samples.shape[1], rate=30_000.0, widths=known, chunk_frames=750, **more
    ) as writer:
        writer.append(samples)
    return path


def test_a_file_with_them_is_smaller_and_comes_back(tmp_path: Path) -> None:
    samples = recording(9000)
    plain, known = write(tmp_path / "a.n1c", samples, b""), write(tmp_path / "b.n1c", samples, widths())
    assert known.stat().st_size < 0.998 * plain.stat().st_size
    with n1codec.open(known) as file:
        np.testing.assert_array_equal(file.read(), samples)
        np.testing.assert_array_equal(file[1400:1700, 10:20], samples[1400:1700, 10:20])


def test_encode_file_learns_them_where_that_pays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = recording(24_000)
    samples.tofile(tmp_path / "a.dat")
    sizes = []
    monkeypatch.setattr(learned, "SHARE", 2)
    for least in (learned.LEAST, 1 << 20):
        monkeypatch.setattr(learned, "LEAST", least)
        target = tmp_path / f"{least}.n1c"
        report = container.encode_file(
            tmp_path / "a.dat", target, dtype="i2", channels=CHANNELS, rate=30_000.0, chunk_frames=750
        )
        sizes.append(report.encoded_bytes)
        with n1codec.open(target) as file:
            np.testing.assert_array_equal(file.read(), samples)
            file.restore_to(tmp_path / "back.dat", overwrite=True)
        assert (tmp_path / "back.dat").read_bytes() == (tmp_path / "a.dat").read_bytes()
        again = container.encode_file(
            tmp_path / "a.dat",
            tmp_path / "again.n1c",
            dtype="i2",
            channels=CHANNELS,
            rate=30_000.0,
            chunk_frames=750,
            overwrite=True,
            threads=2,
        )
        assert again.encoded_bytes == report.encoded_bytes
        assert (tmp_path / "again.n1c").read_bytes() == target.read_bytes()
    assert sizes[1] < 0.995 * sizes[0]


@pytest.mark.parametrize(
    "settings", [{"codec": "n1:level=3"}, {"codec": "lattice+delta+rice"}, {"bundle_channels": 16}]
)
def test_encode_file_learns_none_where_blocks_have_no_use_for_them(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "LEAST", 1 << 16)
    monkeypatch.setattr(learned, "learned_beside", lambda *_: pytest.fail("learned in vain"))
    recording(2000).tofile(tmp_path / "a.dat")
    container.encode_file(
        tmp_path / "a.dat", tmp_path / "a.n1c", dtype="i2", channels=CHANNELS, rate=30_000.0, **settings
    )


def test_encode_file_takes_samples_that_widths_are_not_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Integers of 64 bits, floats and big-endian ones: a recording as long as those that widths are learned from."""
    monkeypatch.setattr(learned, "LEAST", 1 << 16)
    for dtype in ("i8", "f4", ">i2"):
        samples = recording(2000).astype(dtype)
        samples.tofile(tmp_path / "a.dat")
        container.encode_file(
            tmp_path / "a.dat", tmp_path / "a.n1c", dtype=dtype, channels=CHANNELS, rate=30_000.0, overwrite=True
        )
        with n1codec.open(tmp_path / "a.n1c") as file:
            assert file.read().tobytes() == samples.tobytes()


def test_a_file_that_is_gone_on_with_or_recovered_keeps_them(tmp_path: Path) -> None:
    samples = recording(9000)
    path = write(tmp_path / "a.n1c", samples[:4500], widths(), atomic=False)
    with n1codec.Writer.reopen(path) as writer:
        writer.append(samples[4500:])
    whole = write(tmp_path / "b.n1c", samples, widths())
    assert path.stat().st_size < 1.01 * whole.stat().st_size, "what was added is coded by them, too"
    np.testing.assert_array_equal(n1codec.open(path).read(), samples)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "cut.n1c").write_bytes(data[: -len(data) // 5])
    assert main(["recover", str(tmp_path / "cut.n1c"), "-o", str(tmp_path / "saved.n1c"), "-q"]) == 1
    with n1codec.open(tmp_path / "saved.n1c") as saved:
        found = saved.read(fill=0)
    there = (found != 0).any(axis=1)
    np.testing.assert_array_equal(found[there], samples[: len(found)][there])
    assert there.mean() > 0.5


def test_the_second_decoder_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = recording(700)
    path = write(tmp_path / "a.n1c", samples, widths())
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "format" / "reference"))
    reference = importlib.import_module("n1reference.file")
    assert reference.decode_recording(path.read_bytes()).to_bytes() == samples.tobytes()


@pytest.mark.filterwarnings("ignore::n1codec.DamageWarning")
def test_other_widths_in_the_header_are_an_error_and_never_other_samples(tmp_path: Path) -> None:
    """As from a hostile hand: the header's checksum is right, and the file's id as before."""
    path = write(tmp_path / "a.n1c", recording(1500), widths())
    data = path.read_bytes()
    head = headers.parse_header(data[: headers.header_bytes(data[:16])])
    assert head.widths == widths()
    refused = 0
    for other in (b"", b"\0", widths()[:-1], bytes(reversed(widths())), n1codec.learn_widths(recording(8000, 3))):
        changed = replace(head, widths=other).to_bytes()
        (tmp_path / "b.n1c").write_bytes(changed + data[len(head.to_bytes()) :])
        try:
            np.testing.assert_array_equal(n1codec.open(tmp_path / "b.n1c").read(), recording(1500))
        except n1codec.CorruptError:
            refused += 1
    assert refused >= 2, "where the copy in the index is not taken"


def test_a_header_keeps_to_its_limits(tmp_path: Path) -> None:
    with pytest.raises(n1codec.ParameterError, match="code widths"):
        write(tmp_path / "a.n1c", recording(700), bytes(1 << 21))
    data = write(tmp_path / "b.n1c", recording(700), widths()).read_bytes()
    head = headers.parse_header(data[: headers.header_bytes(data[:16])])
    body = head.to_bytes()
    field = bytes((4,)) + counted(widths())
    assert body.count(field) == 1
    for wrong in (field + field, bytes((4, 0))):
        with pytest.raises(n1codec.CorruptError, match="field 4"):
            headers.parse_header(resealed(body, field, wrong))


def resealed(header: bytes, field: bytes, other: bytes) -> bytes:
    """Return a header with another field, its length and checksum put right."""
    _, at = varint.unpack(header, 5, 1 << 30, "header")
    inside = header[at:-4].replace(field, other)
    head = header[:5] + varint.pack(len(inside)) + inside
    return head + _core.crc32c(head).to_bytes(4, "little")


def test_a_read_elsewhere_in_a_block_decodes_a_section_and_one_that_goes_on_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, path, spans = recording(12_000), tmp_path / "a.n1c", list[tuple[int, int]]()
    with n1codec.Writer(path, dtype="i2", channels=CHANNELS, rate=30_000.0, widths=widths()) as writer:
        writer.append(samples)
    original = record.decode_frames

    def noting(*arguments: Any) -> Any:
        found, start = original(*arguments)
        spans.append((start, start + len(found)))
        return found, start

    monkeypatch.setattr("n1codec.container.blocks.decode_frames", noting)
    step = (1 << 17) // CHANNELS  # frames that have a hash in common

    def decoded(start: int, stop: int) -> tuple[int, int]:
        section = start // step * step // 2048 * 2048
        return -(-section // step) * step, -(-stop // step) * step

    with n1codec.open(path) as file:
        assert len(file.chunks) == 1
        for start, stop in ((9000, 9100), (2500, 2600), (3200, 4100), (9000, 9100), (2500, 2600)):
            np.testing.assert_array_equal(file[start:stop, 7:23], samples[start:stop, 7:23])
    assert spans[:2] == [decoded(9000, 9100), decoded(2500, 2600)]
    assert spans[2:] == [(decoded(2500, 2600)[0], 12_000)]
