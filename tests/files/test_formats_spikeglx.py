"""Promises: a SpikeGLX run is read as far as it is there, crashed or copied in part, and comes back byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_formats import assert_restored, noise, write

import n1codec
from cli_files import lines, ok, tree
from conftest import SHARED
from n1codec import DamageWarning, FormatError, container, formats
from n1codec.formats import spikeglx as reader

META = "nSavedChans=3\nimSampRate=30000.5\nfileSizeBytes=600\ntypeThis=imec\nsnsApLfSy=2,0,1\n"


def spikeglx(folder: Path, meta: str = META, size: int = 600) -> Path:
    write(folder / "a.meta", meta.encode())
    return write(folder / "a.bin", noise(size, "u1").tobytes())


@pytest.mark.parametrize("named", ["a.bin", "a.meta"])
def test_spikeglx_is_read_by_either_name(tmp_path: Path, named: str) -> None:
    path = spikeglx(tmp_path, META + "~snsChanMap=(2,0,1)(AP0;0:1)(AP1;1:0)(SY0;2:2)\n")
    recording = formats.read(tmp_path / named)
    assert recording.path == path
    assert (recording.samples.shape, recording.rate, recording.format) == ((100, 3), 30000.5, "spikeglx")
    assert recording.channel_names == ("AP0", "AP1", "SY0")
    assert len(recording.restore) == 1
    assert_restored(recording)


def test_spikeglx_of_other_streams_has_their_rate(tmp_path: Path) -> None:
    spikeglx(
        tmp_path, "nSavedChans=3\r\nniSampRate=25000\r\nfileSizeBytes=600\r\ntypeThis=nidq\r\nsnsMnMaXaDw=0,0,2,1\r\n"
    )
    assert formats.read(tmp_path / "a.bin").rate == 25000.0


def test_all_three_options_overrule_a_meta(tmp_path: Path) -> None:
    path = spikeglx(tmp_path, "garbage")
    recording = formats.read(path, dtype="int16", channels=2, rate=10)
    assert (recording.samples.shape, recording.format) == ((150, 2), "raw")


HOSTILE_META = [
    ("", "nSavedChans is missing"),
    (META.replace("nSavedChans=3", "nSavedChans=0"), "outside"),
    (META.replace("nSavedChans=3", "nSavedChans=-3"), "whole number"),
    (META.replace("nSavedChans=3", f"nSavedChans={'9' * 5000}"), "whole number"),
    (META.replace("nSavedChans=3", "nSavedChans=999999999"), "outside"),
    (META.replace("30000.5", "0"), "imSampRate"),
    (META.replace("30000.5", "nan"), "imSampRate"),
    (META.replace("30000.5", "1e999"), "imSampRate"),
    (META.replace("30000.5", ""), "imSampRate"),
    (META.replace("imSampRate", "niSampRate"), "imSampRate is missing"),
    (META.replace("imec", "tape"), "typeThis"),
    ("\0\xff" * 1000, "missing"),
]


@pytest.mark.parametrize(("meta", "reason"), HOSTILE_META, ids=[reason for _, reason in HOSTILE_META])
def test_a_hostile_meta_is_refused(tmp_path: Path, meta: str, reason: str) -> None:
    path = spikeglx(tmp_path, meta)
    with pytest.raises(FormatError, match=reason) as caught:
        formats.read(path)
    assert "--dtype, --channels and --rate" in caught.value.reason
    assert formats.read(path, dtype="int16", channels=3, rate=1).format == "raw"


def test_a_meta_without_its_bin_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.meta", META.encode())
    with pytest.raises(FormatError, match=r"a\.bin: No such file"):
        formats.read(tmp_path / "a.meta")


def test_the_real_neuropixels_run_comes_back() -> None:
    path = SHARED / "multichannel" / "run-001_g0_t0.imec0.ap.bin"
    if not path.is_file():
        pytest.skip(f"real recordings are not here: no {path}")
    recording = formats.read(path)
    assert (recording.samples.shape, recording.samples.dtype, recording.rate) == (
        (15000, 385),
        np.dtype(np.int16),
        30000.0,
    )
    assert (recording.channel_names[0], recording.channel_names[-1]) == ("AP0", "SY0")
    assert_restored(recording)


# What SpikeGLX and copies leave behind

ODD_META = {
    "crashed": (META.replace("fileSizeBytes=600\n", ""), "states no size"),
    "crashed, size of zero": (META.replace("=600", "=0"), "states no size"),
    "crashed, size of nothing": (META.replace("=600", "="), "states no size"),
    "copy cut short": (META.replace("=600", "=1200"), "an incomplete copy"),
    "still growing": (META.replace("=600", "=60"), "still growing"),
    "size that is none": (META.replace("=600", "=many"), "size that is none, many"),
    "counts that do not add up": (
        META.replace("2,0,1", "3,0,1"),
        "snsApLfSy=3,0,1, which does not add up to nSavedChans=3",
    ),
    "counts that are none": (META.replace("2,0,1", "2,0,one"), "does not add up"),
    "no number of channels": (META.replace("nSavedChans=3\n", ""), "snsApLfSy adds up to 3 channels"),
}


@pytest.mark.parametrize(("meta", "note"), ODD_META.values(), ids=ODD_META)
def test_what_is_there_is_read_and_said(tmp_path: Path, meta: str, note: str) -> None:
    path = spikeglx(tmp_path, meta)
    with pytest.warns(DamageWarning, match=note):
        recording = formats.read(path)
    assert (recording.samples.shape, recording.rate, recording.format) == ((100, 3), 30000.5, "spikeglx")
    assert_restored(recording)


@pytest.mark.parametrize(
    "meta",
    [
        META.replace("\n", "\r\n"),
        META.replace("\n", "\r"),
        "\ufeff" + META,
        META.replace("=", " = "),
        META + "userNotes=nSavedChans is three\x0bnSavedChans=99",
        META.replace("typeThis=imec\n", ""),
        META.replace("snsApLfSy=2,0,1\n", ""),
        "nSavedChans=3\nobSampRate=30000.5\nfileSizeBytes=600\ntypeThis=obx\nsnsXaDwSy=1,1,1\n",
        "nSavedChans=3\nniSampRate=30000.5\nfileSizeBytes=600\ntypeThis=nidq\nsnsMnMaXaDw=0,0,2,1\n~muxTbl=(0,1)(2)\n",
    ],
)
def test_every_meta_that_spikeglx_may_write_is_read_without_a_word(tmp_path: Path, meta: str) -> None:
    recording = formats.read(spikeglx(tmp_path, meta))
    assert (recording.samples.shape, recording.rate) == ((100, 3), 30000.5)


def test_notes_in_another_encoding_do_no_harm(tmp_path: Path) -> None:
    path = spikeglx(tmp_path)
    path.with_suffix(".meta").write_bytes(META.encode() + "userNotes=Übung für µV\n".encode("latin-1"))
    assert formats.read(path).samples.shape == (100, 3)


@pytest.mark.parametrize(
    "names", [("a.BIN", "a.META"), ("a.Bin", "a.Meta"), ("a.bin", "a.META"), ("b.ap.BIN", "b.ap.meta")]
)
def test_names_in_capitals_come_back_in_capitals(tmp_path: Path, names: tuple[str, str]) -> None:
    content = noise(600, "u1").tobytes()
    path = write(tmp_path / "in" / names[0], content)
    write(tmp_path / "in" / names[1], META.encode())
    assert formats.find([tmp_path / "in"]) == [path]
    assert formats.find([tmp_path / "in" / names[1]]) == [path]
    assert formats.read(path).format == "spikeglx"
    ok("encode", "-q", tmp_path / "in", "-o", tmp_path / "coded")
    ok("decode", "-q", tmp_path / "coded", "-o", tmp_path / "out")
    assert tree(tmp_path / "out") == tree(tmp_path / "in")
    container.decode_file(tmp_path / "coded" / f"{names[0]}.n1c", tmp_path / names[0])
    assert [(tmp_path / name).read_bytes() for name in names] == [content, META.encode()]


def test_a_crashed_run_is_encoded_with_one_line_and_both_files_come_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = spikeglx(tmp_path / "in", META.replace("fileSizeBytes=600\n", ""))
    ok("encode", path, "-o", tmp_path / "a.bin.n1c")
    said = lines(capsys)
    assert len(said) == 2
    assert said[0].startswith(f"{path}: its .meta states no size")
    with n1codec.open(tmp_path / "a.bin.n1c") as recording:
        assert recording.sidecars == {".meta": path.with_suffix(".meta").read_bytes()}
    ok("decode", "-q", tmp_path / "a.bin.n1c", "-o", tmp_path / "out/a.bin")
    assert tree(tmp_path / "out") == tree(tmp_path / "in")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_converted_meta_states_the_size_that_the_crash_left_out(tmp_path: Path, end: str) -> None:
    path = spikeglx(tmp_path, META.replace("fileSizeBytes=600\n", "").replace("\n", end))
    ok("convert", "-q", path, "-o", tmp_path / "new.bin")
    meta = (tmp_path / "new.meta").read_bytes()
    assert meta == path.with_suffix(".meta").read_bytes() + f"fileSizeBytes=600{end}".encode()
    assert reader.with_size(meta.replace(b"600", b""), 600) == meta
    assert formats.read(tmp_path / "new.bin").samples.tobytes() == path.read_bytes()


def test_a_packed_bin_beside_a_meta_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.meta", META.encode())
    write(tmp_path / "a.cbin", b"anything")
    for path in (tmp_path / "a.meta", tmp_path / "a.cbin"):
        with pytest.raises(FormatError, match=r"without its \.ch"):
            formats.read(path)
