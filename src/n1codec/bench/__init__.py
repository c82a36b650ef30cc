"""The benchmark: every codec against every recording, honestly.

Sizes count every byte that is needed to get the source file back, and each recording is got back and compared before a
figure counts. Each codec runs in a process of its own. Nothing here draws: `run` returns a `Report` of plain data, which the
command line shows as a table and keeps as JSON or CSV. ``docs/bench.md`` tells how everything is measured.

>>> from n1codec import bench
>>> report = bench.run(bench.make_plan(["delta+store"]), bench.find_sources([]))  # doctest: +SKIP
>>> [(result.codec, round(result.ratio, 2)) for result in report.results]  # doctest: +SKIP
[('delta+store', 1.0), ('memcpy', 1.0)]
"""

from n1codec.bench.metrics import SORT_KEYS
from n1codec.bench.plan import MEMCPY, SETS, YARDSTICK, Case, Plan, Skipped, group_titles, make_plan, set_members
from n1codec.bench.results import Report, Result, Settings, Sizes
from n1codec.bench.runner import Step, run
from n1codec.bench.sources import Source, find_sources

__all__ = [
    "MEMCPY",
    "SETS",
    "SORT_KEYS",
    "YARDSTICK",
    "Case",
    "Plan",
    "Report",
    "Result",
    "Settings",
    "Sizes",
    "Skipped",
    "Source",
    "Step",
    "find_sources",
    "group_titles",
    "make_plan",
    "run",
    "set_members",
]
