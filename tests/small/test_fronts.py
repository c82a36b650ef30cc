"""Promise: a front for another library says in one sentence what is missing, whatever is."""

from __future__ import annotations

from pathlib import Path

import pytest

from n1codec.errors import MissingDependencyError
from n1codec.integrations.needed import needed


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of another name for each test, so that none is imported yet."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / f"some_library_{tmp_path.name.replace('-', '_')}.py"


def test_a_library_that_is_not_installed_is_named_with_what_brings_it(library: Path) -> None:
    with pytest.raises(MissingDependencyError) as caught:
        needed("n1codec.front", library.stem, "extra", (3, 1), (4,))
    said = f"n1codec.front needs {library.stem} 3.1 or newer, below 4: pip install 'n1codec[extra]'"
    assert str(caught.value) == said


@pytest.mark.parametrize("version", ["2.18.7", "3.0.99", "4.0.0", "5", "unknown", ""])
def test_another_version_is_named(library: Path, version: str) -> None:
    library.write_text(f"__version__ = {version!r}\n")
    with pytest.raises(
        MissingDependencyError, match=f"3.1 or newer, below 4, and {version or 'an unknown version'} is"
    ):
        needed("n1codec.front", library.stem, "extra", (3, 1), (4,))


@pytest.mark.parametrize("version", ["3.1", "3.1.0rc1", "3.4.2", "3.10"])
def test_a_version_within_the_span_will_do(library: Path, version: str) -> None:
    library.write_text(f"__version__ = {version!r}\n")
    assert needed("n1codec.front", library.stem, "extra", (3, 1), (4,)).__version__ == version


@pytest.mark.parametrize("text", ["import no_such_module_of_all", "1 / 0", "raise AttributeError('cbuffer_sizes')"])
def test_a_library_that_does_not_import_says_why(library: Path, text: str) -> None:
    """zarr 2.18.6 fails so beside numcodecs 0.16."""
    library.write_text(text)
    with pytest.raises(MissingDependencyError, match=f"n1codec.front: {library.stem} cannot be imported: "):
        needed("n1codec.front", library.stem, "extra", (3, 1))
