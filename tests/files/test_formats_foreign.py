"""Promises: files of other systems are refused by name with a way on, whatever they are called, and never decoded as noise."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cli_files import called, failing, lines, noise, tree, wav
from n1codec import FormatError, formats
from n1codec.cli import main
from n1codec.cli.progress import shown
from n1codec.formats import foreign


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("a.npy", b"")
    return out.getvalue()


FOREIGN = {
    "x.rhd": (b"\x02\x27\x91\xc6" + bytes(90), "Intan RHD"),
    "x.rhs": (b"\xac\x27\x91\xd6" + bytes(90), "Intan RHS"),
    "x.ns6": (b"NEURALCD" + bytes(90), "Blackrock"),
    "y.ns6": (b"BRSMPGRP" + bytes(90), "Blackrock"),
    "x.edf": (b"0       " + b" " * 248, "EDF"),
    "x.bdf": (b"\xffBIOSEMI" + b" " * 248, "BDF"),
    "x.h5": (b"\x89HDF\r\n\x1a\n" + bytes(90), "HDF5"),
    "x.nwb": (b"\x89HDF\r\n\x1a\n" + bytes(90), "NWB"),
    "x.mat": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64" + bytes(90), "MATLAB"),
    "y.mat": (b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", "HDF5"),
    "z.mat": (b"an old one", "MATLAB"),
    "x.continuous": (b"header.format = 'Open Ephys Data Format'; " + bytes(1000), "Open Ephys"),
    "x.ncs": (b"######## Neuralynx Data File Header" + bytes(90), "Neuralynx"),
    "x.plx": (b"PLEX" + bytes(90), "Plexon"),
    "x.ch": (b"{}", "in the .cbin beside it"),
    "x.npz": (archive(), "zip archive"),
    "x.flac": (b"fLaC" + bytes(90), "FLAC"),
    "x.wav.gz": (b"\x1f\x8b\x08" + bytes(90), "unpack it first"),
    "x.oebin": (b"{}", "continuous.dat"),
    "recording": (wav(), "name that ends in .wav"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_of_another_system_is_refused_by_name(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, what = FOREIGN[name]
    (tmp_path / name).write_bytes(content)
    for read in (lambda path: formats.read(path), lambda path: formats.find([path])):
        with pytest.raises(FormatError, match=what) as caught:
            read(tmp_path / name)
        assert caught.value.reason.endswith(
            "--dtype, --channels and --rate together read any file as headerless samples"
        )
    assert failing("encode", tmp_path / name) == 1
    assert len(lines(capsys)) == 1
    assert list(tree(tmp_path)) == [name]


KNOWN_BY_CONTENT = [name for name, (content, _) in FOREIGN.items() if foreign.recognized(Path("x"), content)]


@pytest.mark.parametrize("name", sorted(set(KNOWN_BY_CONTENT) - {"recording"}))
@pytest.mark.parametrize("suffix", [".dat", ".bin", ".wav", ".npy"])
def test_another_name_does_not_hide_it(name: str, suffix: str, tmp_path: Path) -> None:
    content, what = FOREIGN[name]
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(FormatError, match=what):
        formats.read(tmp_path / f"a{suffix}")


@pytest.mark.parametrize("name", ["x.rhd", "x.h5", "x.flac", "x.continuous"])
@pytest.mark.parametrize("command", ["encode", "cat", "convert"])
def test_standard_input_is_called_stdin(name: str, command: str) -> None:
    content, what = FOREIGN[name]
    done = called([command, "-", *(["--to", "npy"] if command == "convert" else [])], content)
    assert done.returncode == 1
    assert done.stderr.startswith(b"n1codec: stdin: is ")
    assert what.encode() in done.stderr


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("encode", b"RIFF\0\0\0\0WAVEfmt "),
        ("encode", b"\x93NUMPY\1\0\2\0{}"),
        ("cat", b"\x93NUMPY\1\0\2\0{}"),
        ("encode", b"samples"),
        ("encode", b""),
        ("cat", b"\x89N1Cgarbage"),
        ("decode", b"\x89N1C"),
        ("decode", b""),
        ("info", b"samples"),
        ("test", b"samples"),
        ("recover", b"samples"),
    ],
)
def test_no_message_names_the_file_that_standard_input_is_kept_in(command: str, content: bytes, tmp_path: Path) -> None:
    rate = ["--rate", "1"] if command == "encode" else []
    target = ["-o", str(tmp_path / "a")] if command == "recover" else []
    done = called([command, "-", *rate, *target], content)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("n1codec: stdin: ")
    assert "/n1codec." not in line
    assert os.listdir(tmp_path) == []  # noqa: PTH208


def test_the_structure_beside_an_open_ephys_file_says_what_to_give(tmp_path: Path) -> None:
    stream = tmp_path / "recording1/continuous/Rhythm_FPGA-100.0"
    stream.mkdir(parents=True)
    (stream / "continuous.dat").write_bytes(noise(160).tobytes())
    described = {"continuous": [{"folder_name": "Rhythm_FPGA-100.0/", "num_channels": 16, "sample_rate": 30000.0}]}
    (tmp_path / "recording1/structure.oebin").write_text(json.dumps(described))
    with pytest.raises(FormatError, match=r"structure\.oebin says --dtype int16 --channels 16 --rate 30000$"):
        formats.read(stream / "continuous.dat")
    (tmp_path / "recording1/structure.oebin").write_text("{")
    with pytest.raises(FormatError, match="no header"):
        formats.read(stream / "continuous.dat")


def test_what_cannot_be_opened_is_told_with_the_way_round(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to("gone.wav")
    with pytest.raises(FormatError, match=r"No such file or directory: it is a link to gone\.wav"):
        formats.read(tmp_path / "a.wav")
    os.mkfifo(tmp_path / "b.wav")
    with pytest.raises(FormatError, match="read as -, from standard input"):
        formats.read(tmp_path / "b.wav")
    for suffix in (".wav", ".npy"):
        (tmp_path / f"c{suffix}").touch()
        with pytest.raises(FormatError, match=r"is empty$"):
            formats.read(tmp_path / f"c{suffix}", rate=1)


def test_names_in_capitals_are_names(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", noise(100))
    (tmp_path / "a.npy").rename(tmp_path / "A.NPY")
    (tmp_path / "B.WAV").write_bytes(wav())
    (tmp_path / "C.Wave").write_bytes(wav())
    (tmp_path / "D.RAW").write_bytes(noise(100).tobytes())
    before = tree(tmp_path)
    options = ["--dtype", "int16", "--channels", "1", "--rate", "30000"]
    assert main(["encode", "-q", str(tmp_path), *options, "-o", f"{tmp_path}/coded/"]) == 0
    for path in sorted((tmp_path / "coded").iterdir()):
        path.rename(path.with_suffix(".N1C"))
    assert main(["info", str(tmp_path / "coded")]) == 0
    assert main(["decode", "-q", str(tmp_path / "coded"), "-o", f"{tmp_path}/out/"]) == 0
    assert tree(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.5, 0, "1,234"),
        (12.3, 0, "12"),
        (9.96, 0, "10"),
        (1.04, 0, "1"),
        (0.4, 0, "0.4"),
        (0.0456, 0, "0.046"),
        (0.00001234, 0, "0.000012"),
        (1e-15, 0, "1.0e-15"),
        (123.45, 1, "123.5"),
        (0.05, 1, "0.05"),
    ],
)
def test_no_speed_is_shown_as_zero(value: float, decimals: int, text: str) -> None:
    assert shown(value, decimals) == text
