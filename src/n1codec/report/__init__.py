"""The report: a self-contained web page, its figures as files, and a summary in Markdown, made from results of the benchmark.

Needs the extra ``report``. Every number shown is computed from the results, and every figure says where it has none.

>>> from pathlib import Path
>>> from n1codec import report
>>> report.write([report.load(Path("results.json"))], Path("out"))  # doctest: +SKIP
"""

from n1codec.report.build import DEFAULT_TITLE, HTML_NAME, SUMMARY_NAME, check_folder, require_packages, write
from n1codec.report.load import load

__all__ = ["DEFAULT_TITLE", "HTML_NAME", "SUMMARY_NAME", "check_folder", "load", "require_packages", "write"]
