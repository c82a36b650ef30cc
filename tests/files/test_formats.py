"""Promises: raw, SpikeGLX and npy files come back byte for byte, hostile ones are refused; `find` finds what counts."""

from __future__ import annotations

import io
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import SHARED
from n1codec import DamageWarning, FormatError, N1Error, ParameterError, formats
from n1codec.formats import _source


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def noise(count: int, dtype: str = "<i2") -> Any:
    info = np.iinfo(dtype)
    return (
        np.random.default_rng(count)
        .integers(info.min, info.max, count, np.dtype(dtype).newbyteorder("="), endpoint=True)
        .astype(dtype)
    )


def assert_restored(recording: formats.Recording) -> None:
    assert recording.path is not None
    content = recording.path.read_bytes()
    assert formats.rebuild(recording.restore, recording.samples) == content
    # Neither the byte order nor the strides of the array that holds the values matter.
    swapped = np.asfortranarray(recording.samples.astype(recording.samples.dtype.newbyteorder("S")))
    assert formats.rebuild(recording.restore, swapped) == content
    assert recording.source_bytes == len(content)
    assert formats.format_of(recording.restore) == recording.format


# Raw


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", ">i2", ">u4", "<i2"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("leftover", [b"", b"\x01"])
def test_raw_comes_back_with_its_leftover_bytes(tmp_path: Path, dtype: str, channels: int, leftover: bytes) -> None:
    dtype_in_file = np.dtype(dtype).str.replace("=", "<")
    expected = noise(30, dtype_in_file)
    path = write(tmp_path / "a.raw", expected.tobytes() + leftover * (channels * expected.itemsize > 1))
    recording = formats.read(path, dtype=dtype, channels=channels, rate=15000)
    np.testing.assert_array_equal(recording.samples.reshape(-1), expected)
    assert recording.samples.shape == ((30,) if channels == 1 else (10, 3))
    assert (recording.rate, recording.format, recording.channels) == (15000.0, "raw", channels)
    assert len(recording.restore) == (1 if path.stat().st_size == expected.nbytes else 10)
    assert_restored(recording)


@pytest.mark.parametrize("content", [b"", b"\1\2\3"])
def test_raw_of_no_whole_frame_comes_back(tmp_path: Path, content: bytes) -> None:
    recording = formats.read(write(tmp_path / "a.dat", content), dtype="int16", channels=384, rate=30000)
    assert recording.samples.shape == (0, 384)
    assert_restored(recording)


@pytest.mark.parametrize("suffix", [".raw", ".dat", ".bin"])
def test_raw_without_options_is_refused_with_the_options_to_give(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a{suffix}", bytes(8))
    with pytest.raises(FormatError, match="--dtype, --channels, --rate"):
        formats.read(path)
    with pytest.raises(FormatError, match="give --channels "):
        formats.read(path, dtype="int16", rate=1)


@pytest.mark.parametrize(
    "options",
    [
        {"dtype": "complex64"},
        {"dtype": "M8[s]"},
        {"dtype": "no type"},
        {"dtype": "i2,i2"},
        {"channels": 0},
        {"channels": -1},
        {"channels": 65537},
        {"channels": True},
        {"rate": 0},
        {"rate": -1.0},
        {"rate": float("nan")},
        {"rate": float("inf")},
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write(tmp_path / "a.raw", bytes(8))
    with pytest.raises(ParameterError):
        formats.read(path, **{"dtype": "int16", "channels": 1, "rate": 15000, **options})


def test_a_large_file_is_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_source, "MAP_BYTES", 50)
    recording = formats.read(write(tmp_path / "a.raw", noise(30).tobytes()), dtype="int16", channels=3, rate=1)
    base = recording.samples
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)
    assert not recording.samples.flags.writeable
    assert_restored(recording)


def test_the_real_locust_recording_comes_back() -> None:
    path = SHARED / "multichannel" / "locust_trial_01.raw"
    if not path.is_file():
        pytest.skip(f"real recordings are not here: no {path}")
    recording = formats.read(path, dtype="int16", channels=4, rate=15000)
    assert (recording.channels, round(recording.seconds, 1)) == (4, 28.8)
    assert len(recording.restore) == 1
    assert_restored(recording)


# npy


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["|u1", "<i2", ">i2", "<u4"])
@pytest.mark.parametrize("shape", [(30,), (0,), (10, 3), (30, 1), (1, 30), (0, 3)])
def test_npy_comes_back(
    tmp_path: Path, version: tuple[int, int], order: Any, dtype: str, shape: tuple[int, ...]
) -> None:
    expected = np.asarray(noise(int(np.prod(shape)), dtype).reshape(shape), order=order)
    out = io.BytesIO()
    np.lib.format.write_array(out, expected, version)
    path = write(tmp_path / "a.npy", out.getvalue() + b"more")
    with pytest.warns(DamageWarning, match="4 bytes follow the array"):
        recording = formats.read(path, rate=20000)
    np.testing.assert_array_equal(recording.samples, expected)
    assert recording.samples.dtype == np.dtype(dtype)
    assert recording.rate == 20000.0
    assert_restored(recording)


def npy(
    header: str | bytes, body: bytes = bytes(64), magic: bytes = b"\x93NUMPY\1\0", length: int | None = None
) -> bytes:
    text = header.encode() if isinstance(header, str) else header
    return magic + struct.pack("<H", len(text) if length is None else length) + text + body


def described(descr: str = "'<i2'", fortran: str = "False", shape: str = "(32,)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"


HOSTILE_NPY = {
    "empty": (b"", "is empty"),
    "cut short in the magic": (npy(described())[:9], "magic"),
    "another magic": (npy(described(), magic=b"\x93NUMPX\1\0"), "magic"),
    "version 4": (npy(described(), magic=b"\x93NUMPY\4\0"), "version 4"),
    "version 0": (npy(described(), magic=b"\x93NUMPY\0\0"), "version 0"),
    "header longer than the file": (npy(described(), b"", length=2000), "cut short"),
    "header longer than the limit": (npy(described(), length=65535), "limit"),
    "no dictionary": (npy("[1, 2]"), "keys"),
    "no text": (npy(bytes(range(256))), "literals"),
    "code": (npy("__import__('os').getpid()"), "literals"),
    "deep nesting": (npy("(" * 4000), "literals"),
    "deep negation": (npy("-" * 4000 + "1"), "literals"),
    "a key too many": (npy("{'descr': '<i2', 'fortran_order': False, 'shape': (1,), 'x': 1}"), "keys"),
    "complex numbers": (npy(described("'<c8'")), "holds complex64"),
    "times": (npy(described("'<M8[s]'")), "holds datetime64"),
    "text": (npy(described("'|a5'")), "holds bytes40"),
    "no type": (npy(described("'i3'")), "does not know"),
    "a type that is code": (npy(described("'[' * 90")), "literals"),
    "text as type": (npy(described("'(((('")), "does not know"),
    "pickled objects": (npy(described("'|O'")), "Python objects"),
    "records": (npy(described("[('a', '<i2')]")), "records"),
    "order neither": (npy(described(fortran="1")), "fortran_order"),
    "shape of text": (npy(described(shape="'12'")), "shape"),
    "negative length": (npy(described(shape="(-4,)")), "shape"),
    "length of a truth value": (npy(described(shape="(True,)")), "shape"),
    "no dimension": (npy(described(shape="()")), "0 dimensions"),
    "three dimensions": (npy(described(shape="(2, 4, 4)")), "3 dimensions"),
    "no channels": (npy(described(shape="(32, 0)")), "0 channels"),
    "more channels than the limit": (npy(described(shape="(1, 65537)")), "channels"),
    "longer than the file": (npy(described(shape="(33,)")), "cut short"),
    "larger than any memory": (npy(described(shape="(4611686018427387905, 4)")), "cut short"),
    "more digits than an integer has": (npy(described(shape=f"({'9' * 3000},)")), "cut short"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE_NPY.values(), ids=HOSTILE_NPY)
def test_a_hostile_npy_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        formats.read(write(tmp_path / "a.npy", content), rate=1)


def test_npy_needs_a_rate(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npy", npy(described()))
    with pytest.raises(FormatError, match="--rate"):
        formats.read(path)
    with pytest.raises(ParameterError):
        formats.read(path, rate=0)


# Whatever the format


@pytest.mark.parametrize("name", ["a.wav", "a.npy", "a.raw", "a.bin", "a.meta", "a.txt", "a\0.wav"])
def test_a_path_that_leads_nowhere_is_a_format_error(tmp_path: Path, name: str) -> None:
    for read in (lambda path: formats.read(path, dtype="int16", channels=1, rate=1), lambda path: formats.find([path])):
        with pytest.raises(FormatError, match=r"No such file|null"):
            read(tmp_path / name)


@pytest.mark.parametrize("name", ["a.wav", "a.npy", "a.raw", "a.bin", "a.meta"])
def test_what_is_no_regular_file_is_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(FormatError, match="directory"):
        formats.read(tmp_path / name, dtype="int16", channels=1, rate=1)
    os.mkfifo(tmp_path / f"pipe{name}")
    with pytest.raises(FormatError, match="regular"):  # opening it would wait for a writer for ever
        formats.read(tmp_path / f"pipe{name}", dtype="int16", channels=1, rate=1)


def test_a_file_that_may_not_be_read_is_a_format_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path / "a.wav", b"RIFF")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FormatError, match=r"a\.wav: Permission denied") as caught:
        formats.read(path)
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), N1Error)


def test_find_takes_what_counts_in_order_and_once(tmp_path: Path) -> None:
    names = [
        "b.wav",
        "a.WAV",
        "z/y.bin",
        "z/y.meta",
        "z/lone.bin",
        "z/lone2.meta",
        "notes.txt",
        "._b.wav",
        ".h/c.wav",
        "c.npy",
    ]
    for name in names:
        write(tmp_path / name, b"")
    relative = [str(path.relative_to(tmp_path)) for path in formats.find([tmp_path])]
    assert relative == ["a.WAV", "b.wav", "z/y.bin"]
    relative = [str(path.relative_to(tmp_path)) for path in formats.find([tmp_path], headerless=True)]
    assert relative == ["a.WAV", "b.wav", "c.npy", "z/lone.bin", "z/y.bin"]
    paths = [tmp_path / "z/y.meta", tmp_path / "c.npy", tmp_path / "z", tmp_path / "z/y.bin"]
    assert formats.find(paths) == [tmp_path / "z/y.bin", tmp_path / "c.npy"]


def test_find_does_not_follow_links_in_circles(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling.wav").symlink_to(tmp_path / "nowhere")
    assert formats.find([tmp_path]) == [tmp_path / "a.wav"]


def test_find_refuses_what_is_no_recording(tmp_path: Path) -> None:
    path = write(tmp_path / "notes.txt", b"")
    with pytest.raises(FormatError, match=r"unknown kind of file \.txt; supported are \.wav"):
        formats.find([path])
    with pytest.raises(FormatError, match="no recording found"):
        formats.find([tmp_path])
    with pytest.raises(FormatError, match="no path given"):
        formats.find([])


# Every header that NumPy loads

HEADERS = {
    "another order": "{'shape': (32,), 'fortran_order': False, 'descr': '<i2'}\n",
    "no spaces": '{"shape":(32,),"fortran_order":False,"descr":"<i2"}',
    "many spaces": "   {'descr': '<i2',   'fortran_order':False,'shape':(32 ,)}      \n\n",
    "a comment": "{'descr': '<i2', 'fortran_order': False, 'shape': (32,), } # x\n",
    "no byte order": described("'i2'"),
    "this machine's byte order": described("'=i2'"),
    "a name": described("'uint16'"),
    "a letter": described("'h'"),
    "signed bytes": described("'|i1'", shape="(64,)"),
    "bytes": described("'<u1'", shape="(64,)"),
    "Fortran order, big-endian": described("'>u4'", "True", "(4, 4)"),
    "a long header": described().rstrip() + " " * 9000 + "\n",
}


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_every_header_that_numpy_loads_is_read_as_numpy_reads_it(tmp_path: Path, header: str, version: int) -> None:
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    path = write(tmp_path / "a.npy", b"\x93NUMPY" + bytes((version, 0)) + length + header.encode() + bytes(range(64)))
    expected = np.load(path)
    recording = formats.read(path, rate=1)
    assert recording.samples.dtype == expected.dtype
    np.testing.assert_array_equal(recording.samples, expected)
    assert_restored(recording)


@pytest.mark.parametrize("shape", ["(32L,)", "(8L, 4L)"])
def test_headers_of_python_2_are_read(tmp_path: Path, shape: str) -> None:
    path = write(tmp_path / "a.npy", npy(described(shape=shape)))
    assert formats.read(path, rate=1).samples.size == 32
    assert_restored(formats.read(path, rate=1))
