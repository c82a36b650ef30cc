"""Parts of pages that scripts write: what stands between two comments, one of which names the script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

SECTION: Final = re.compile(
    r"<!-- (?P<name>[a-z-]+): made by (?P<script>scripts/\w+\.py) -->\n.*?<!-- end of (?P=name) -->", re.DOTALL
)
"""A part with its two comments."""


def section(name: str, script: str, text: str) -> str:
    """Return a part of a page, its comments included."""
    return f"<!-- {name}: made by {script} -->\n\n{text.strip()}\n\n<!-- end of {name} -->"


def replaced(page: str, name: str, script: str, text: str) -> str | None:
    """Return the page with one of its parts made anew; None if it has no such part."""
    for found in SECTION.finditer(page):
        if (found["name"], found["script"]) == (name, script):
            return page[: found.start()] + section(name, script, text) + page[found.end() :]
    return None


def of_others(page: Path, script: str) -> list[str]:
    """Return the parts of a page that other scripts than this one make; none if there is no page."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return [found[0] for found in SECTION.finditer(text) if found["script"] != script]
