"""``n1codec codecs``: what can be combined, and what the benchmark makes of it."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Any

import typer

from n1codec import registry
from n1codec.errors import SpecError


def codecs(
    group: Annotated[
        list[str] | None, typer.Option("--group", "-g", metavar="GROUP", help="Only this group; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """List transforms and coders by group, with their parameters and defaults, and the sets that bench knows."""
    from n1codec.bench.plan import SETS, set_members

    known = dict.fromkeys(line.group for line in registry.entries())
    for name in group or ():
        if name not in known:
            raise SpecError(f"unknown group {name!r}: known are {', '.join(known)}")
    lines = [describe(line) for line in registry.entries() if not group or line.group in group]
    sets = {name: {"summary": summary, "codecs": list(set_members(name))} for name, summary in SETS.items()}
    if as_json:
        print(json.dumps({"codecs": lines, "sets": sets, "aliases": dict(registry.ORIGINAL)}, indent=1))
        return
    _print_lines(lines)
    if not group:
        _print_sets(sets)


def describe(line: registry.Entry) -> dict[str, Any]:
    """Return a line of the registry as plain data, with the parameters of its class as far as that can be loaded."""
    params: dict[str, Any] = {}
    problem = f"missing {', '.join(line.missing())}: {line.hint}" if line.missing() else None
    if problem is None:
        try:
            params = {field.name: field.default for field in dataclasses.fields(line.load())}
        except Exception as error:  # whatever a plug-in does when it is imported
            problem = f"cannot be loaded: {type(error).__name__}: {error}"
    return {
        "name": line.name,
        "kind": line.kind,
        "group": line.group,
        "summary": line.summary,
        "params": params,
        "available": problem is None,
        "problem": problem,
        "bench": list(line.bench),
    }


def _print_lines(lines: list[dict[str, Any]]) -> None:
    titles = {"transform": dict(registry.TRANSFORM_GROUPS), "coder": dict(registry.CODER_GROUPS)}
    width = max(len(line["name"]) for line in lines)
    for kind, group in dict.fromkeys((line["kind"], line["group"]) for line in lines):
        title = titles[kind].get(group, group.capitalize())
        print(f"{title} ({group})")
        for line in lines:
            if (line["kind"], line["group"]) != (kind, group):
                continue
            params = ",".join(f"{key}={_spell(value)}" for key, value in line["params"].items())
            print(f"  {line['name']:{width}}  {line['summary']}" + (f"  [{params}]" if params else ""))
            if line["problem"]:
                print(f"  {'':{width}}  not available: {line['problem']}")
        print()


def _print_sets(sets: dict[str, dict[str, Any]]) -> None:
    print("Sets of `n1codec bench --set NAME`")
    width = max(map(len, sets))
    for name, content in sets.items():
        print(f"  {name:{width}}  {content['summary']} ({len(content['codecs'])})")
    print("\nNames of the original comparison")
    width = max(map(len, registry.ORIGINAL))
    for name, spec in registry.ORIGINAL.items():
        print(f"  {name:{width}}  {spec}")
    print(
        "\nA codec is transforms and a coder joined by '+', with parameters after ':', such as lattice+delta+zstd:level=19"
    )


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
