"""What shells offer when the user presses the tab key."""

from __future__ import annotations

from n1codec import registry


def codecs(incomplete: str) -> list[str]:
    """Return specifications: the stage being typed may be any, after those that are typed already."""
    before, plus, last = incomplete.rpartition("+")
    names = [line.name for line in registry.entries()] + ([] if plus else list(registry.ORIGINAL))
    return [f"{before}{plus}{name}" for name in names if name.startswith(last)]


def groups(incomplete: str) -> list[str]:
    """Return groups of codecs."""
    from n1codec.bench.plan import group_titles

    return [name for name in group_titles() if name.startswith(incomplete)]


def sets(incomplete: str) -> list[str]:
    """Return sets of specifications."""
    from n1codec.bench.plan import SETS

    return [name for name in SETS if name.startswith(incomplete)]


def sort_keys(incomplete: str) -> list[str]:
    """Return what results may be sorted by."""
    from n1codec.bench.metrics import SORT_KEYS

    return [name for name in SORT_KEYS if name.startswith(incomplete)]
