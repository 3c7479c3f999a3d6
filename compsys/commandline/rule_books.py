"""The commands ``rules list``, ``show``, ``check``: the shipped rule books, one of them, one's own files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from compsys.commandline.access import explained
from compsys.commandline.arguments import Json
from compsys.commandline.rule_files import problems_of, profile_of, say_problems
from compsys.commandline.terminal import OK, PROBLEMS, command, end, give, line, named, say, table, told
from scoring_rules import profile_sources, profiles
from scoring_rules.profile_sources import Fact
from scoring_rules.profiles import Profile

Which = Annotated[str, typer.Argument(metavar="PROFILE", help=told("cli.rules.profile"))]
Files = Annotated[list[Path], typer.Argument(metavar="FILE", help=told("cli.rules.file"))]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    rules = typer.Typer(help=told("cli.rules"), no_args_is_help=True, rich_markup_mode=None)
    rules.callback()(lambda: None)
    command(rules, "list", "cli.rules.list")(catalogue)
    command(rules, "show", "cli.rules.show")(show)
    command(rules, "check", "cli.rules.check")(check)
    app.add_typer(rules, name="rules")


def catalogue(as_json: Json = False) -> None:
    """Every shipped rule book: id, title, what it holds, how much of it has no source."""
    books = [_about(profiles.load(name)) for name in profiles.names()]
    if as_json:
        give([{**book, "title": dict(profiles.load(book["id"]).title)} for book in books])
        return
    heads = [told(f"cli.rules.{head}") for head in ("id", "title", "parts", "open")]
    rows = [
        [
            book["id"],
            named(profiles.load(book["id"]).title),
            " ".join(book["parts"]),
            f"{book['unverified']} / {book['lines']}",
        ]
        for book in books
    ]
    table(heads, rows, (3,))


def _about(profile: Profile) -> dict[str, Any]:
    found = profile_sources.facts(profile.text)
    extras = profile.extras
    parts = {
        "medals": profile.medals.function != "none",
        "scale": profile.scale is not None,
        "prizes": extras.prizes is not None,
        "cut": extras.cut is not None,
        "teams": extras.teams is not None,
        "promotion": profile.promotion is not None,
    }
    return {
        "id": profile.id,
        "version": profile.version,
        "source": profile.source,
        "digest": profile.digest,
        "parts": [name for name, there in parts.items() if there],
        "lines": len(found),
        "unverified": sum(fact.state != "verified" for fact in found),
    }


def show(which: Which, as_json: Json = False) -> None:
    """Every line of a rule book with where it comes from; what no source bears out says so."""
    profile = profile_of(which, as_json)
    found = profile_sources.facts(profile.text)
    if as_json:
        lines = [fact._asdict() for fact in found]
        give({**_about(profile), "title": dict(profile.title), "facts": lines})
        return
    line(f"{named(profile.title)} ({profile.id}, {told('cli.rules.version', version=profile.version)})")
    line(profile.source)
    line(f"SHA-256 {profile.digest}")
    line()
    heads = [told(f"cli.rules.{head}") for head in ("line", "key", "value", "state", "from")]
    table(heads, [_row(fact) for fact in found], (0,))
    counts = Counter(fact.state for fact in found)
    say("cli.rules.counts", lines=len(found), unverified=counts["unverified"], partly=counts["partly"])


def _row(fact: Fact) -> list[str]:
    state = "" if fact.state == "verified" else told(f"cli.rules.{fact.state}")
    return [str(fact.line), fact.key, fact.value, state, fact.source]


def check(files: Files, as_json: Json = False) -> None:
    """Check rule books of one's own: every problem with file and line, all at once."""
    found: list[dict[str, Any]] = []
    sound: list[dict[str, Any]] = []
    for file in files:
        with explained(file, as_json):
            text = file.read_bytes().decode("utf-8", "replace")
        try:
            sound.append({"file": str(file), **_about(profiles.parse(text, file.name))})
        except profiles.ProfileUnreadable as unreadable:
            found += problems_of(unreadable)
    if as_json:
        give({"ok": not found, "profiles": sound, "problems": found})
    else:
        say_problems(found)
        for book in sound:
            say("cli.rules.sound", **{**book, "parts": ", ".join(book["parts"])})
    end(PROBLEMS if found else OK)
