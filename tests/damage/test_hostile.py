"""Promise: bytes made to harm, behind a right CRC, give an error: no crash, no hang, no flood of memory, no wrong data.

A longer campaign: ``N1CODEC_MUTANTS=5000 pytest tests/damage/test_hostile.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import pipeline_or_skip
from n1codec import registry

MUTANTS = int(os.environ.get("N1CODEC_MUTANTS", "250"))
WORKER = Path(__file__).parents[1].joinpath("hostile_worker.py")
SPECS = [line.name for line in registry.entries() if line.kind == "coder"] + [
    f"{line.name}+store" for line in registry.entries() if line.kind == "transform"
]


@pytest.mark.parametrize("spec", SPECS)
def test_hostile_payloads_are_refused(spec: str) -> None:
    pipeline_or_skip(spec)
    command = [sys.executable, str(WORKER), spec, str(MUTANTS), "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 + MUTANTS / 5)
    assert done.returncode == 0, f"{spec}: exit {done.returncode}\n{done.stderr[-2000:]}"
    refused, _intact, growth = done.stdout.split()
    assert int(refused) > MUTANTS // 2
    assert float(growth) < 128, f"{spec} took {growth} MiB for a payload of a few hundred bytes"
