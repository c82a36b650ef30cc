"""What the tests share: the pipelines under test, effort, and the real recordings where they are present."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import n1codec
from n1codec import registry

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("N1CODEC_SHARED_DATA", ROOT.parent / "shared" / "data"))

EXAMPLES = int(os.environ.get("N1CODEC_EXAMPLES", "12"))
"""Hypothesis examples for each pipeline: raise it for a longer campaign, e.g. N1CODEC_EXAMPLES=200."""

# A shell in whose background the tests run has these ignored, by all that they start, too.
for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(number, usual)

# What the tests start keeps the bytecode of what it imports, as Python does unless told not to: without it each of a thousand
# processes would compile the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile(
    "n1codec",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("n1codec")


def all_specs() -> list[str]:
    """Return every specification the registry benchmarks, and every transform in front of a plain coder."""
    specs = [spec for line in registry.entries() for spec in line.bench]
    specs += [f"{line.name}+zlib" for line in registry.entries() if line.kind == "transform"]
    return list(dict.fromkeys(specs))


def pipeline_or_skip(spec: str) -> n1codec.Pipeline:
    """Return a pipeline; skip, saying why, if the package behind it is not installed."""
    try:
        return n1codec.get(spec)
    except n1codec.MissingDependencyError as error:
        pytest.skip(str(error))


@pytest.fixture(params=all_specs())
def pipeline(request: pytest.FixtureRequest) -> n1codec.Pipeline:
    """Each pipeline of the registry in turn."""
    return pipeline_or_skip(request.param)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what is made once and used by all workers of a run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def neuralink_files() -> list[Path]:
    """The ten real recordings of the quick set."""
    folder = SHARED / "neuralink"
    if not (folder / "SMOKE.txt").is_file():
        pytest.skip(f"real recordings are not here: no {folder}")
    return [folder / name for name in (folder / "SMOKE.txt").read_text().split()]


FIRST = ("test_core_builds.py",)
"""Files of tests that take longest each: begun first, so that no worker waits for another's last one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first."""
    items.sort(key=lambda item: item.path.name not in FIRST)
