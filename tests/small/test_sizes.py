"""Promise: no change makes anything larger, or smaller, unnoticed.

``tests/sizes.csv`` holds the encoded size of each signal of `size_signals` for each specification of the registry. After a
change that is meant: ``python scripts/make_sizes.py``, and the commit that holds the new table says why.
"""

from __future__ import annotations

import csv
import hashlib
from functools import cache

import pytest

import n1codec
from conftest import ROOT, all_specs, pipeline_or_skip
from n1codec.codec import Samples
from size_signals import SIGNALS

TABLE = ROOT / "tests" / "sizes.csv"

SIGNALS_SHA256 = "016783d4b09fb81b8aa0b6554bb77a80db7e1246bcbad91a3dd3a79124318ad1"
"""Of all samples: if this differs, the signals have changed, and not the codecs."""


@cache
def signal(name: str) -> Samples:
    return SIGNALS[name]()


@cache
def table() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as handle:
        return {row["spec"]: row for row in csv.DictReader(handle)}


def libraries(pipeline: n1codec.Pipeline) -> str:
    return " ".join(f"{name}={version}" for name, version in sorted(pipeline.libraries().items()))


def test_the_signals_are_those_that_were_measured() -> None:
    digest = hashlib.sha256()
    for name in SIGNALS:
        samples = signal(name)
        digest.update(f"{name} {samples.dtype.newbyteorder('<').str} {samples.shape}".encode())
        digest.update(samples.astype(samples.dtype.newbyteorder("<")).tobytes())
    assert digest.hexdigest() == SIGNALS_SHA256


def test_the_table_has_a_row_for_every_specification_and_no_other() -> None:
    assert sorted(table()) == sorted(all_specs()), "run scripts/make_sizes.py"


@pytest.mark.parametrize("spec", all_specs())
def test_sizes_are_those_of_the_table(spec: str) -> None:
    pipeline = pipeline_or_skip(spec)
    row = table()[spec]
    if libraries(pipeline) != row["libraries"]:  # a wrapped library may code better in another version
        pytest.skip(f"measured with {row['libraries']}; here is {libraries(pipeline)}")
    sizes = {name: len(pipeline.encode(signal(name))) for name in SIGNALS}
    assert sizes == {name: int(row[name]) for name in SIGNALS}, "if this is meant: scripts/make_sizes.py, and say why"
