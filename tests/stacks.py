"""Which stack of other people's libraries a test runs on: each has an environment (`make stack-zarr2`, `make stack-zarr3`)."""

from __future__ import annotations

import os
from typing import Final

import pytest

STACK: Final = os.environ.get("N1CODEC_STACK", "")
"""The stack that this process runs on; the command that makes one sets it."""


def needs(*stacks: str) -> None:
    """Skip the module that calls this unless it runs on one of some stacks; there, what it imports has to be there."""
    if STACK not in stacks:
        commands = " or ".join(f"make test-{stack}" for stack in stacks)
        pytest.skip(
            f"runs on the stack {' or '.join(stacks)} alone: NOT checked here ({commands})", allow_module_level=True
        )
