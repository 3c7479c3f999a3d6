"""What the rules' own commands share: the profile that is named, the table that is read, how they refuse."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from compsys import words
from compsys.commandline.access import explained
from compsys.commandline.arguments import GRAVE
from compsys.commandline.terminal import PROBLEMS, UNREADABLE, aside, end, fail, give, joined, language, told
from compsys.exchange import rule_csv
from compsys.exchange.rule_csv import Column, Fault, Sheet
from scoring_rules import profiles
from scoring_rules.profiles import Profile

Table = Annotated[Path, typer.Argument(metavar="FILE", help=told("cli.rules.table"))]
Rules = Annotated[str, typer.Option("--rules", "-r", metavar="PROFILE", help=told("cli.rules.profile"))]


def profile_of(said: str, as_json: bool) -> Profile:
    """The profile of that id, or in that .toml file; else the command ends with all that is wrong."""
    path = Path(said)
    try:
        if path.suffix == ".toml":
            with explained(path, as_json):
                text = path.read_bytes().decode("utf-8", "replace")
            return profiles.parse(text, path.name)
        return profiles.load(said)
    except KeyError:
        known = " ".join(profiles.names())
        fail("cli.rules.unknown", as_json=as_json, status=UNREADABLE, profile=said, known=known)
    except profiles.ProfileUnreadable as unreadable:
        found = problems_of(unreadable)
        if as_json:
            give({"ok": False, "problems": found})
        say_problems(found)
        end(PROBLEMS)


def problems_of(unreadable: profiles.ProfileUnreadable) -> list[dict[str, Any]]:
    """Everything that is wrong with a profile, with file and line, its sentence and what to do."""
    return [
        {
            "severity": p.severity,
            "where": p.where,
            "code": p.code,
            "params": dict(p.params),
            "message": words.say(p.code, language(), **p.params),
            "todo": words.todo(p.code, language(), **p.params),
        }
        for p in unreadable.problems
    ]


def say_problems(found: Sequence[Mapping[str, Any]]) -> None:
    """Print a profile's problems to standard error."""
    for problem in found:
        said = joined(problem["message"], problem["todo"])
        aside(f"{told(GRAVE[problem['severity']])} {problem['where']}: {said} [{problem['code']}]")


def table_of(file: Path, columns: Collection[Column], as_json: bool) -> Sheet:
    """The table in a file; what is wrong in it is noted there, nothing is printed yet."""
    with explained(file, as_json):
        data = file.read_bytes()
    return rule_csv.read(data, file.name, columns)


def refuse(sheet: Sheet, as_json: bool) -> None:
    """End the command with every problem when the table is not sound; else print the warnings alone."""
    faults = sheet.in_order()
    if as_json and not sheet.sound:
        give({"ok": False, "problems": [rule_csv.as_data(f, language()) for f in faults]})
    tell(faults)
    if not sheet.sound:
        end(PROBLEMS)


def tell(faults: Sequence[Fault]) -> None:
    """Print problems to standard error: how grave, row and column, the sentence, what to do, the code."""
    for fault in faults:
        said = rule_csv.as_data(fault, language())
        where = [told("cli.rules.row", row=fault.row, cell=fault.cell)] if fault.row else []
        place = " ".join([*where, fault.column]).strip()
        text = joined(said["message"], said["todo"])
        aside(f"{told(GRAVE[fault.severity])}{' ' if place else ''}{place}: {text} [{fault.code}]")
