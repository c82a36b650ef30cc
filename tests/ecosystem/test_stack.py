"""Promise: each stack has the versions that it is named after, and n1codec as a wheel."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import numpy as np

import n1codec
import stacks
from conftest import ROOT

stacks.needs("zarr2", "zarr3")


def version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in metadata.version(name).split(".")[:2])


def test_the_package_is_installed_as_a_wheel() -> None:
    at = Path(n1codec.__file__).resolve()
    assert "site-packages" in at.parts
    assert not at.is_relative_to(ROOT / "src")
    assert at.is_relative_to(ROOT / "build" / "stacks" / stacks.STACK)
    wheel = metadata.distribution("n1codec").read_text("WHEEL") or ""
    assert f"cp{sys.version_info[0]}{sys.version_info[1]}" in wheel


def test_the_stack_is_the_one_that_it_is_called() -> None:
    if stacks.STACK == "zarr2":
        assert version("zarr")[0] == 2
        assert version("numcodecs") < (0, 16)
        assert version("spikeinterface") == (0, 105)
        assert version("hdmf-zarr") == (0, 13)
        assert sys.version_info[:2] == (3, 11)
    else:
        assert version("zarr") >= (3, 4)
        assert version("hdmf-zarr") == (0, 14)
        assert sys.version_info[:2] >= (3, 12)


def test_the_wheel_encodes_and_decodes() -> None:
    samples = np.arange(6000, dtype=np.int16).reshape(-1, 6)
    assert np.array_equal(n1codec.decode(n1codec.encode(samples)), samples)
