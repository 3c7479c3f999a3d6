"""Commands of the day: ``trades``, ``open``, ``lock``, ``publish``, ``results``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from compsys import events as e
from compsys import reawarding, words
from compsys.commandline.access import Office, explained, key, office
from compsys.commandline.arguments import HERE, Directory, Folder, Json, Target, write
from compsys.commandline.terminal import (
    PROBLEMS,
    UNREADABLE,
    aside,
    command,
    end,
    fail,
    give,
    language,
    line,
    named,
    say,
    table,
    told,
)
from compsys.exchange import book, results


class Rank(StrEnum):
    """What a result version is."""

    provisional = "provisional"
    official = "official"


class Audience(StrEnum):
    """Who may see it."""

    office = "office"
    delegations = "delegations"
    ceremony = "ceremony"
    public = "public"


class Form(StrEnum):
    """What results can be written as."""

    csv = "csv"
    xlsx = "xlsx"
    json = "json"
    pdf = "pdf"


class Tongue(StrEnum):
    """Languages of what is written."""

    zh = "zh-CN"
    en = "en"


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "trades", "cli.trades")(trades)
    command(app, "open", "cli.open")(open_)
    command(app, "lock", "cli.lock")(lock)
    command(app, "publish", "cli.publish")(publish)
    command(app, "results", "cli.results")(results_)


# ---------------------------------------------------------------- trades


def trades(directory: Directory = HERE, as_json: Json = False) -> None:
    """Every trade with its marking, signed sheets, result and releases."""
    with office(directory, as_json) as desk:
        found = desk.query("trades")
    if as_json:
        give({"ok": True, **found})
        return
    line(f"{named(found['competition']['name'])} ({found['competition']['id']})")
    if found["fault"]:
        aside(told(found["fault"]))
    heads = ("trade", "group", "marking", "signed", "result", "released")
    names = [told(f"cli.trades.{head}") for head in heads]
    table(["", *names], [_row(group) for group in found["groups"]], (4,))


MARKING = {
    "setup": "status.setup",
    "drawn": "cli.trades.drawn",
    "open": "status.open",
    "locked": "status.locked",
}
"""State of marking -> its sentence."""


def _row(group: dict[str, Any]) -> list[str]:
    sites = group["sites"]
    same = len(set(sites.values())) == 1
    said = {site: told(MARKING[state]) for site, state in sites.items()}
    marking = [state if same else f"{site} {state}" for site, state in said.items()]
    state, version = group["result"]["state"], group["result"]["version"]
    released = " ".join(f"{told(f'audience.{a}')} v{v}" for a, v in group["released"].items())
    return [
        f"{group['trade']}/{group['stage']}/{group['group']}",
        named(group["name"]),
        f"{named(group['stage_name'])} {named(group['group_name'])}",
        " ".join(dict.fromkeys(marking)),
        f"{group['signed']['done']}/{group['signed']['of']}",
        told(f"status.{state}", version=version),
        released,
    ]


# ---------------------------------------------------------------- open and lock


def open_(target: Target, directory: Folder = HERE, as_json: Json = False) -> None:
    """Draw where nothing is drawn yet, and open marking."""
    done: list[dict[str, Any]] = []
    with office(directory, as_json) as desk:
        for stream in _streams(desk, target, as_json):
            if stream["blocking"]:
                _blocked(stream, as_json)
            answer = desk.query("open", stream=stream["stream"])
            _refused(answer["answer"], as_json, done)
            done.append({"stream": stream["stream"], "drawn": answer["drawn"], "entries": answer["entries"]})
    _tell_done(done, as_json, lambda it: told("cli.open.done", stream=it["stream"], entries=it["entries"]))


def lock(
    target: Target,
    directory: Folder = HERE,
    reason: Annotated[str, typer.Option("--reason", help=told("cli.lock.reason"))] = "",
    as_json: Json = False,
) -> None:
    """Lock a stage: nothing may be missing; a reason where tablets hold marks, or may."""
    done: list[dict[str, Any]] = []
    with office(directory, as_json) as desk:
        for stream in _streams(desk, target, as_json):
            if stream["missing"] and not stream["locked"]:
                _incomplete(stream, as_json)
            if not stream["locked"]:
                _unsent(desk.query("unsent", stream=stream["stream"]), reason, as_json)
            answer = desk.do(e.Lock(stream=stream["stream"], scope="stage", reason=reason), key())
            _refused(msgspec.to_builtins(answer), as_json, done)
            done.append({"stream": stream["stream"], "n": answer.n})
    _tell_done(done, as_json, lambda it: told("cli.lock.done", stream=it["stream"]))


def _unsent(found: dict[str, Any], reason: str, as_json: bool) -> None:
    """Say which tablets may hold marks; without a reason that ends the command."""
    rows = found["unsent"]
    for row in () if as_json else rows:
        seat = told("lock.seat_earlier" if row["standing"] == "draining" else "seat.label", seat=row["seat"])
        heard = row["heard"] and f"{row['heard'][:16].replace('T', ' ')} UTC"
        if row["pending"]:
            code = "lock.unsent_now" if row["sure"] else "lock.unsent_gone"
        else:
            code = "lock.unknown_since" if heard else "lock.unknown"
        line(told(code, seat=seat, n=row["pending"] or 0, time=heard))
    if found["elsewhere"] and not as_json:
        say("lock.elsewhere")
    if rows and not reason.strip():
        seats = ", ".join(sorted({row["seat"] for row in rows}))
        fail("lock.unsent", {"count": len(rows), "seats": seats}, as_json=as_json)


def _streams(desk: Office, target: str, as_json: bool) -> list[dict[str, Any]]:
    """The streams a target names: of one stage, because stages open one after the other."""
    stages = list(dict.fromkeys(f"{g['trade']}/{g['stage']}" for g in _groups(desk, target, as_json)))
    if len(stages) > 1:
        fail("cli.which_stage", as_json=as_json, status=UNREADABLE, target=target, known=" ".join(stages))
    streams: list[dict[str, Any]] = desk.query("streams", target=stages[0])
    return streams


def _tell_done(done: list[dict[str, Any]], as_json: bool, words_of: Callable[[dict[str, Any]], str]) -> None:
    if as_json:
        give({"ok": True, "streams": done})
    else:
        for it in done:
            line(words_of(it))


def _refused(answer: dict[str, Any], as_json: bool, done: list[dict[str, Any]]) -> None:
    """End the command unless the answer is accepted, having said what was done before."""
    if answer["a"] != "accepted":
        if done and not as_json:
            say("cli.done_before", streams=", ".join(it["stream"] for it in done))
        fail(answer.get("code") or answer["a"], answer.get("params"), as_json=as_json)


def _blocked(stream: dict[str, Any], as_json: bool) -> None:
    """End the command with everything that keeps a stage from opening."""
    if as_json:
        fail("setup.blocking", as_json=True, count=len(stream["blocking"]))
    for problem in stream["blocking"]:
        code, params = problem["code"], problem["params"]
        todo = words.todo(code, language(), **params)
        line(f"{problem['where']}: {told(code, **params)} {todo} [{code}]")
    fail("setup.blocking", count=len(stream["blocking"]))


def _incomplete(stream: dict[str, Any], as_json: bool) -> None:
    """End the command with everything that keeps a stage from being locked."""
    missing = stream["missing"]
    if as_json:
        holes = [dict(zip(("code", "what", "why"), hole, strict=True)) for hole in missing]
        give({"ok": False, "code": "incomplete", "stream": stream["stream"], "missing": holes})
        end(PROBLEMS)
    for code, what, why in missing:
        line(f"{code}  {what}  {told(WHY[why])}")
    fail("incomplete", count=len(missing))


WHY = {
    "not_open": "cli.missing.not_open",
    "not_signed": "cli.missing.not_signed",
    "not_imported": "cli.missing.not_imported",
    "not_carried": "cli.missing.not_carried",
    "no_time": "cli.missing.no_time",
}
"""Why something is missing -> its sentence."""


# ---------------------------------------------------------------- publish


def publish(
    target: Target,
    rank: Annotated[Rank, typer.Option("--as", help=told("cli.publish.as"))],
    audience: Annotated[Audience, typer.Option("--to", help=told("cli.publish.to"))],
    directory: Folder = HERE,
    reason: Annotated[str, typer.Option(help=told("cli.publish.reason"))] = "",
    note_zh: Annotated[str, typer.Option(help=told("cli.publish.note_zh"))] = "",
    note_en: Annotated[str, typer.Option(help=told("cli.publish.note_en"))] = "",
    confirmed_by: Annotated[str, typer.Option(metavar="ACCOUNT", help=told("cli.publish.confirmed_by"))] = "",
    password_file: Annotated[Path | None, typer.Option(help=told("cli.publish.password_file"))] = None,
    as_json: Json = False,
) -> None:
    """Make a result version, or give the standing one to a further audience."""
    if rank == Rank.official and not confirmed_by:
        fail("cli.publish.who", as_json=as_json, status=UNREADABLE)
    note = {lang: text for lang, text in (("zh-CN", note_zh), ("en", note_en)) if text}
    done: list[dict[str, Any]] = []
    with office(directory, as_json) as desk:
        groups = _groups(desk, target, as_json)
        awards = _takes(desk, groups, as_json) if rank == Rank.official else {}
        ties = _ties(desk, groups, as_json)
        password = password_of(confirmed_by, password_file, as_json) if confirmed_by else ""
        for group in groups:
            command = e.Publish(
                trade=group["trade"],
                stage=group["stage"],
                group=group["group"],
                rank=rank.value,
                audience=audience.value,
                reason=reason,
                note=note,
                confirmed_by=confirmed_by,
            )
            answer = desk.query("publish", command=msgspec.to_builtins(command), password=password)
            name = f"{group['trade']}/{group['stage']}/{group['group']}"
            _refused(answer, as_json, done)
            done.append({"stream": name, "n": answer["n"]})
        after = {f"{g['trade']}/{g['stage']}/{g['group']}": g for g in desk.query("trades")["groups"]}
    versions = [
        {
            "group": it["stream"],
            **after[it["stream"]]["result"],
            "n": it["n"],
            **awards.get(it["stream"], {}),
            **ties.get(it["stream"], {}),
        }
        for it in done
    ]
    if as_json:
        give({"ok": True, "to": audience.value, "published": versions})
        return
    for it in versions:
        what = told(f"status.{it['state']}", version=it["version"])
        say("cli.publish.done", group=it["group"], version=what, audience=told(f"audience.{audience.value}"))


def _ties(desk: Office, groups: Sequence[dict[str, Any]], as_json: bool) -> dict[str, dict[str, Any]]:
    """Ties at the edge of an award, told before anything is published."""
    found = {}
    for group in groups:
        place = {name: group[name] for name in ("trade", "stage", "group")}
        ties = desk.query("edges", **place)
        if not ties:
            continue
        found["/".join(place.values())] = {"ties": ties}
        for tie in () if as_json else ties:
            whose = told("team.title") if tie["teams"] else ""
            entries = " ".join(map(named, tie["names"]) if tie["teams"] else tie["entries"])
            said = {"group": whose, "edge": tie["edge"], "place": tie["edge"], "entries": entries}
            aside(f"{told(tie['code'], **said)} {words.todo(tie['code'], language(), **said)}")
    return found


def _takes(desk: Office, groups: Sequence[dict[str, Any]], as_json: bool) -> dict[str, dict[str, Any]]:
    """What each group's new version takes and gives, said before the second person's password is asked."""
    found = {}
    for group in groups:
        place = {name: group[name] for name in ("trade", "stage", "group")}
        changes = desk.query("takes", **place)
        if not changes:
            continue
        name = "/".join(place.values())
        found[name] = {"awards": changes}
        if not as_json:
            aside(told("cli.publish.takes", group=name, n=len(changes)))
            for change in changes:
                aside("  " + taken_said(change))
    return found


def taken_said(change: Mapping[str, Any]) -> str:
    """One thing lost or gained, in words."""
    kind = change["kind"]

    def said(value: str) -> str:
        code = reawarding.word_of(kind, value)
        return told(code) if value else "-"

    who = ", ".join(filter(None, (named(change["name"]), named(change["delegation"]))))
    return told(
        "cli.publish.taken", unit=change["code"], who=who, kind=told(f"award.kind_{kind}"),
        way=told(f"award.way_{change['way']}"), before=said(change["before"]), after=said(change["after"]),
    )  # fmt: skip


def _groups(desk: Office, target: str, as_json: bool) -> list[dict[str, Any]]:
    groups = desk.query("trades")["groups"]
    wanted = target.split("/")
    found = [g for g in groups if [g["trade"], g["stage"], g["group"]][: len(wanted)] == wanted]
    if not found:
        known = " ".join(f"{g['trade']}/{g['stage']}/{g['group']}" for g in groups)
        fail("cli.unknown_target", as_json=as_json, status=UNREADABLE, target=target, known=known)
    return found


def password_of(account: str, file: Path | None, as_json: bool) -> str:
    """The confirming account's password: from a file, or typed on the terminal; never an argument."""
    if file is not None:
        with explained(file, as_json):
            return file.read_text("utf-8").strip("\r\n")
    if not sys.stdin.isatty():
        fail("cli.publish.no_terminal", as_json=as_json, status=UNREADABLE)
    typed: str = typer.prompt(told("cli.publish.password", account=account), hide_input=True, err=True)
    return typed


# ---------------------------------------------------------------- results


def results_(
    target: Annotated[str, typer.Argument(metavar="TRADE[/STAGE[/GROUP]]", help=told("cli.target"))] = "",
    everything: Annotated[bool, typer.Option("--all", help=told("cli.results.all"))] = False,
    form: Annotated[Form, typer.Option("--format", help=told("cli.results.format"))] = Form.csv,
    version: Annotated[int, typer.Option(help=told("cli.results.version"), min=0)] = 0,
    out: Annotated[Path | None, typer.Option("--out", "-o", help=told("cli.out"))] = None,
    lang: Annotated[Tongue | None, typer.Option(help=told("cli.lang"))] = None,
    directory: Folder = HERE,
) -> None:
    """Write results as a table, as data, or as a printable book."""
    if bool(target) == everything:
        fail("cli.results.which", status=UNREADABLE)
    tongue = lang.value if lang else language()
    if form in (Form.xlsx, Form.pdf) and out is None and sys.stdout.isatty():
        fail("cli.results.binary", status=UNREADABLE)
    with office(directory) as desk:
        if target:
            _groups(desk, target, False)
        if form == Form.pdf:
            found = desk.query("books", target=target)
        else:
            found = desk.query("results", target=target, version=version)
    if not found:
        fail("nothing_to_publish")
    try:
        data = book.pdf(found, tongue) if form == Form.pdf else results.render(found, form.value, tongue)
    except book.FontMissing as missing:
        fail("clerk.font_missing", fonts=", ".join(missing.looked[:4]))
    with explained(out or HERE):
        write(data, out)
