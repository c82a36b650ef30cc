"""Promise: what the pages show of other people's libraries runs with these libraries, as it stands there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_docs import PAGES, blocks, name_of, run_block

import stacks

stacks.needs("zarr2", "zarr3")

MINE = [page for page in PAGES if any(block.stack == stacks.STACK for block in blocks(page))]


@pytest.mark.parametrize("page", MINE, ids=name_of)
def test_what_a_page_shows_of_this_stack_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.stack == stacks.STACK:
            run_block(block, tmp_path, namespace)
