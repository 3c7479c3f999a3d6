"""JSON for people and their version control: read strictly, written one record per line where it fits."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any

from scoring_rules.refusal import Problem

WIDTH = 120
"""An object or list that fits into so many characters stands on one line."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def write(value: Any) -> bytes:
    """``value`` (dicts, lists, texts, whole numbers, booleans, None) as UTF-8 JSON text with a final newline.

    >>> print(write({"a": [1, 2], "b": {"c": "d"}}).decode(), end="")
    {
      "a": [1, 2],
      "b": {"c": "d"}
    }
    """
    return ("\n".join(_lines(value, "", 0)) + "\n").encode()


_compact: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _lines(value: Any, before: str, depth: int) -> Iterator[str]:
    """The lines of a value; ``before`` stands in front of it (indentation, key). The outermost never fits."""
    short = before + _compact(value)
    holds = isinstance(value, dict | list) and len(value) > 0
    if not holds or (depth and len(short) < WIDTH):
        yield short
        return
    pad = "  " * (depth + 1)
    inner: list[list[str]] = []
    if isinstance(value, dict):
        inner = [list(_lines(item, f"{pad}{_compact(key)}: ", depth + 1)) for key, item in value.items()]
    else:
        inner = [list(_lines(item, pad, depth + 1)) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield before + opening
    for i, lines in enumerate(inner):
        yield from lines[:-1]
        yield lines[-1] + ("," if i + 1 < len(inner) else "")
    yield "  " * depth + closing


def read(data: bytes, name: str) -> tuple[Any, list[Problem]]:
    """The value a file holds (TOML when ``name`` ends in .toml, else JSON), and what is wrong with its text.

    A byte order mark is accepted. Fractions stay text, so that nothing is rounded; NaN and Infinity, a key
    twice in one object, control characters and half surrogate pairs are problems. Codes: file.not_utf8,
    file.not_json, file.not_toml, file.too_deep, file.key_twice, file.bad_text.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [Problem("error", "$", "file.not_utf8", {"byte": str(error.start)})]
    toml = name.lower().endswith(".toml")
    try:
        value, problems = (_toml(text), []) if toml else _json(text)
    except RecursionError:
        return None, [Problem("error", "$", "file.too_deep")]
    except json.JSONDecodeError as error:
        where = {"line": str(error.lineno), "column": str(error.colno)}
        return None, [Problem("error", f"line {error.lineno}", "file.not_json", where)]
    except tomllib.TOMLDecodeError as error:
        return None, [Problem("error", "$", "file.not_toml", {"message": str(error)})]
    except ValueError as error:  # a number that is no number, or one of thousands of digits
        return None, [Problem("error", "$", "file.bad_number", {"value": str(error)})]
    return value, problems + list(bad_texts(value, "$"))


def _json(text: str) -> tuple[Any, list[Problem]]:
    problems: list[Problem] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(found)
        if len(table) < len(found):
            names = [name for name, _ in found]
            for name in dict.fromkeys(n for n in names if names.count(n) > 1):
                problems.append(Problem("error", "$", "file.key_twice", {"key": name}))
        return table

    def constant(word: str) -> Any:
        raise ValueError(word)

    return json.loads(text, object_pairs_hook=pairs, parse_float=str, parse_constant=constant), problems


def _toml(text: str) -> Any:
    return _plain(tomllib.loads(text, parse_float=str))


def _plain(value: Any) -> Any:
    """TOML's own dates and times as the text they were written in."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def bad_texts(value: Any, where: str) -> Iterator[Problem]:
    """A problem for every text that holds control characters or half of a surrogate pair."""
    if isinstance(value, str):
        if found := _CONTROL.search(value):
            yield Problem("error", where, "file.bad_text", {"character": f"U+{ord(found[0]):04X}"})
    elif isinstance(value, dict):
        for key, item in value.items():
            if found := _CONTROL.search(key):
                yield Problem("error", where, "file.bad_text", {"character": f"U+{ord(found[0]):04X}"})
            yield from bad_texts(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from bad_texts(item, f"{where}[{i}]")
