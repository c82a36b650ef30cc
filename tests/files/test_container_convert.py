"""Promises: a source file comes back byte for byte, is never touched, and memory stays bounded however large it is."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_formats_wav import ODDITIES, PLAIN

import n1codec
from arrays import lattice_samples, same
from container_tools import RATE
from n1codec import container, formats
from n1codec.container import identity
from n1codec.container.blocks import Blocks

META = "nSavedChans=4\nimSampRate=30000.5\nfileSizeBytes=4000\ntypeThis=imec\nsnsApLfSy=3,0,1\n"
SAMPLES = lattice_samples((500, 4))
SETTINGS: dict[str, Any] = {"codec": "delta+zlib", "chunk_frames": 64, "bundle_channels": None}


def assert_comes_back(source: Path, **options: Any) -> container.EncodeReport:
    """Encode, restore to a path and to a file object, and compare."""
    content = source.read_bytes()
    encoded = source.with_name("x.n1c")
    report = container.encode_file(source, encoded, overwrite=True, **(SETTINGS | options))
    assert report.verified
    assert (report.source_bytes, report.encoded_bytes) == (len(content), encoded.stat().st_size)
    restored = source.with_name("restored" + source.suffix)
    done = container.decode_file(encoded, restored, overwrite=True)
    assert restored.read_bytes() == source.read_bytes() == content
    assert (done.source_bytes, done.files[0]) == (len(content), restored)
    with n1codec.open(encoded, threads=2) as recording:
        buffer = io.BytesIO()
        assert recording.restore_to(buffer) == len(content) == recording.source_bytes
        assert buffer.getvalue() == content
        assert recording.verify().ok
    return report


@pytest.mark.filterwarnings("ignore::n1codec.errors.DamageWarning")
@pytest.mark.parametrize("name", [*PLAIN, *ODDITIES])
def test_every_wav_comes_back(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.wav").write_bytes((PLAIN | ODDITIES)[name])
    assert_comes_back(tmp_path / "a.wav")


@pytest.mark.parametrize("leftover", [b"", b"abc"])
@pytest.mark.parametrize("dtype", ["<i2", ">i2", "u1", "<u4"])
def test_headerless_files_come_back(tmp_path: Path, dtype: str, leftover: bytes) -> None:
    (tmp_path / "a.dat").write_bytes((SAMPLES & 127).astype(dtype).tobytes() + leftover)
    report = assert_comes_back(tmp_path / "a.dat", dtype=dtype, channels=4, rate=RATE)
    assert (report.samples, report.channels, report.seconds) == (500, 4, 0.5)


def test_the_same_source_and_settings_give_the_same_bytes_and_all_others_another_id(tmp_path: Path) -> None:
    """The sources begin alike for several chunks, and differ in one bit of the last sample, or in what else is known."""
    settings: dict[str, Any] = SETTINGS | {"dtype": "i2", "channels": 4, "rate": RATE}
    samples = SAMPLES.copy()

    def encoded(name: str, **options: Any) -> tuple[bytes, int]:
        samples.tofile(tmp_path / "a.dat")
        container.encode_file(tmp_path / "a.dat", tmp_path / f"{name}.n1c", **(settings | options))
        with n1codec.open(tmp_path / f"{name}.n1c") as recording:
            return (tmp_path / f"{name}.n1c").read_bytes(), recording.file_id

    first, file_id = encoded("first")
    assert encoded("again", threads=3) == (first, file_id)
    ids = {file_id}
    changes: list[dict[str, Any]] = [{"metadata": {"a": 1}}, {"rate": 7.0}, {"chunk_frames": 65}]
    for number, options in enumerate(changes):
        ids.add(encoded(str(number), **options)[1])
    samples[-1, -1] ^= 1
    ids.add(encoded("other")[1])
    assert len(ids) == 5


def test_every_stretch_of_a_source_counts_at_its_place_for_its_id_whoever_hashes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "STRETCH_BYTES", 1000)
    monkeypatch.setattr(identity, "READ_BYTES", 300)
    settings: dict[str, Any] = SETTINGS | {"dtype": "i2", "channels": 4, "rate": RATE}
    content = SAMPLES.tobytes()
    alike = [content, content[:2000] + content[3000:] + content[2000:3000], content + bytes(8)]
    alike += [
        content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in (0, 299, 300, 999, 1000, 3300, 3999)
    ]
    ids = set()
    for data in alike:
        (tmp_path / "a.dat").write_bytes(data)
        for threads in (1, 2, 4):
            container.encode_file(
                tmp_path / "a.dat", tmp_path / "a.n1c", threads=threads, overwrite=True, verify=False, **settings
            )
            with n1codec.open(tmp_path / "a.n1c") as recording:
                ids.add((data, recording.file_id))
    assert len(ids) == len({file_id for _, file_id in ids}) == len(alike)


@pytest.mark.parametrize("content", [b"", b"x", b"xy"])
def test_files_without_a_whole_sample_come_back(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.dat").write_bytes(content)
    assert_comes_back(tmp_path / "a.dat", dtype="i2", channels=4, rate=RATE)


@pytest.mark.parametrize("shape", [(2000,), (500, 4), (0, 4), (2000, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_comes_back(tmp_path: Path, shape: tuple[int, ...], order: Any) -> None:
    np.save(tmp_path / "a.npy", np.asarray(SAMPLES.reshape(-1)[: int(np.prod(shape))].reshape(shape), order=order))
    assert_comes_back(tmp_path / "a.npy", rate=RATE)


def test_spikeglx_comes_back_with_its_meta(tmp_path: Path) -> None:
    (tmp_path / "run_g0.imec0.ap.bin").write_bytes(SAMPLES.tobytes())
    (tmp_path / "run_g0.imec0.ap.meta").write_text(META)
    container.encode_file(tmp_path / "run_g0.imec0.ap.meta", tmp_path / "a.n1c", **SETTINGS)
    report = container.decode_file(tmp_path / "a.n1c", tmp_path / "b.ap.bin")
    assert [path.name for path in report.files] == ["b.ap.bin", "b.ap.meta"]
    assert (tmp_path / "b.ap.bin").read_bytes() == SAMPLES.tobytes()
    assert (tmp_path / "b.ap.meta").read_text() == META
    (tmp_path / "c.meta").write_text("mine")
    with pytest.raises(n1codec.FileError, match=r"c\.meta"):
        container.decode_file(tmp_path / "a.n1c", tmp_path / "c.bin")
    assert not (tmp_path / "c.bin").exists()
    assert (tmp_path / "c.meta").read_text() == "mine"


def test_real_recordings_come_back(neuralink_files: list[Path], tmp_path: Path) -> None:
    for path in neuralink_files[:2]:
        report = container.encode_file(path, tmp_path / "a.n1c", overwrite=True)
        assert report.ratio > 3.3
        container.decode_file(tmp_path / "a.n1c", tmp_path / "a.wav", overwrite=True)
        assert (tmp_path / "a.wav").read_bytes() == path.read_bytes()


def test_a_target_may_be_a_file_object(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(SAMPLES.tobytes())
    options = SETTINGS | {"dtype": "i2", "channels": 4, "rate": RATE}
    container.encode_file(tmp_path / "a.dat", tmp_path / "a.n1c", **options)
    seen: list[tuple[int, int]] = []
    with (tmp_path / "b.n1c").open("w+b") as handle:
        report = container.encode_file(
            tmp_path / "a.dat", handle, progress=lambda done, total: seen.append((done, total)), **options
        )
        assert not handle.closed
    assert report.verified
    assert seen[-1] == (500, 500)
    assert (tmp_path / "b.n1c").read_bytes() == (tmp_path / "a.n1c").read_bytes()
    buffer = io.BytesIO()
    with pytest.raises(n1codec.ParameterError, match="name"):
        container.encode_file(tmp_path / "a.dat", buffer, **options)
    buffer = io.BytesIO()
    assert not container.encode_file(tmp_path / "a.dat", buffer, verify=False, **options).verified
    assert buffer.getvalue() == (tmp_path / "a.n1c").read_bytes()


@pytest.mark.parametrize("order", ["C", "F"])
def test_verification_notices_wrong_samples_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Any
) -> None:
    np.save(tmp_path / "a.npy", np.asarray(SAMPLES, order=order))

    def wrong(self: Blocks, *args: Any) -> Any:
        samples = original(self, *args)
        samples[-1, -1] ^= 1
        return samples

    original = Blocks.assemble
    monkeypatch.setattr(Blocks, "assemble", wrong)
    with pytest.raises(n1codec.CodecError, match=r"a\.npy: what was written decodes to something else"):
        container.encode_file(tmp_path / "a.npy", tmp_path / "a.n1c", rate=RATE, **SETTINGS)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.npy"]


@pytest.mark.parametrize("change", ["truncate", "append", "rewrite"])
@pytest.mark.parametrize("verify", [True, False])
def test_a_source_that_changes_while_it_is_encoded_is_refused(tmp_path: Path, change: str, verify: bool) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(SAMPLES.tobytes())

    def meddle(done: int, total: int) -> None:
        if done == 128:
            if change == "truncate":
                os.truncate(path, 1500)
            else:
                with path.open("ab" if change == "append" else "r+b") as handle:
                    handle.write(b"meddled")
                os.utime(path, ns=(1, 1))

    with pytest.raises(n1codec.FormatError, match=r"a\.dat: .*(while it is read|cut short)"):
        container.encode_file(
            path, tmp_path / "a.n1c", dtype="i2", channels=4, rate=RATE, verify=verify, progress=meddle, **SETTINGS
        )
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.dat"]


def test_a_recording_without_source_is_not_restored(tmp_path: Path) -> None:
    with n1codec.Writer(tmp_path / "a.n1c", dtype="i2", rate=RATE) as writer:
        writer.append(SAMPLES[:, 0])
    with pytest.raises(n1codec.FormatError, match="not made from a file"):
        container.decode_file(tmp_path / "a.n1c", tmp_path / "a.wav")
    with n1codec.open(tmp_path / "a.n1c") as recording:
        assert recording.source_format is None
        assert recording.source_bytes is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.n1c"]


def test_a_full_device_is_one_error_when_restoring(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    (tmp_path / "a.dat").write_bytes(SAMPLES.tobytes())
    container.encode_file(tmp_path / "a.dat", tmp_path / "a.n1c", dtype="i2", channels=4, rate=RATE, **SETTINGS)
    with (
        n1codec.open(tmp_path / "a.n1c") as recording,
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(n1codec.FileError, match="No space left"),
    ):
        recording.restore_to(full)
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(n1codec.FileError, match="No space left"):
        container.encode_file(tmp_path / "a.dat", full, dtype="i2", channels=4, rate=RATE, verify=False, **SETTINGS)


def test_memory_stays_bounded_for_a_large_file(tmp_path: Path) -> None:
    """300 MB there and back, verified, within 100 MB more than it takes to import the package."""
    code = """
        import sys
        from pathlib import Path
        from n1codec import container
        sys.path.insert(0, sys.argv[2])
        from memory import peak_bytes
        folder = Path(sys.argv[1])
        before = peak_bytes()
        container.encode_file(folder / "a.dat", folder / "a.n1c", codec="store", dtype="i2", channels=64, rate=3e4)
        container.decode_file(folder / "a.n1c", folder / "b.dat")
        print(peak_bytes() - before, (folder / "b.dat").stat().st_size)
    """
    with (tmp_path / "a.dat").open("wb") as handle:
        handle.write(SAMPLES.tobytes())
        handle.truncate(300_000_000)
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path), str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    grown, size = map(int, done.stdout.split())
    for name in ("a.dat", "a.n1c", "b.dat"):
        (tmp_path / name).unlink()
    assert size == 300_000_000
    assert grown < 100 << 20


def test_an_open_recording_is_encoded_as_its_path_is(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", SAMPLES)
    container.encode_file(tmp_path / "a.npy", tmp_path / "a.n1c", rate=RATE, **SETTINGS)
    with formats.open_recording(tmp_path / "a.npy", rate=RATE) as source:
        container.encode_file(source, tmp_path / "b.n1c", threads=3, **SETTINGS)
    assert (tmp_path / "a.n1c").read_bytes() == (tmp_path / "b.n1c").read_bytes()
    with n1codec.open(tmp_path / "b.n1c") as recording:
        assert same(recording[:], SAMPLES)
