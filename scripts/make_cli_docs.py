"""Print docs/cli.md: every command with its options, from the same texts as ``--help``.

Usage: ``python scripts/make_cli_docs.py > docs/cli.md``
"""

from typing import Any

from typer.main import get_command

from n1codec.cli.app import FILES, app

INTRODUCTION = """# The command line

Made by `python scripts/make_cli_docs.py > docs/cli.md` from the texts behind `--help`; do not edit.

<!-- not run: examples of names that are not here -->
```sh
n1codec encode run.wav           # run.wav.n1c beside it, decoded again and compared
n1codec info run.wav.n1c         # what it holds
n1codec test run.wav.n1c         # is it intact?
n1codec decode run.wav.n1c       # run.wav again, byte for byte
```

What holds for all commands:

- Data goes to standard output, and only data; what is to be said goes to standard error, a line a file. Progress is drawn on a
  terminal and nowhere else. `-` is standard input or output.
- Outputs are written under a hidden temporary name in their folder (`.run.wav.….tmp.n1c`), synced, and then renamed. Whatever
  happens before that leaves no file behind, and the input untouched. What goes to standard output is complete and checked before its first
  byte does; it is kept in the folder for temporary files (`TMPDIR`) until then, as is standard input.
- Devices, pipes and `/dev/stdout` as outputs are written to as they are, never replaced.
- Existing files are overwritten only with `-f`, and one that is read from never. An output takes over the permissions and times of its input where it stands for it.
- Of many inputs, large ones are done one after the other, small ones (up to 16 MiB) side by side; one that fails does not stop
  the others, and a last line sums up.
- Memory does not grow with the size of a file: recordings are read, encoded, decoded and compared chunk by chunk.
- Exit codes: 0 done; 1 something failed or is damaged; 2 a mistake in the command line, before any work; 130 interrupted (by
  Ctrl-C or SIGTERM; 128 and its number by another signal). Whatever the signal, nothing unfinished is left behind; one that is ignored,
  as by `nohup`, stays so. Errors are one line each; with `N1CODEC_DEBUG=1` in the environment they come with a traceback.
- What was printed is on its way when a command returns 0: a full disk or a closed standard output is an error. Characters that the
  terminal's encoding lacks are spelt out (`\\u65e5`).
- `n1codec --install-completion` lets the shell complete commands, options and codecs.
"""

NOT_RUN = "<!-- not run: examples of names that are not here -->"
"""Keeps the test of the documentation from running the examples; it still reads their options."""


def main() -> None:
    print(INTRODUCTION)
    root = get_command(app())
    commands: dict[str, Any] = root.commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        if command.rich_help_panel == FILES:
            parts = getattr(command, "commands", {})  # of a group
            for part in [f"{name} {each}" for each in parts] or [name]:
                print("\n".join(describe(part, parts.get(part.removeprefix(f"{name} "), command))) + "\n")
    others = [f"`n1codec {name}`" for name, command in commands.items() if command.rich_help_panel != FILES]
    print(f"Other commands, each with its own `--help`: {', '.join(others)}.")


def describe(name: str, command: Any) -> list[str]:
    """Return the lines of a command's section."""
    *prose, examples = (command.help if "Examples:" in command.help else f"{command.help}\n\n").split("\n\n")
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    metavar = " ".join(param.metavar for param in arguments)
    lines = [f"## n1codec {name}", "", f"`n1codec {name} [OPTIONS] {metavar}`", ""]
    for paragraph in prose:
        lines += [paragraph, ""]
    if examples:
        lines += [NOT_RUN, "```sh", *(line.strip() for line in examples.splitlines()[1:]), "```", ""]
    lines += ["| | |", "|---|---|"]
    lines += [row(f"`{param.metavar}`", param.help) for param in arguments]
    lines += [row(spelling(param), param.help + default(param)) for param in options if param.name != "help"]
    return lines


def spelling(param: Any) -> str:
    """Return how an option is spelt, the short form first."""
    names = sorted(param.opts, key=len) + sorted(param.secondary_opts, key=len)
    value = "" if param.is_flag else f" {param.metavar}"
    return ", ".join(f"`{each}{value}`" for each in names)


def default(param: Any) -> str:
    """Return what holds without the option, where that is not plain."""
    shown = param.show_default
    if isinstance(shown, str):
        return f" Default: {shown}."
    if param.is_flag and param.secondary_opts:
        return f" Default: `{(param.opts if param.default else param.secondary_opts)[0]}`."
    if shown and param.default is not None and not param.is_flag:
        return f" Default: {param.default}."
    return ""


def row(left: str, right: str) -> str:
    """Return a row of a table."""
    return f"| {left} | {' '.join(right.split()).replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    main()
