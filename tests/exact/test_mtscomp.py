"""Promise: what is measured as mtscomp is what mtscomp writes and reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import pipeline_or_skip
from n1codec.codec import Coder, Layout
from n1codec.codecs import _streams


@pytest.fixture
def mtscomp() -> Any:
    return pytest.importorskip("mtscomp", reason="pip install 'n1codec[dictionary]'")


def coder(spec: str) -> Coder:
    return pipeline_or_skip(spec).coder


@pytest.mark.parametrize("spatial", [False, True])
def test_mtscomp_packs_what_its_own_writer_writes_and_its_reader_reads_it(
    tmp_path: Path, spatial: bool, mtscomp: Any
) -> None:
    codec = coder(f"mtscomp:chunk=100,spatial={str(spatial).lower()}")

    samples = np.cumsum(np.random.default_rng(6).integers(-9, 10, (450, 3)), axis=0).astype(np.int16)
    samples.tofile(tmp_path / "run.bin")
    mtscomp.compress(
        tmp_path / "run.bin", tmp_path / "run.cbin", tmp_path / "run.ch", sample_rate=100.0, n_channels=3, quiet=True,
        dtype=np.int16, n_threads=1, do_spatial_diff=spatial, check_after_compress=False,
    )  # fmt: skip
    chunks = _streams.unpack_streams(codec.encode(samples), 5)
    assert b"".join(chunks) == (tmp_path / "run.cbin").read_bytes()
    reader = mtscomp.decompress(tmp_path / "run.cbin", tmp_path / "run.ch", n_threads=1)
    np.testing.assert_array_equal(reader[:], codec.decode(_streams.pack_streams(chunks), Layout.of(samples)))
    reader.close()


def test_mtscomp_does_not_follow_the_settings_of_a_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mtscomp: Any
) -> None:
    codec = coder("mtscomp")

    samples = np.arange(900, dtype=np.int16).reshape(-1, 3)
    expected = codec.encode(samples)
    (tmp_path / "settings").write_text('{"do_spatial_diff": true, "do_time_diff": false, "chunk_order": "C"}')
    monkeypatch.setattr(mtscomp, "CONFIG_PATH", tmp_path / "settings")
    assert codec.encode(samples) == expected
