"""The codec of docs/adding-a-codec.md, installed as a package of its own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from conftest import ROOT


def install(folder: Path, *more: str) -> None:
    """Put the example file into a folder with what pip would leave there, entry points taken from the page.

    Parameters
    ----------
    folder : Path
        Goes onto the module path.
    more : str
        Further lines for the entry points.
    """
    page = (ROOT / "docs/adding-a-codec.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    ((group, points),) = tomllib.loads(block)["project"]["entry-points"].items()
    for target in points.values():
        module = target.partition(":")[0]
        (folder / f"{module}.py").write_bytes((ROOT / "docs/examples" / f"{module}.py").read_bytes())
    info = folder / "example-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: example\nVersion: 1.0\n")
    lines = [f"{name} = {target}" for name, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines, *more, ""]))
