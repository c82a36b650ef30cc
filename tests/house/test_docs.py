"""Promise: what the documentation shows runs as it stands there, and the site builds without a warning.

The blocks of a page run in order, in a temporary folder with the recordings that pages speak of: ``python`` in one namespace,
``sh`` and ``console`` in Bash. In a ``console`` block, what follows a command is compared with what it prints: ``...`` stands
for anything, and numbers are exact, unless ``<!-- within 5 %: why -->`` before the block allows for other versions of
libraries. A block that cannot run here has ``<!-- not run: why -->`` before it; the options of
commands in it are still read. Blocks after ``<!-- runs on the stack NAME -->`` show other people's libraries, and run where
these are (``tests/ecosystem``).
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

import example_plugin
from conftest import ROOT
from n1codec import registry, synth
from n1codec.cli.app import app

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
SHELL = ("console", "sh")
FENCE = re.compile(r"^```(?P<language>[a-z]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"<!-- not run: .{8,} -->\n+\Z")
STACKED = re.compile(r"<!-- runs on the stack ([a-z0-9]+) -->\n+\Z")
WITHIN = re.compile(r"<!-- within (\d+) %: .{8,} -->\n+\Z")
NUMBER = r"\d[\d,]*(?:\.\d+)?"
RATE = 19_531
SECONDS = 60
"""Longest time for one block."""


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of code on a page, and the line of the page on which the code begins."""

    page: Path
    line: int
    language: str
    code: str
    runs: bool
    stack: str | None = None
    within: float = 0.0
    """By how much numbers that are printed may be off."""

    @property
    def place(self) -> str:
        return f"{name_of(self.page)}:{self.line}"

    @property
    def aligned(self) -> str:
        """The code on the lines that it has on the page, so that errors name them."""
        return "\n" * (self.line - 1) + self.code


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        if match["language"] in ("python", *SHELL):
            line = text.count("\n", 0, match.start("code")) + 1
            before = text[: match.start()]
            stacked = STACKED.search(before)
            runs = not NOT_RUN.search(before) and not stacked
            off = WITHIN.search(before)
            within = int(off[1]) / 100 if off else 0.0
            found.append(Block(page, line, match["language"], match["code"], runs, stacked and stacked[1], within))
    return found


def write_wav(path: Path, seed: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(synth.recording(seconds=1, seed=seed).astype("<i2").tobytes())


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that pages speak of."""
    folder = tmp_path_factory.mktemp("docs")
    write_wav(folder / "run.wav", 1)
    (folder / "recordings").mkdir()
    for seed in (2, 3):
        write_wav(folder / "recordings" / f"{seed}.wav", seed)
    samples = synth.recording(seconds=0.3, channels=32, seed=4).astype("<i2")
    samples.tofile(folder / "session.dat")
    return folder


@pytest.fixture
def folder(recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of these files, as the current folder."""
    for source in recordings.rglob("*.*"):
        target = tmp_path / source.relative_to(recordings)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The codec of docs/adding-a-codec.md, installed."""
    installed = tmp_path_factory.mktemp("plugin")
    example_plugin.install(installed)
    monkeypatch.setenv("PYTHONPATH", str(installed))
    monkeypatch.syspath_prepend(installed)
    registry._table.cache_clear()
    yield
    registry._table.cache_clear()


def shell(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    trap = folder / ".trap"
    trap.write_text("trap 'echo \"failed on line $LINENO\" >&2' ERR\n")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = os.environ | {"PATH": path, "COLUMNS": "120", "NO_COLOR": "1", "BASH_ENV": str(trap), "TERM": "dumb"}
    return subprocess.run(
        ["bash", "-euo", "pipefail", *arguments],
        cwd=folder, env=env, text=True, timeout=SECONDS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def alike(expected: str, printed: str, within: float) -> bool:
    """Return whether output is what a page shows, but for spaces, what ``...`` stands for, and a part of each number."""
    parts = re.split(rf"({NUMBER}|\.\.\.)", " ".join(expected.split()))
    numbers = [float(part.replace(",", "")) for part in parts if re.fullmatch(NUMBER, part)]
    pattern = "".join(
        ".*" if part == "..." else f"({NUMBER})" if re.fullmatch(NUMBER, part) else re.escape(part) for part in parts
    )
    match = re.fullmatch(pattern, " ".join(printed.split()))
    if match is None:
        return False
    found = [float(group.replace(",", "")) for group in match.groups()]
    return all(abs(one - other) <= within * abs(other) for one, other in zip(found, numbers, strict=True))


def run_console(block: Block, folder: Path) -> None:
    """Run the commands of a block and compare what they print."""
    for part in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        done = shell(["-c", command], folder)
        assert done.returncode == 0, f"{block.place}: {command}\n{done.stdout}"
        assert not expected or alike(expected, done.stdout, block.within), (
            f"{block.place}: {command} printed\n{done.stdout}"
        )


def run_block(block: Block, folder: Path, namespace: dict[str, Any]) -> None:
    if block.language == "python":
        exec(compile(block.aligned, block.page, "exec"), namespace)
    elif block.language == "console":
        run_console(block, folder)
    else:
        script = folder / ".block.sh"
        script.write_text(block.aligned)
        done = shell([str(script)], folder)
        assert done.returncode == 0, f"{block.place}: exit code {done.returncode}\n{done.stdout}"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(block.runs for block in blocks(page))], ids=lambda page: name_of(page)
)
@pytest.mark.usefixtures("plugin")
def test_what_a_page_shows_runs(page: Path, folder: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.runs:
            run_block(block, folder, namespace)


def shown_commands() -> list[tuple[str, str]]:
    """Return the commands in blocks that do not run, with their places."""
    found = []
    for page in PAGES:
        for block in blocks(page):
            if block.language in SHELL and not block.runs:
                for at, line in enumerate(block.code.splitlines()):
                    for part in re.split(r"\||&&", line.removeprefix("$ ")):
                        if part.strip().startswith("n1codec "):
                            found.append((f"{name_of(page)}:{block.line + at}", part.strip()))
    return found


@pytest.mark.parametrize(("place", "command"), shown_commands(), ids=lambda text: text)
def test_a_command_that_is_not_run_exists_with_its_options(place: str, command: str) -> None:
    _, *arguments = shlex.split(command, comments=True)
    if arguments[0].startswith("-"):  # the program's own: --version
        assert any(arguments[0] in param.opts for param in get_command(app()).params), place
        return
    found: Any = get_command(app())
    while isinstance(found, TyperGroup):
        name = arguments.pop(0)
        assert name in found.commands, f"{place}: no command {name}"
        found = found.commands[name]
    found.make_context(found.name, arguments)  # reads the options, and stops at one that it does not know


def test_a_block_of_the_docs_is_not_left_out_in_silence() -> None:
    """The pages that teach have blocks, and all of Python's run."""
    pages = {name_of(page): blocks(page) for page in PAGES}
    for name in ("README.md", "docs/getting-started.md", "docs/guide.md", "docs/adding-a-codec.md"):
        assert any(block.runs for block in pages[name]), name
    left_out = [
        block.place
        for found in pages.values()
        for block in found
        if block.language == "python" and not (block.runs or block.stack in ("zarr2", "zarr3"))
    ]
    assert not left_out


def table_rows(page: Path) -> dict[str, tuple[str, ...]]:
    """Return the bits a sample that tables of a page give, by codec: all that are given."""
    found: dict[str, tuple[str, ...]] = {}
    columns: list[str] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if "ratio" in cells and "codec" in cells:
            columns = cells
        elif line.startswith("| `") and columns:
            row = dict(zip(columns, cells, strict=True))
            name = row.get("specification", row["codec"]).strip("`")
            found[name] = (*found.get(name, ()), row["ratio"])
        elif not line.startswith("|"):
            columns = []
    return found


@pytest.mark.parametrize("name", ["README.md", "docs/results.md", "docs/groups.md"])
def test_ratios_are_those_of_the_results(name: str) -> None:
    measured = table_rows(DOCS / "results-tables.md")
    shown = table_rows(ROOT / name)
    assert len(shown) > 10
    for codec, ratios in shown.items():
        assert set(ratios) <= set(measured.get(codec, ())), f"{name}: {codec} is not what docs/results-tables.md says"


def test_every_codec_is_in_the_groups() -> None:
    text = (DOCS / "groups.md").read_text(encoding="utf-8")
    missing = [line.name for line in registry.entries() if line.group != "third-party" and f"`{line.name}`" not in text]
    assert not missing, "python scripts/make_groups.py"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    needed = ("sphinx", "furo", "myst_parser")
    absent = [module for module in needed if importlib.util.find_spec(module) is None]
    if absent:
        pytest.skip(f"the site is not built: {', '.join(absent)} missing; pip install 'n1codec[docs]'")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(tmp_path / "cache")]
    done = subprocess.run([*command, str(DOCS), str(tmp_path / "site")], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for page in DOCS.glob("*.md"):
        html = (tmp_path / "site" / page.name).with_suffix(".html").read_text(encoding="utf-8")
        fetched = re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["'](https?:[^"']+)""", html)
        assert not fetched, f"{page.name} fetches {fetched}"
