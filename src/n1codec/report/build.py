"""From results to files. What draws is imported when it is needed, so that all before it works without the extra."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from n1codec import arguments, disk
from n1codec.bench.results import Report
from n1codec.errors import FileError, MissingDependencyError
from n1codec.report.compare import compare
from n1codec.report.merge import merge
from n1codec.report.model import Study

HTML_NAME: Final = "report.html"
SUMMARY_NAME: Final = "SUMMARY.md"
FIGURES: Final = "figures"
HEADLINE: Final = "ratio-encode"
"""The figure that is also written for dark ground: a README shows it by the reader's colours."""

PACKAGES: Final = {"altair": "altair", "vl_convert": "vl-convert-python", "jinja2": "jinja2"}


DEFAULT_TITLE: Final = "Lossless compression of electrophysiology, measured"


def check_folder(folder: Path) -> None:
    """Make a folder for a report and see that it can be written to.

    Raises
    ------
    FileError
        If it cannot.
    """
    folder = arguments.path("folder", folder)
    with disk.os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise FileError(str(folder), "cannot write there")


def require_packages() -> None:
    """Check that all that draws is installed.

    Raises
    ------
    MissingDependencyError
        If it is not.
    """
    missing = [name for module, name in PACKAGES.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise MissingDependencyError(f"the report needs {', '.join(missing)}: pip install 'n1codec[report]'")


def write(
    reports: Sequence[Report],
    folder: Path,
    *,
    baseline: Sequence[Report] = (),
    recordings: Path | None = None,
    title: str = DEFAULT_TITLE,
    pictures: bool = True,
) -> list[Path]:
    """Write a report.

    Parameters
    ----------
    reports : sequence of Report
        Runs to bring together.
    folder : Path
        Where to write; made if it is not there. Files of an earlier report are replaced, others left alone.
    baseline : sequence of Report
        Earlier runs to compare with.
    recordings : Path, optional
        Folder with the recordings, if they are not where the results say: for the floor and the round trip.
    title : str
        Of the page.
    pictures : bool
        Whether to write figures as SVG and PNG too.

    Returns
    -------
    list of Path
        Files written, the page first.

    Raises
    ------
    MissingDependencyError
        If the extra ``report`` is not installed.
    ParameterError
        If the runs hold no results, or none that can be compared.
    FileError
        If a file cannot be written.
    """
    reports = arguments.sequence("reports", reports, arguments.instance, Report)
    baseline = arguments.sequence("baseline", baseline, arguments.instance, Report)
    folder, recordings = arguments.path("folder", folder), arguments.optional(arguments.path, "recordings", recordings)
    title, pictures = arguments.text("title", title), arguments.flag("pictures", pictures)
    require_packages()
    from n1codec.report import export, page, sources, summary
    from n1codec.report.figures import Figure, draw_all

    study = Study.of(merge(reports))
    comparison = compare(study, merge(baseline)) if baseline else None
    check_folder(folder)
    figures = draw_all(
        study, sources.floors(study.merged.recordings, recordings), sources.round_trip(study, recordings)
    )
    files: dict[str, str | bytes] = {
        HTML_NAME: page.render(study, figures, comparison, title),
        SUMMARY_NAME: summary.render(study, figures, comparison, title),
    }
    if pictures:
        for name, figure in figures.items():
            if isinstance(figure, Figure):
                files[f"{FIGURES}/{name}.svg"] = picture = export.svg(figure, study)
                files[f"{FIGURES}/{name}.png"] = export.png(picture)
                if name == HEADLINE:
                    files[f"{FIGURES}/{name}-dark.svg"] = export.svg(figure, study, dark=True)
    _write([(folder / name, content) for name, content in files.items()])
    return [folder / name for name in files]


def _write(files: Sequence[tuple[Path, str | bytes]]) -> None:
    """Write files that belong together: all of them, the first one last, or after an error none."""
    with contextlib.ExitStack() as stack:
        pending = []
        for path, content in reversed(files):
            with disk.os_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            new = stack.enter_context(disk.Pending(path, overwrite=True))
            new.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)
            pending.append(new)
        disk.publish(pending)
