"""Promise: what docs/ALGORITHM.md shows is what was measured."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest

from conftest import ROOT

PAGE = ROOT / "docs" / "ALGORITHM.md"
MOST = 100_000
"""Bytes of a figure."""


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("make_ablation")


def test_the_tables_are_those_of_the_measured_figures(script: Any) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert script.filled(page, json.loads(script.RESULTS.read_text())) == page


def test_a_changed_figure_would_be_seen(script: Any) -> None:
    page = PAGE.read_text(encoding="utf-8")
    result = json.loads(script.RESULTS.read_text())
    result["materials"][0]["real"]["n1:level=5"] += 0.01
    assert script.filled(page, result) != page


def test_every_figure_exists_is_described_and_small() -> None:
    figures = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert figures
    for words, name in figures:
        assert len(words) > 40
        assert (PAGE.parent / name).stat().st_size < MOST


def test_leaving_a_stage_out_changes_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    from n1codec import synth

    monkeypatch.syspath_prepend(ROOT / "scripts")
    ideal = importlib.import_module("ideal")
    material = ideal.Material("synthetic", 19531.0, [synth.recording(seconds=1.0, seed=3)], [])
    (one,) = ideal.prepare(material)
    full, n_samples = ideal.bits(one, ideal.FULL)
    assert 1.0 < full / n_samples < 10.0
    without = {words: ideal.bits(one, stages)[0] for words, stages in ideal.WITHOUT}
    assert without["code widths"] > full
    assert without["the normal shape (Laplace instead)"] > full
