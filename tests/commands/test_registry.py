"""Promise: one list of codecs, each described, immutable, kept as JSON, and open to other packages."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import example_plugin
import n1codec
from conftest import ROOT, all_specs, pipeline_or_skip
from n1codec import registry

ENTRIES = registry.entries()


@pytest.mark.parametrize("line", ENTRIES, ids=lambda line: line.name)
def test_each_line_says_what_its_class_is(line: registry.Entry) -> None:
    if line.missing():
        pytest.skip(line.hint)
    stage = line.load()
    assert stage.name == line.name
    assert stage.__doc__
    assert line.summary
    assert not line.summary.endswith(".")
    assert len(line.summary) <= 80
    assert bool(line.requires) == bool(line.extra), "what needs a package names the extra that brings it"
    for field in dataclasses.fields(stage):
        assert field.default is not dataclasses.MISSING, "each parameter has a default"
        assert f"{field.name} :" in stage.__doc__, "each parameter is described"
    assert stage.encode_only <= {field.name for field in dataclasses.fields(stage)}


def test_names_are_unique_and_each_coder_is_benchmarked() -> None:
    assert len({line.name for line in ENTRIES}) == len(ENTRIES)
    for line in ENTRIES:
        assert bool(line.bench) == (line.kind == "coder")
        assert all(line.name in spec for spec in line.bench)


def test_a_codec_is_shown_by_repr_and_kept_as_json(pipeline: n1codec.Pipeline) -> None:
    assert eval(repr(pipeline), {"n1codec": n1codec}) == pipeline
    config = json.loads(json.dumps(pipeline.to_dict()))
    assert n1codec.Pipeline.from_dict(config) == pipeline
    assert n1codec.get(pipeline.spec) == pipeline
    assert hash(n1codec.get(pipeline.spec)) == hash(pipeline)


def test_a_codec_is_immutable(pipeline: n1codec.Pipeline) -> None:
    for stage in pipeline.stages:
        for field in dataclasses.fields(stage):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(stage, field.name, getattr(stage, field.name))
    with pytest.raises(dataclasses.FrozenInstanceError):
        pipeline.coder = pipeline.coder  # type: ignore[misc]


def test_at_least_the_codecs_that_were_promised() -> None:
    assert len({pipeline_name.split(":")[0] for pipeline_name in all_specs()}) >= 24
    assert {line.group for line in ENTRIES} >= {"dictionary", "predictive", "entropy", "run-length", "audio", "blosc"}


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ("", n1codec.SpecError),
        ("+", n1codec.SpecError),
        ("nothing", n1codec.SpecError),
        ("delta", n1codec.SpecError),
        ("zlib+delta", n1codec.SpecError),
        ("zlib+zlib", n1codec.SpecError),
        ("zlib:", n1codec.SpecError),
        ("zlib:level", n1codec.SpecError),
        ("zlib:level=1,level=2", n1codec.SpecError),
        ("zlib:depth=1", n1codec.SpecError),
        ("zlib:level=high", n1codec.ParameterError),
        ("zlib:level=99", n1codec.ParameterError),
        ("ZLIB", n1codec.SpecError),
        (" zlib", n1codec.SpecError),
        ("zlib\n", n1codec.SpecError),
        ("+".join(["delta"] * 16 + ["zlib"]), n1codec.SpecError),
        ("delta+" * 50 + "zlib", n1codec.SpecError),
        (None, n1codec.SpecError),
        (7, n1codec.SpecError),
    ],
)
def test_a_bad_specification_is_refused(spec: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        n1codec.get(spec)


@pytest.mark.parametrize(
    "config", [{}, {"stages": []}, {"stages": [{}]}, {"stages": [3]}, {"stages": None}, [], 3, None]
)
def test_a_bad_description_is_refused(config: object) -> None:
    with pytest.raises(n1codec.SpecError):
        n1codec.Pipeline.from_dict(config)  # type: ignore[arg-type]


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    line = dataclasses.replace(registry.entry("zstd"), requires=("no_such_module_anywhere",))
    monkeypatch.setattr(registry, "_OWN", {"zstd": line})
    with pytest.raises(n1codec.MissingDependencyError, match=r"n1codec\[dictionary\]"):
        registry.make("zstd", {})


def test_every_error_is_of_the_family() -> None:
    errors = [getattr(n1codec, name) for name in n1codec.__all__ if name.endswith("Error")]
    assert len(errors) >= 10
    assert all(issubclass(error, n1codec.N1Error) for error in errors)


def test_another_package_adds_a_coder_but_takes_over_none(tmp_path: Path) -> None:
    """The codec of docs/adding-a-codec.md, which test_docs runs as the page shows."""
    example_plugin.install(tmp_path, "zlib = huffman_only:HuffmanOnly")
    use = """
import numpy as np, n1codec
from n1codec import registry
samples = np.arange(1000, dtype=np.int16)
assert (n1codec.decode(n1codec.get("delta+huffman_only:memory=9").encode(samples)) == samples).all()
assert registry.entry("huffman_only").group == "third-party"
assert registry.entry("zlib").target.startswith("n1codec."), "a built-in name cannot be taken over"
"""
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", use], check=True, env=env, cwd=ROOT)


@pytest.mark.parametrize("alias", sorted(registry.ORIGINAL))
def test_an_original_name_is_an_alias(alias: str) -> None:
    named = pipeline_or_skip(alias)
    if alias in {line.name for line in ENTRIES}:
        assert named.spec == alias, "a coder's own name means that coder with its defaults"
    else:
        assert named == n1codec.get(registry.ORIGINAL[alias])
    assert named.coder.name == n1codec.get(registry.ORIGINAL[alias]).coder.name
