"""The figures of a report: each module prepares numbers and draws them with Vega-Altair; none of them types any in."""

from __future__ import annotations

from collections.abc import Mapping

from n1codec.analysis import Floor
from n1codec.report.figures import entropy, leaderboard, levels, recordings, settings, speed, tradeoff
from n1codec.report.figures.base import Figure, Missing, Table
from n1codec.report.figures.floor import floor_bits, floor_figure
from n1codec.report.model import Study
from n1codec.report.sources import RoundTrip

__all__ = ["Figure", "Missing", "Table", "draw_all", "floor_bits"]


def draw_all(study: Study, floors: Mapping[str, Floor], trip: RoundTrip | None) -> dict[str, Figure | Missing]:
    """Return all figures by name, in the order in which they are shown."""
    figures = [
        tradeoff.tradeoff(study, "encode"),
        tradeoff.tradeoff(study, "decode"),
        leaderboard.leaderboard(study),
        *(leaderboard.group_figure(study, group) for group in study.groups),
        entropy.transforms(study),
        entropy.shannon(study),
        floor_figure(study, floors),
        settings.lattice_delta(study),
        levels.levels(study),
        settings.chunks(study),
        speed.threads(study),
        speed.latency(study),
        recordings.distribution(study),
        recordings.picture(trip),
    ]
    return {figure.name: figure for figure in figures}
