"""Promise: no link and no picture of the documentation is dead, and scripts would write on pages what they wrote there."""

from __future__ import annotations

import importlib
import pydoc
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from n1codec import registry

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|``[^`]+``|`[^`\n]+`", re.MULTILINE | re.DOTALL)
OWN = re.compile(r"https?://[^\s)>\"'`]*n1codec[^\s)>\"'`]*")


def anchors(page: Path) -> set[str]:
    """Return what headings of a page can be linked to, spelt as repositories and the site spell them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.*)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        number = sum(slug == one or (one.startswith(f"{slug}-") and one[len(slug) + 1 :].isdigit()) for one in found)
        found.add(slug if slug not in found else f"{slug}-{number}")
    return found


def dead(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    found = []
    for link in LINK.finditer(text):
        name, _, anchor = link["target"].partition("#")
        if re.match(r"[a-z]+:", name):
            continue  # elsewhere: no test depends on the network
        if anchor.startswith("n1codec.") and pydoc.locate(anchor) is not None:
            continue  # an object of the reference, which Sphinx makes
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            found.append(link["target"])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_and_no_picture_of_a_page_is_dead(page: Path) -> None:
    assert not dead(page)


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "there.md").write_text("# One `two`\n\n## Same\n\n## Same\n")
    page.write_text(
        "[a](there.md#one-two) [b](there.md#same-1) ![c](none.svg) [d](there.md#three) `[e](code.md)` [f](#up)\n"
    )
    assert dead(page) == ["none.svg", "there.md#three", "#up"]


def test_commands_that_measured_name_no_folder_of_the_machine_that_they_ran_on() -> None:
    pages = [*PAGES, *sorted((ROOT / "docs").rglob("*.json"))]
    commands = [
        line for page in pages for line in page.read_text(encoding="utf-8").splitlines() if "n1codec bench " in line
    ]
    assert len(commands) > 10
    assert not [word for line in commands for word in line.split() if word.startswith("/")]


def test_every_picture_is_shown_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    unused = [path.name for path in (ROOT / "docs" / "images").iterdir() if f"images/{path.name}" not in text]
    assert not unused


def test_no_address_of_the_project_is_named_as_long_as_it_has_none() -> None:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a repository: files of the project cannot be told from others")
    named = []
    for name in done.stdout.split("\0"):
        path = ROOT / name
        if (
            name
            and path.is_file()
            and path.suffix in {".md", ".toml", ".py", ".c", ".h", ".json", ".cff", ".txt", ".m", ".jl"}
        ):
            named += [(name, found[0]) for found in OWN.finditer(path.read_text(encoding="utf-8", errors="replace"))]
    assert not named


@pytest.fixture
def summary(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("make_summary")


def test_what_pages_say_in_short_is_what_tables_and_registry_say(summary: Any) -> None:
    """Ratios, speeds and counts of coders and specifications in README.md, docs/results.md and docs/from-the-original.md."""
    assert not summary.stale(write=False), "python scripts/make_summary.py"


def test_the_page_of_groups_is_what_its_script_makes_of_the_tables(
    summary: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ratios, entropies and pictures on docs/groups.md, from docs/results-tables.md and docs/codecs.json."""
    monkeypatch.setattr(importlib.import_module("svg"), "IMAGES", tmp_path)
    groups = importlib.import_module("make_groups")
    assert groups.page() == (ROOT / "docs" / "groups.md").read_text(encoding="utf-8"), "python scripts/make_groups.py"
    for picture in tmp_path.iterdir():
        assert picture.read_text() == (ROOT / "docs" / "images" / picture.name).read_text(), picture.name


def test_every_codec_has_its_words_and_its_sizes(summary: Any) -> None:
    words = importlib.import_module("codec_words")
    told = importlib.import_module("make_groups").told()
    for line in registry.entries():
        if line.group in (*registry.CODER_GROUPS, *registry.TRANSFORM_GROUPS):
            assert words.WORDS[line.name].count(". ") + 1 == 2, f"{line.name}: two sentences"
            assert words.SOURCES[line.name], line.name
            assert set(line.bench) <= set(told["codecs"]), f"{line.name}: python scripts/measure_codecs.py"


def test_the_demo_shows_the_best_of_each_group(summary: Any) -> None:
    demo = importlib.import_module("demo")
    best: dict[str, str] = {}
    for row in summary.runs()["every"].rows:
        best.setdefault(row["group"], row["codec"])
    shown = {coder.rpartition("+")[2].partition(":")[0] for coder in demo.CODECS}
    assert {spec.rpartition("+")[2].partition(":")[0] for group, spec in best.items() if group != "yardstick"} <= shown
