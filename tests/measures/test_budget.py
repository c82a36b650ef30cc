"""Promises of the budget: its formula, and counts that can be made again."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import ROOT
from n1codec.budget import CODECS, Budget, builds, measured
from n1codec.cli.app import app
from n1codec.errors import N1Error

RUNS = ROOT / "scripts"
WITHIN = 0.02


@pytest.mark.parametrize("build", builds())
def test_power_is_the_formula(build: str) -> None:
    made = Budget(channels=100, rate=30_000, pj_per_cycle=7, pj_per_bit=11, build=build)
    for line in made.lines():
        samples = 100 * 30_000
        assert line.power == pytest.approx(samples * (7 * line.cycles + 11 * line.bits) * 1e-9)
        assert line.megahertz == pytest.approx(samples * line.cycles / 1e6)
        filled = dataclasses.replace(made, channels=line.channels).lines()
        assert next(each for each in filled if each.codec == line.codec).power <= 10
        over = dataclasses.replace(made, channels=line.channels + 1).lines()
        assert next(each for each in over if each.codec == line.codec).power > 10


def test_two_codecs_take_the_same_power_where_they_break_even() -> None:
    made = Budget(pj_per_cycle=6.3)
    lines = {line.codec: line for line in made.lines()}
    at = made.break_even(lines["lite"], lines["rice"])
    assert at
    level = {line.codec: line.power for line in dataclasses.replace(made, pj_per_bit=at).lines()}
    assert level["lite"] == pytest.approx(level["rice"])
    cheaper = {line.codec: line.power for line in dataclasses.replace(made, pj_per_bit=at * 1.1).lines()}
    assert cheaper["lite"] < cheaper["rice"]
    assert made.break_even(lines["lite"], lines["lpc"]) == 0


def test_lite_keeps_to_sixty_instructions() -> None:
    lines = {line.codec: line for line in Budget().lines()}
    assert lines["lite"].instructions <= 60
    assert lines["lite"].state < 12.1
    assert lines["full"].state < 32.1


@pytest.mark.parametrize(
    "wrong", [{"channels": 0}, {"rate": 0}, {"pj_per_bit": -1}, {"build": "z80"}, {"pj_per_cycle": "a"}]
)
def test_what_makes_no_sense_is_one_error(wrong: dict[str, object]) -> None:
    with pytest.raises(N1Error):
        Budget(**wrong)  # type: ignore[arg-type]


def test_the_command_says_it_as_text_and_as_json() -> None:
    text = CliRunner().invoke(app(), ["budget", "--pj-per-bit", "5.8"])
    assert text.exit_code == 0
    assert all(name in text.stdout for name in CODECS.values())
    data = json.loads(CliRunner().invoke(app(), ["budget", "--json", "--build", "rv32-gcc-O2"]).stdout)
    assert [line["codec"] for line in data["codecs"]] == list(CODECS)
    assert data["build"] == measured()["builds"]["rv32-gcc-O2"]


@pytest.mark.parametrize("build", builds())
def test_counts_are_made_again(build: str, tmp_path: Path) -> None:
    """On input that anybody can make, with the compiler that is written down."""
    missing = [name for name in ("unicorn", "capstone") if not importlib.util.find_spec(name)]
    if missing or not shutil.which("cc"):
        pytest.skip(
            f"no {', '.join(missing) or 'cc'}: the budget is NOT measured again (pip install 'n1codec[budget]')"
        )
    program = (
        "import json, sys; from pathlib import Path; from budget import builds, inputs; from budget.__main__ import figures\n"
        "build = next(each for each in builds.BUILDS if each.name == sys.argv[1])\n"
        "if not build.command(): print(json.dumps(None)); raise SystemExit\n"
        "codes = inputs.synthetic(); plan = inputs.plan(codes, 5)\n"
        "found = {codec: figures(codec, plan, build, codes, Path(sys.argv[2])) for codec in sys.argv[3:]}\n"
        "print(json.dumps([build.version(), found]))\n"
    )
    subprocess.run([sys.executable, "scripts/make_firmware.py"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    codecs = list(CODECS) if build == "m4-gcc-O2" else ["lite"]
    run = [sys.executable, "-c", program, build, str(tmp_path), *codecs]
    done = subprocess.run(run, cwd=RUNS, check=True, capture_output=True, text=True)
    again = json.loads(done.stdout)
    if again is None:
        pytest.skip(f"no compiler for {build}: the budget is NOT measured again with it")
    version, found = again
    if version != measured()["builds"][build]["compiler"]:
        pytest.skip(f"another compiler ({version}): the budget is NOT measured again")
    told = measured()["inputs"]["synthetic"]["codecs"]
    for codec, figures in found.items():
        for name in ("instructions", "cycles", "worst_instructions", "worst_cycles", "flash"):
            assert figures[name] == pytest.approx(told[codec][build][name], rel=WITHIN), (codec, name)
