"""Promise: mtscomp's files are read without its package, and come back: samples always, the very bytes where zlib allows."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_formats import write

import n1codec
from cli_files import tree
from n1codec import FormatError, container, formats
from n1codec.cli import main
from n1codec.formats import mtscomp_ch, mtscomp_write

RATE = 100.0


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command line in a folder, and return what it says."""

    def run(*arguments: object, cwd: Path = tmp_path, code: int = 0) -> str:
        capsys.readouterr()
        with contextlib.chdir(cwd):
            found = main([str(argument) for argument in arguments])
        said = capsys.readouterr().err
        assert found == code, said
        return said

    return run


def walk(n_samples: int = 250, channels: int = 3, dtype: Any = "<i2") -> NDArray[Any]:
    steps = np.random.default_rng(1).integers(-9, 10, (n_samples, channels))
    return np.cumsum(steps, axis=0).astype(dtype)


def pack(
    folder: Path,
    samples: NDArray[Any],
    *,
    time: bool = True,
    space: bool = False,
    order: Any = "F",
    level: int = -1,
    **changed: Any,
) -> Path:
    """Write a .cbin and its .ch by the rules of the format."""
    bounds = [*range(0, len(samples), int(RATE)), len(samples)]
    streams = []
    for start, stop in itertools.pairwise(bounds):
        part = samples[start:stop]
        for axis, taken in ((0, time), (1, space)):
            if taken:
                part = np.diff(part, axis=axis, prepend=np.zeros_like(part[:1] if axis == 0 else part[:, :1]))
        streams.append(zlib.compress(part.astype(samples.dtype).tobytes(order), level))
    data = b"".join(streams)
    fields = {
        "version": "1.0", "algorithm": "zlib", "comp_level": -1, "do_time_diff": time, "do_spatial_diff": space,
        "dtype": str(samples.dtype), "n_channels": samples.shape[1], "sample_rate": RATE, "chunk_bounds": bounds,
        "chunk_offsets": [0, *itertools.accumulate(map(len, streams))], "chunk_order": order,
        "sha1_compressed": hashlib.sha1(data).hexdigest(), "sha1_uncompressed": hashlib.sha1(samples.tobytes()).hexdigest(),
        "shape": list(samples.shape), **changed,
    }  # fmt: skip
    fields = {key: value for key, value in fields.items() if value is not ...}
    write(folder / "run.ch", json.dumps(fields, indent=2, sort_keys=True).encode())
    return write(folder / "run.cbin", data)


@pytest.mark.parametrize("dtype", ["i1", "u1", "<i2", ">i2", "<u2", "<i4", "<u4", "<i8"])
@pytest.mark.parametrize(
    ("time", "space", "order"), [(True, False, "F"), (True, True, "C"), (False, True, "F"), (False, False, "C")]
)
def test_a_cbin_is_read_whole_and_in_parts(tmp_path: Path, dtype: str, time: bool, space: bool, order: str) -> None:
    samples = walk(dtype=dtype)
    path = pack(tmp_path, samples, time=time, space=space, order=order)
    recording = formats.read(path)
    assert (recording.rate, recording.format, recording.source_bytes) == (RATE, "mtscomp", samples.nbytes)
    assert recording.samples.dtype == samples.dtype
    assert np.array_equal(recording.samples, samples)
    assert formats.rebuild(recording.restore, recording.samples) == samples.tobytes() == recording.original()
    with formats.open_recording(path) as opened:
        for start, stop in ((0, 250), (0, 0), (99, 101), (100, 200), (5, 249), (250, 250)):
            assert np.array_equal(opened.read(start, stop), samples[start:stop])


def test_the_package_of_mtscomp_writes_what_is_read_and_reads_what_is_written(
    tmp_path: Path, command: Callable[..., str]
) -> None:
    mtscomp = pytest.importorskip("mtscomp", reason="NOT compared with mtscomp: pip install 'n1codec[dictionary]'")
    samples = walk(n_samples=1234, channels=5)
    write(tmp_path / "run.bin", samples.tobytes())
    mtscomp.compress(
        tmp_path / "run.bin", tmp_path / "run.cbin", tmp_path / "run.ch", sample_rate=RATE, n_channels=5, dtype="int16",
        quiet=True, n_threads=1,
    )  # fmt: skip
    assert np.array_equal(formats.read(tmp_path / "run.cbin").samples, samples)
    command("convert", "run.bin", "--dtype", "int16", "--channels", 5, "--rate", RATE, "-o", "mine/run.cbin")
    for name in ("run.cbin", "run.ch"):
        assert (tmp_path / "mine" / name).read_bytes() == (tmp_path / name).read_bytes()
    reader = mtscomp.decompress(tmp_path / "mine" / "run.cbin", tmp_path / "mine" / "run.ch", quiet=True)
    assert np.array_equal(reader[:], samples)
    reader.close()


META = "nSavedChans=3\nimSampRate=100\nfileSizeBytes=1500\ntypeThis=imec\nsnsApLfSy=2,0,1\n"
META += "~snsChanMap=(2,0,1)(AP0;0:1)(AP1;1:0)(SY0;2:2)\n"


def test_a_cbin_becomes_n1c_and_comes_back_byte_for_byte(tmp_path: Path, command: Callable[..., str]) -> None:
    samples = walk()
    pack(tmp_path, samples)
    write(tmp_path / "run.meta", META.encode())
    command("encode", "run.cbin")
    with container.open(tmp_path / "run.bin.n1c") as file:
        assert np.array_equal(file[:], samples)
        assert (file.rate, file.channel_names) == (RATE, ("AP0", "AP1", "SY0"))
        assert set(file.sidecars) == {".ch", ".meta"}
    done = command("convert", "run.bin.n1c", "--to", "cbin", "-o", "back/")
    assert "the very .cbin that it was made of" in done
    command("decode", "run.bin.n1c", "-o", "raw/")
    for name in ("run.cbin", "run.ch", "run.meta"):
        assert (tmp_path / "back" / name).read_bytes() == (tmp_path / name).read_bytes()
    assert (tmp_path / "raw" / "run.bin").read_bytes() == samples.tobytes()
    assert (tmp_path / "raw" / "run.meta").read_bytes() == META.encode()


@pytest.mark.parametrize(("settings"), [{"space": True}, {"time": False}, {"order": "C"}], ids=str)
def test_its_settings_come_back(tmp_path: Path, command: Callable[..., str], settings: dict[str, Any]) -> None:
    pack(tmp_path, walk(), **settings)
    command("encode", "run.cbin")
    command("convert", "run.bin.n1c", "--to", "cbin", "-o", "back/")
    for name in ("run.cbin", "run.ch"):
        assert (tmp_path / "back" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_another_zlib_gives_the_same_samples_and_is_told(tmp_path: Path, command: Callable[..., str]) -> None:
    """Level 9 stands for a zlib that packs otherwise."""
    samples = walk(n_samples=3000)
    pack(tmp_path, samples, level=9)
    command("encode", "run.cbin")
    done = command("convert", "run.bin.n1c", "--to", "cbin", "-o", "back/")
    assert "not the same bytes as the first .cbin" in done
    assert (tmp_path / "back" / "run.cbin").read_bytes() != (tmp_path / "run.cbin").read_bytes()
    with formats.open_recording(tmp_path / "back" / "run.cbin") as again:
        again.check()
        assert np.array_equal(again.read(0, 3000), samples)


def test_an_input_is_removed_only_if_it_would_come_back(tmp_path: Path, command: Callable[..., str]) -> None:
    for name, level, kept in (("same", -1, False), ("other", 9, True)):
        (tmp_path / name).mkdir()
        pack(tmp_path / name, walk(n_samples=3000), level=level)
        done = command("encode", "--rm", "run.cbin", cwd=tmp_path / name)
        assert (tmp_path / name / "run.cbin").exists() == kept
        assert ("input kept" in done) == kept


def test_what_mtschop_cut_is_read_and_comes_back(tmp_path: Path, command: Callable[..., str]) -> None:
    pack(tmp_path, walk(), sha1_compressed=None, sha1_uncompressed=None, chopped=True)
    command("encode", "run.cbin")
    done = command("convert", "run.bin.n1c", "--to", "cbin", "-o", "back/")
    assert ".cbin that it was made" not in done
    for name in ("run.cbin", "run.ch"):
        assert (tmp_path / "back" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_names_with_an_id_for_each_file_belong_together(tmp_path: Path, command: Callable[..., str]) -> None:
    """As the International Brain Laboratory's servers give them out."""
    samples = walk()
    pack(tmp_path, samples)
    write(tmp_path / "run.meta", META.encode())
    for at, suffix in enumerate((".cbin", ".ch", ".meta")):
        (tmp_path / f"run{suffix}").rename(tmp_path / f"run.ap.{at}5fa2c31-0d1b-4c6e-9b2f-00112233445{at}{suffix}")
    (path,) = tmp_path.glob("*.cbin")
    recording = formats.read(path)
    assert np.array_equal(recording.samples, samples)
    assert recording.channel_names == ("AP0", "AP1", "SY0")
    command("encode", path)
    command("convert", f"{path.stem}.bin.n1c", "-o", "run.cbin")
    assert (tmp_path / "run.cbin").read_bytes() == path.read_bytes()
    write(tmp_path / "run.ap.95fa2c31-0d1b-4c6e-9b2f-001122334459.ch", b"{}")  # which one?
    with pytest.raises(FormatError, match=r"without its \.ch"):
        formats.read(path)


def test_folders_are_searched_for_it_once(tmp_path: Path) -> None:
    path = pack(tmp_path, walk())
    assert formats.find([tmp_path]) == [path]
    write(tmp_path / "run.meta", META.encode())
    assert formats.find([tmp_path / "run.meta"]) == [path]
    assert formats.read(tmp_path / "run.meta").format == "mtscomp"
    write(tmp_path / "run.bin", walk().tobytes())
    assert formats.find([tmp_path]) == [tmp_path / "run.bin"]


def test_bench_and_cat_take_it(tmp_path: Path, command: Callable[..., str]) -> None:
    samples = walk(n_samples=20)
    pack(tmp_path, samples)
    command("bench", "run.cbin", "-c", "zlib", "--repeat", "1")
    command("convert", "run.cbin", "--to", "npy")
    assert np.array_equal(np.load(tmp_path / "run.npy"), samples)


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "version": ({"version": "2.0"}, "version is '2.0'"),
    "no version": ({"version": ...}, "version is missing"),
    "algorithm": ({"algorithm": "blosc"}, "algorithm is 'blosc'"),
    "floats": ({"dtype": "float32"}, "dtype is 'float32', not a type of integers"),
    "records": ({"dtype": "i2,i2"}, "dtype is"),
    "no dtype": ({"dtype": 7}, "dtype is 7"),
    "no channels": ({"n_channels": 0}, "n_channels is 0"),
    "many channels": ({"n_channels": 10**30}, "n_channels is 1000"),
    "half a channel": ({"n_channels": 1.5}, "n_channels is 1.5"),
    "other channels": ({"n_channels": 4}, "does not unpack to"),
    "rate": ({"sample_rate": 0}, "sample_rate is 0"),
    "endless rate": ({"sample_rate": 10**400}, "sample_rate is"),
    "true": ({"sample_rate": True}, "sample_rate is True"),
    "order": ({"chunk_order": "K"}, "chunk_order is 'K'"),
    "flag": ({"do_time_diff": 1}, "do_time_diff is 1"),
    "no bounds": ({"chunk_bounds": []}, "chunk_bounds is []"),
    "text": ({"chunk_bounds": [0, "9"]}, "chunk_bounds is"),
    "from one": ({"chunk_bounds": [1, 100, 200, 250]}, "does not rise from 0"),
    "falling": ({"chunk_bounds": [0, 200, 100, 250]}, "does not rise from 0"),
    "more bounds": ({"chunk_bounds": [0, 100, 200, 225, 250]}, "chunk_bounds has 5 numbers"),
    "endless": ({"chunk_bounds": [0, 100, 200, 2**70]}, "does not rise"),
    "long chunk": ({"chunk_bounds": [0, 100, 200, 2**61]}, "beyond the limit"),
    "bomb": ({"chunk_bounds": [0, 100, 200, 2**24]}, "too few for the"),
    "longer": ({"chunk_bounds": [0, 100, 200, 251]}, "does not unpack to"),
    "shorter": ({"chunk_bounds": [0, 100, 200, 249]}, "does not unpack to"),
    "beyond": ({"chunk_offsets": [0, 10, 20, 2**50]}, "cut short"),
    "elsewhere": ({"chunk_offsets": [0, 100, 200, 300], "sha1_compressed": None}, "chunk 0 is damaged"),
    "sha": ({"sha1_compressed": "x"}, "sha1_compressed is 'x'"),
    "other sha": ({"sha1_compressed": "0" * 40}, "its SHA-1 is not the one"),
    "other samples": ({"sha1_uncompressed": "0" * 40}, "samples whose SHA-1 is not"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*follow the last chunk:n1codec.DamageWarning")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_ch_that_lies_is_one_error_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    changed, reason = HOSTILE[name]
    path = pack(tmp_path, walk(), **changed)
    before = tree(tmp_path)
    with pytest.raises(FormatError) as caught:
        container.encode_file(path, tmp_path / "run.n1c")
    assert reason in str(caught.value)
    assert str(tmp_path / "run.c") in str(caught.value)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "no object"),
        (b"null", "no object"),
        (b"{}", "version is missing"),
        (b"[" * 900 + b"]" * 900, "no "),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "no JSON"),
    ],
)
def test_a_ch_that_is_none_is_one_error(tmp_path: Path, text: bytes, reason: str) -> None:
    path = pack(tmp_path, walk())
    write(tmp_path / "run.ch", text)
    with pytest.raises(FormatError, match=rf"run\.ch: not .*{reason}"):
        formats.read(path)


def test_a_ch_that_is_missing_or_too_long_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path, walk())
    write(tmp_path / "run.ch", bytes(mtscomp_ch.MAX_CH_BYTES + 1))
    with pytest.raises(FormatError, match="more than the limit"):
        formats.read(path)
    (tmp_path / "run.ch").unlink()
    with pytest.raises(FormatError, match=r"run\.cbin: is compressed by mtscomp, and cannot be read without its \.ch"):
        formats.read(path)


def test_every_damaged_byte_of_a_cbin_is_noticed(tmp_path: Path) -> None:
    path = pack(tmp_path, walk())
    sound = path.read_bytes()
    for at in range(0, len(sound), 3):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x10]) + sound[at + 1 :])
        with pytest.raises(FormatError, match=r"run\.cbin"):
            container.encode_file(path, tmp_path / "run.n1c")
        assert not (tmp_path / "run.n1c").exists()
    for size in (0, 1, len(sound) // 2, len(sound) - 1):
        path.write_bytes(sound[:size])
        with pytest.raises(FormatError, match="cut short"):
            formats.read(path)


@pytest.mark.parametrize("samples", [np.zeros((9, 2), "f4"), np.zeros((0, 2), "i2")], ids=["floats", "nothing"])
def test_what_a_cbin_cannot_hold_is_refused(tmp_path: Path, command: Callable[..., str], samples: NDArray[Any]) -> None:
    np.save(tmp_path / "run.npy", samples)
    done = command("convert", "run.npy", "--rate", 100, "--to", "cbin", code=1)
    assert "mtscomp's files hold" in done
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.npy"]


def test_samples_of_a_channel_are_written_as_one(tmp_path: Path, command: Callable[..., str]) -> None:
    np.save(tmp_path / "run.npy", np.arange(300, dtype="i2"))
    command("convert", "run.npy", "--rate", 100, "--to", "cbin")
    assert np.array_equal(formats.read(tmp_path / "run.cbin").samples, np.arange(300, dtype="i2")[:, None])


def test_threads_change_no_byte(tmp_path: Path) -> None:
    samples = walk(n_samples=1050)
    made = []
    for threads in (1, 3):
        writer = mtscomp_write.CbinWriter(n1codec.Layout.of(samples), RATE, threads=threads)
        with (tmp_path / "x").open("wb") as file:
            writer.write(file, [samples[:7], samples[7:920], samples[920:]], "x")
        made.append(((tmp_path / "x").read_bytes(), writer.ch()))
    assert made[0] == made[1]
