"""Promise: sizes that the documentation publishes are those of today's codec, where the recordings are there to see."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

import n1codec
from conftest import ROOT, SHARED
from n1codec import formats

OWN = ("n1:level=1", "n1:level=5", "lattice+delta+rans", "lattice+delta+rice", "delta+huffman")
"""Codecs of this package alone: their sizes depend on no library's version."""
ANEW = "python scripts/measure_codecs.py --coder n1 && python scripts/make_groups.py"
NEAR = 0.001
"""By how much the table of 300 recordings may be off, which is measured again before a release only."""


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    if not (SHARED / "multichannel").is_dir():
        pytest.skip("the recordings are not here")
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module


def test_sizes_and_entropies_of_the_groups_are_exact(scripts: Any) -> None:
    measure, told = scripts("measure_codecs"), scripts("make_groups").told()
    found = measure.materials(SHARED)
    for spec in OWN:
        for material, arrays in found.items():
            known = told["codecs"][spec][material]
            again = measure.measured(spec, arrays)
            assert again == {name: known[name] for name in again}, f"{spec}, {material}: {ANEW}"


def test_ratios_of_the_300_recordings_are_near(scripts: Any) -> None:
    run = scripts("make_summary").runs()["n-one"]
    paths = sorted((SHARED / "neuralink").glob("*.wav"))
    if f"{len(paths)} recordings" not in scripts("make_summary").DEVICES["n-one"]:
        pytest.skip("other recordings are here than those of the table")
    for spec in ("n1:level=1", "n1:level=3"):
        size = 0
        for path in paths:
            recording = formats.read(path)
            size += len(n1codec.encode(recording.samples, spec)) + len(recording.restore)
        ratio = sum(path.stat().st_size for path in paths) / size
        assert ratio == pytest.approx(float(run.row(spec)["ratio"]), rel=NEAR), spec
