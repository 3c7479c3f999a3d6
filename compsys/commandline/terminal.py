"""What every command says and how: the language, printed lines, JSON, and how a command ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from compsys import words

Function = TypeVar("Function", bound=Callable[..., Any])
UNBROKEN = 200
"""Characters of a line where no terminal says how wide it is: files and pipes get their rows unbroken."""
OK, PROBLEMS, UNREADABLE = 0, 1, 2
"""Exit statuses: done; refused or problems found; unreadable or wrong usage."""


def language() -> str:
    """The language of the terminal: COMPSYS_LANG, else the locale's, else English.

    Not the interface's default (Chinese): a terminal without a locale may not even print Chinese.
    """
    for name in ("COMPSYS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        wish = os.environ.get(name, "")
        if wish:
            return "zh-CN" if wish.lower().startswith("zh") else "en"
    return "en"


def told(code: str, **params: object) -> str:
    """A sentence of the catalogue in the terminal's language."""
    return words.say(code, language(), **params)


def named(names: Mapping[str, str] | None) -> str:
    """A thing's name in the terminal's language."""
    return words.pick(names, language())


def command(app: typer.Typer, name: str, code: str) -> Callable[[Function], Function]:
    """Register a function as a command; its help is a text of the catalogue, the first line its summary."""
    text = told(code)
    summary = text.partition("\n")[0]
    return app.command(name, help=text, short_help=summary)


def joined(*sentences: str) -> str:
    """Sentences one after the other, as the terminal's language sets them."""
    return (" " if language() == "en" else "").join(filter(None, sentences))


def console(error: bool = False) -> Console:
    """The terminal to draw on; made anew, so that it follows what the streams are now."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else UNBROKEN
    return Console(file=stream, highlight=False, soft_wrap=True, width=width)


def line(text: str = "") -> None:
    """Print one line."""
    console().print(text, markup=False)


def say(code: str, **params: object) -> None:
    """Print a sentence of the catalogue."""
    line(told(code, **params))


def aside(text: str) -> None:
    """Print one line that is no result: to standard error."""
    console(error=True).print(text, markup=False)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]], numbers: Iterable[int] = ()) -> None:
    """Print a table; ``numbers``: the columns that are set flush right."""
    right = set(numbers)
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for i, head in enumerate(heads):
        drawn.add_column(head, justify="right" if i in right else "left", overflow="fold", no_wrap=i == 0)
    for row in rows:
        drawn.add_row(*row)
    out = console()
    out.soft_wrap = False
    out.print(drawn, markup=False)


def give(value: Any) -> None:
    """Print JSON, indented, with its final newline."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def end(status: int) -> NoReturn:
    """End the command with this exit status."""
    raise typer.Exit(status)


def fail(
    code: str,
    given: Mapping[str, object] | None = None,
    *,
    as_json: bool = False,
    status: int = PROBLEMS,
    **more: object,
) -> NoReturn:
    """End the command with a sentence and what to do about it; ``as_json``: also as JSON."""
    params = {**(given or {}), **more}
    what, todo = told(code, **params), words.todo(code, language(), **params)
    if as_json:
        plain = {name: str(value) for name, value in params.items()}
        give({"ok": False, "code": code, "params": plain, "message": what})
    aside(f"{joined(what, todo)} [{code}]")
    end(status)
