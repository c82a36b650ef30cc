"""Write the golden files that every decoder must read, and the bad ones that it must refuse: tests/fixtures.

    python scripts/make_fixtures.py [--overwrite] [DIRECTORY]

Run by hand alone, where a change of the format is meant: with ``--overwrite`` all of DIRECTORY (tests/fixtures) is replaced, and
`git diff` shows which bytes changed. Tests never run it. From release 1.0 on, fixtures of a released format are never made
again: new ones go beside them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

from fixtures.bad import write_bad
from fixtures.envelopes import write_envelopes
from fixtures.files import write_files
from fixtures.payloads import write_payloads
from fixtures.streams import write_streams

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "fixtures"


def sums(folder: Path) -> str:
    """Return the text of SHA256SUMS for all files below a folder, as ``sha256sum --check`` takes it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n" for path in paths
    )


def write_all(folder: Path) -> None:
    """Write all fixtures into an empty folder."""
    write_payloads(folder / "n1")
    write_streams(folder / "streams")
    expected = write_envelopes(folder / "envelopes") | write_files(folder / "files")
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(expected.items()))
    (folder / "samples.json").write_text(f"{{\n{lines}\n}}\n", "utf-8")
    write_bad(folder / "bad")
    (folder / "SHA256SUMS").write_text(sums(folder), "utf-8")


def main(arguments: list[str]) -> None:
    """Make the fixtures."""
    overwrite = "--overwrite" in arguments
    places = [argument for argument in arguments if argument != "--overwrite"]
    if len(places) > 1 or any(place.startswith("-") for place in places):
        raise SystemExit(__doc__)
    folder = Path(places[0]) if places else FOLDER
    if folder.exists() and not overwrite:
        raise SystemExit(f"{folder} exists: fixtures are only made again with --overwrite")
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "fixtures"
        made.mkdir()
        write_all(made)
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(made, folder)
    count = sum(path.is_file() for path in folder.rglob("*"))
    print(
        f"{count} files, {sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()):,} bytes in {folder}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
