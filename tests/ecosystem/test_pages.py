"""Promise: what the pages show of other people's libraries runs with these libraries, as it stands there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from test_docs import PAGES, SHELL, Block, blocks, name_of, run_block

import stacks

stacks.needs("zarr2", "zarr3")

MINE = [page for page in PAGES if any(block.stack == stacks.STACK for block in blocks(page))]

TOOLS = ("h5dump", "h5repack", "h5diff")


def lacks(block: Block) -> list[str]:
    """Return the system's programs that a block calls and that are not here."""
    called = [tool for tool in TOOLS if block.language in SHELL and tool in block.code]
    return [tool for tool in called if shutil.which(tool) is None]


@pytest.mark.parametrize("page", MINE, ids=name_of)
def test_what_a_page_shows_of_this_stack_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.stack == stacks.STACK:
            if lacks(block):
                pytest.skip(f"{block.place} is NOT run: no {', '.join(lacks(block))} here (apt-get install hdf5-tools)")
            run_block(block, tmp_path, namespace)
