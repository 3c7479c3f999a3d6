"""``compsys credential sheet``, ``subsidy``, ``figures``, ``archive``, ``archive-check``: registers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from compsys import words
from compsys.commandline import register_desk
from compsys.commandline.access import Office, explained, office
from compsys.commandline.arguments import HERE, Folder, Json, write
from compsys.commandline.marking import password_of
from compsys.commandline.terminal import (
    PROBLEMS,
    UNREADABLE,
    aside,
    command,
    end,
    fail,
    give,
    joined,
    language,
    line,
    say,
    table,
    told,
)
from compsys.exchange import credential_archive, register_map, register_toml, staff_list, subsidy_list
from compsys.exchange.lists_read import Row, open_list
from compsys.exchange.register_row import DAY, KINDS, LEVEL
from compsys.exchange.xlsx_package import Unreadable
from scoring_rules.promotion_model import LADDER

ALIKE = 5
"""Holes in the same column that are printed one by one; all of them stand in the JSON."""
SHOWN = 200
"""Problems that are printed; all of them stand in the JSON."""


class Form(StrEnum):
    """What a table can be written as."""

    xlsx = "xlsx"
    csv = "csv"


class Period(StrEnum):
    """What figures are counted by."""

    year = "year"
    month = "month"


class Dimension(StrEnum):
    """What figures are split by."""

    occupation = "occupation"
    issuer = "issuer"
    firm = "firm"
    region = "region"
    way = "way"
    batch = "batch"


def option(code: str, *names: str, metavar: str | None = None) -> Any:
    """An option with its help of the catalogue."""
    return typer.Option(*names, metavar=metavar, help=told(code), show_default=False)


Map = Annotated[str, option("cli.register.map", "--map", "-m", metavar="MAP")]
Since = Annotated[str, option("cli.register.since", "--since", metavar="DAY")]
Until = Annotated[str, option("cli.register.until", "--until", metavar="DAY")]
Issuer = Annotated[str, option("cli.register.issuer", "--issuer", metavar="ID")]
OfBatch = Annotated[str, option("cli.register.batch", "--batch", metavar="ID")]
Level = Annotated[list[str] | None, option("cli.register.level", "--level", metavar="LEVEL")]
Kind = Annotated[list[str] | None, option("cli.register.kind", "--kind", metavar="KIND")]
Out = Annotated[Path | None, option("cli.out", "--out", "-o")]
Skip = Annotated[bool, option("cli.register.skip", "--skip-holes")]
As = Annotated[str, option("cli.register.as", "--as", metavar="ACCOUNT")]
Password = Annotated[Path | None, option("cli.publish.password_file", "--password-file", metavar="FILE")]
Purpose = Annotated[str, option("cli.register.purpose", "--purpose", metavar="TEXT")]
ShowMap = Annotated[bool, option("cli.register.show_map", "--show-map")]
SchemeFile = Annotated[Path, typer.Argument(metavar="SCHEMES", help=told("cli.register.schemes"))]
Before = Annotated[list[Path] | None, option("cli.register.before", "--before", metavar="FILE")]
By = Annotated[list[Dimension] | None, option("cli.register.by", "--by")]
Per = Annotated[Period, typer.Option("--period", help=told("cli.register.period"))]
StaffFile = Annotated[Path | None, option("cli.register.staff", "--staff", metavar="FILE")]
FormOption = Annotated[Form | None, option("cli.register.format", "--format")]
BatchId = Annotated[str, typer.Argument(metavar="[BATCH]", help=told("cli.register.of_batch"))]
Add = Annotated[Path | None, option("cli.register.add", "--add", metavar="FOLDER")]
Archive = Annotated[Path, typer.Argument(metavar="ARCHIVE", help=told("cli.register.archive_path"))]
Listed = Annotated[bool, option("cli.register.list", "--list")]
Home = Annotated[Path | None, option("cli.register.check_dir", "--dir", "-d")]


def add(group: typer.Typer) -> None:
    """Add the commands to the group ``compsys credential``."""
    command(group, "sheet", "cli.register.sheet")(sheet)
    command(group, "subsidy", "cli.register.subsidy")(subsidy)
    command(group, "figures", "cli.register.figures")(figures)
    command(group, "archive", "cli.register.archive")(archive)
    command(group, "archive-check", "cli.register.archive_check")(archive_check)


# ---------------------------------------------------------------- what all of them share


def _wanted(
    as_json: bool,
    since: str = "",
    until: str = "",
    issuer: str = "",
    batch: str = "",
    levels: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Which certificates are meant; ends the command for a day, level or kind that is none."""
    for day in (since, until):
        if day and not DAY.match(day):
            fail("register.file_day", as_json=as_json, status=UNREADABLE, key="DAY", value=day)
    for given, known, name in ((levels, LADDER, "--level"), (kinds, KINDS, "--kind")):
        for one in given or ():
            if one not in known:
                more = {"key": name, "value": one, "known": " ".join(known)}
                fail("register.file_choice", more, as_json=as_json, status=UNREADABLE)
    return {
        "since": since, "until": until, "issuer": issuer, "batch": batch, "levels": list(levels or ()),
        "kinds": list(kinds or (LEVEL,)), "lang": language(),
    }  # fmt: skip


def _text(file: Path, as_json: bool) -> str:
    with explained(file, as_json):
        return file.read_bytes().decode("utf-8", "replace")


def _unsound(error: register_toml.Unsound, as_json: bool) -> None:
    """End the command with everything that is wrong with a file."""
    found = [register_toml.as_data(problem, language()) for problem in error.problems]
    if as_json:
        give({"ok": False, "problems": found})
    for one in found:
        said = joined(one["message"], one["todo"])
        aside(f"{told('cli.error')} {one['where']}: {said} [{one['code']}]")
    end(PROBLEMS)


def _refused(done: Mapping[str, Any], as_json: bool) -> None:
    """End the command where the desk could not do what was asked."""
    if "exists" in done:
        fail("cli.file_exists", as_json=as_json, path=done["exists"])
    if "disk" in done:
        code = "cli.unreadable"
        fail(code, as_json=as_json, status=UNREADABLE, path=done["path"], detail=done["disk"])
    if done.get("failed"):
        fail("internal_error", as_json=as_json)
    if "answer" in done:
        answer = done["answer"]
        fail(answer["code"] or answer["a"], answer.get("params"), as_json=as_json)
    if "bad" in done:
        fail(done["bad"]["code"], done["bad"]["params"], as_json=as_json)
    if "unknown" in done:
        known = " ".join(done["known"]) or "-"
        fail("cli.register.no_batch", as_json=as_json, status=UNREADABLE, batch=done["unknown"], known=known)


def _who(purpose: str, account: str, file: Path | None, as_json: bool) -> dict[str, str]:
    """Who takes something out and what for, as the journal notes it: an account with its password, or the
    office."""
    password = password_of(account, file, as_json) if account else ""
    return {"purpose": purpose, "account": account, "password": password}


def _needs_out(out: Path | None, as_json: bool) -> Path:
    """Persons go into files for their owner, never to a terminal or a pipe."""
    if out is None:
        fail("cli.register.out_missing", as_json=as_json, status=UNREADABLE)
    return out.absolute()


# ---------------------------------------------------------------- the upload sheet


def sheet(
    directory: Folder = HERE,
    map_: Map = "cn-national",
    since: Since = "",
    until: Until = "",
    issuer: Issuer = "",
    batch: OfBatch = "",
    level: Level = None,
    kind: Kind = None,
    out: Out = None,
    skip: Skip = False,
    purpose: Purpose = "",
    account: As = "",
    password_file: Password = None,
    show_map: ShowMap = False,
    as_json: Json = False,
) -> None:
    """Write the upload sheet; with holes nothing is written unless they may be skipped."""
    text = _map_text(map_, as_json)
    if show_map:
        write(text.encode(), out)
        return
    try:
        found = register_map.parse(text, map_)
    except register_toml.Unsound as error:
        _unsound(error, as_json)
        raise
    to = _needs_out(out, as_json)
    form = "csv" if to.suffix.lower() == ".csv" else "xlsx"
    wanted = _wanted(as_json, since, until, issuer, batch, level, kind or found.kinds)
    who = _who(purpose, account, password_file, as_json)
    with office(directory, as_json) as desk:
        asked = {"map_text": text, "form": form, "out": str(to), "skip": skip}
        done = desk.query("register_sheet", **asked, **wanted, **who)
    _refused(done, as_json)
    good = bool(done["written"])
    if as_json:
        give({"ok": good, "map": {"id": found.id, "version": found.version}, **done})
    else:
        _say_sheet(found, done)
    if not good:
        end(PROBLEMS)


def _map_text(said: str, as_json: bool) -> str:
    if said.endswith(".toml"):
        return _text(Path(said), as_json)
    try:
        return register_map.text_of(said)
    except KeyError:
        known = " ".join(register_map.shipped())
        fail("cli.register.no_map", as_json=as_json, status=UNREADABLE, map=said, known=known)


def _say_sheet(found: register_map.RegisterMap, done: Mapping[str, Any]) -> None:
    kinds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for hole in done["holes"]:
        kinds.setdefault((hole["code"], hole["column"] or ""), []).append(hole)
    for alike in kinds.values():
        for hole in alike[:ALIKE]:
            aside(f"{told('cli.error')} {joined(hole['message'], hole['todo'])} [{hole['code']}]")
        if len(alike) > ALIKE:
            aside(told("cli.register.alike", n=len(alike) - ALIKE, head=alike[0]["column"] or ""))
    for file in done["written"]:
        aside(told("cli.written", **file))
    if done["losing"]:
        aside(told("cli.register.losing", heads=", ".join(done["losing"])))
    if found.unverified:
        aside(told("cli.register.unverified", map=found.id))
    left = ", ".join(f"{told('register.' + _word(why))} {n}" for why, n in done["left"].items())
    code = "cli.register.sheet_done" if done["written"] else "cli.register.sheet_not"
    say(code, rows=done["rows"], short=done["short"], left=left)


def _word(why: str) -> str:
    return f"kind_{why}" if why in KINDS else f"state_{why}"


# ---------------------------------------------------------------- subsidies


def subsidy(
    schemes: SchemeFile,
    directory: Folder = HERE,
    since: Since = "",
    until: Until = "",
    issuer: Issuer = "",
    batch: OfBatch = "",
    before: Before = None,
    out: Out = None,
    purpose: Purpose = "",
    account: As = "",
    password_file: Password = None,
    as_json: Json = False,
) -> None:
    """Write the subsidy list: who is paid for, and who is not and why."""
    text = _text(schemes, as_json)
    try:
        known = subsidy_list.parse(text, schemes.name)
    except register_toml.Unsound as error:
        _unsound(error, as_json)
        raise
    to = _needs_out(out, as_json)
    earlier = [pair for file in before or () for pair in _earlier(file, known, as_json)]
    wanted = _wanted(as_json, since, until, issuer, batch)
    who = _who(purpose, account, password_file, as_json)
    with office(directory, as_json) as desk:
        asked = {"schemes_text": text, "before": earlier, "out": str(to)}
        done = desk.query("register_subsidies", **asked, **wanted, **who)
    _refused(done, as_json)
    if as_json:
        give({"ok": True, **done})
        return
    for file in done["written"]:
        aside(told("cli.written", **file))
    say("cli.register.subsidy_done", paid=done["paid"], excluded=done["excluded"])
    for code, n in done["reasons"].items():
        line(f"  {n}  {told(code)}")
    for scheme, total in done["sums"].items():
        say("cli.register.subsidy_sum", scheme=scheme, total=total)


def _earlier(file: Path, schemes: Sequence[subsidy_list.Scheme], as_json: bool) -> list[tuple[str, str]]:
    """(scheme, number) of a list that was made before; ends the command where it is none."""
    columns: dict[str, int] = {}
    found: list[tuple[str, str]] = []
    ids = {name: scheme.id for scheme in schemes for name in (scheme.id, *scheme.name.values())}
    heads = {
        words.say(f"register.head_{head}", lang): head
        for head in ("scheme", "number")
        for lang in words.LANGS
    }

    def visit(row: Row) -> None:
        if not columns:
            columns.update({heads[c.text]: at for at, c in enumerate(row.cells, 1) if c.text in heads})
            columns.setdefault("", 0)
        elif "scheme" in columns and "number" in columns:
            scheme = ids.get(row.cell(columns["scheme"]).text, "")
            found.append((scheme, row.cell(columns["number"]).text.lstrip("\t'")))

    with explained(file, as_json):
        data = file.read_bytes()
    try:
        sheets = open_list(data, file.name)
        sheets.each(sheets.sheets()[0].name, visit)
    except Unreadable as error:
        fail(f"list.{error.code}", error.params, as_json=as_json, status=UNREADABLE)
    if not {"scheme", "number"} <= columns.keys():
        fail("cli.register.no_earlier", as_json=as_json, status=UNREADABLE, path=file)
    return found


# ---------------------------------------------------------------- figures


def figures(
    directory: Folder = HERE,
    period: Per = Period.year,
    by: By = None,
    since: Since = "",
    until: Until = "",
    issuer: Issuer = "",
    batch: OfBatch = "",
    level: Level = None,
    staff: StaffFile = None,
    form: FormOption = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Count certificates, or the skilled among a firm's staff."""
    if by and len(by) > 2:
        fail("cli.register.by_two", as_json=as_json, status=UNREADABLE)
    wanted = _wanted(as_json, since, until, issuer, batch, level)
    people = _staff(staff, as_json) if staff else None
    with office(directory, as_json) as desk:
        done = _counted(desk, people, period, by, wanted)
    if as_json:
        data = done["data"] if people is None else {"firms": done["data"]}
        give({"ok": True, **data})
        return
    if form is not None:
        with explained(out or HERE, as_json):
            write(register_desk.rendered(done, form.value, language()), out)
        return
    numbers = [at for at, (_, _, number) in enumerate(done["heads"]) if number]
    heads = [words.pick(title, language()) for _, title, _ in done["heads"]]
    keys = [key for key, _, _ in done["heads"]]
    rows = [["" if row[key] is None else str(row[key]) for key in keys] for row in done["rows"]]
    table(heads, rows, numbers)
    if people is not None:
        say("cli.register.staff_known")
        return
    data = done["data"]
    left = ", ".join(f"{told('register.state_' + state)} {n}" for state, n in data["not_counted"].items())
    say("cli.register.figures_done", until=data["until"], left=left)


def _counted(
    desk: Office,
    people: list[tuple[str, str, str]] | None,
    period: Period,
    by: list[Dimension] | None,
    wanted: dict[str, Any],
) -> dict[str, Any]:
    if people is not None:
        firms: dict[str, Any] = desk.query("register_staff", staff=people, lang=language())
        return firms
    dimensions = [one.value for one in by or ()]
    found: dict[str, Any] = desk.query("register_figures", period=period.value, by=dimensions, **wanted)
    return found


def _staff(file: Path, as_json: bool) -> list[tuple[str, str, str]]:
    with explained(file, as_json):
        found = staff_list.read(file.read_bytes(), file.name)
    if found.faults:
        told_ = [
            {"cell": f.cell or None, "code": f.code, "params": f.params,
             "message": words.say(f.code, language(), **f.params),
             "todo": words.todo(f.code, language(), **f.params)}
            for f in found.faults
        ]  # fmt: skip
        if as_json:
            give({"ok": False, "problems": told_})
        for one in told_[:SHOWN]:
            where = f" {one['cell']}:" if one["cell"] else ""
            text = joined(str(one["message"]), str(one["todo"]))
            aside(f"{told('cli.error')}{where} {text} [{one['code']}]")
        end(PROBLEMS)
    return found.people


# ---------------------------------------------------------------- archives


def archive(
    batch: BatchId = "",
    directory: Folder = HERE,
    out: Out = None,
    more: Add = None,
    purpose: Purpose = "",
    account: As = "",
    password_file: Password = None,
    listed: Listed = False,
    as_json: Json = False,
) -> None:
    """Archive a batch, or list what was archived and looked at."""
    if listed:
        _list(directory, batch, as_json)
        return
    if not batch:
        fail("cli.register.which_batch", as_json=as_json, status=UNREADABLE)
    to = _needs_out(out, as_json)
    if more is not None and not more.is_dir():
        fail("cli.register.add_missing", as_json=as_json, status=UNREADABLE, path=more)
    who = _who(purpose, account, password_file, as_json)
    with office(directory, as_json) as desk:
        folder = str(more.absolute()) if more else ""
        done = desk.query("register_archive", batch=batch, out=str(to), add=folder, **who)
    _refused(done, as_json)
    manifest = done["manifest"]
    if as_json:
        give({"ok": True, **done})
        return
    volumes = ", ".join(f"{told('archive.volume_' + v)} {n}" for v, n in manifest["files"].items() if n)
    say("cli.register.archived", path=done["path"], n=manifest["certificates"], volumes=volumes)
    say("cli.register.keep", paper=manifest["keep_paper_until"], files=manifest["keep_files_until"])
    if manifest["empty"]:
        empty = ", ".join(told(f"archive.volume_{volume}") for volume in manifest["empty"])
        say("cli.register.empty", volumes=empty)


def _list(directory: Path, batch: str, as_json: bool) -> None:
    with office(directory, as_json) as desk:
        taken = desk.query("registers")
    found = [one for one in taken if not batch or one["subject"] == batch]
    if as_json:
        give({"ok": True, "taken": found})
        return
    heads = ("when", "what", "subject", "count", "by", "purpose")
    table(
        [told(f"cli.register.taken_{head}") for head in heads],
        (
            (
                one["t"][:19].replace("T", " "),
                told("cli.register.what_" + one["what"]),
                one["subject"],
                str(one["count"]),
                one["by"],
                one["purpose"],
            )
            for one in found
        ),
        [3],
    )


def archive_check(
    path: Archive,
    directory: Home = None,
    purpose: Purpose = "",
    account: As = "",
    password_file: Password = None,
    as_json: Json = False,
) -> None:
    """Hold an archive against its manifest, and with --dir against the journal, which notes the look."""
    found = credential_archive.check(path)
    problems = list(found.problems)
    told_: dict[str, Any] = {"competition": "", "same": None, "noted": False}
    if directory is not None and found.manifest is not None:
        who = _who(purpose, account, password_file, as_json)
        with office(directory, as_json) as desk:
            told_ = desk.query(
                "register_looked", batch=found.manifest.batch, competition=found.manifest.competition,
                digest=found.digest, count=found.manifest.certificates, **who,
            )  # fmt: skip
        _refused(told_, as_json)
        if not told_["same"]:
            problems.append(("archive.unknown", ""))
    status = UNREADABLE if found.manifest is None else PROBLEMS if problems else 0
    said = [(code, words.say(code, language(), path=p), words.todo(code, language())) for code, p in problems]
    if as_json:
        give(_checked(found, problems, told_))
    else:
        for code, sentence, todo in said[:SHOWN]:
            aside(f"{told('cli.error')} {joined(sentence, todo)} [{code}]")
        if found.manifest is not None:
            _say_check(found.manifest, bool(problems), told_)
    if status:
        end(status)


def _checked(
    found: credential_archive.Found, problems: Sequence[tuple[str, str]], noted: Mapping[str, Any]
) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "ok": not problems,
        "batch": manifest.batch if manifest else None,
        "certificates": manifest.certificates if manifest else None,
        "files": len(manifest.files) if manifest else None,
        "keep_paper_until": manifest.keep_paper_until if manifest else None,
        "keep_files_until": manifest.keep_files_until if manifest else None,
        "problems": [{"code": code, "path": path or None} for code, path in problems],
        "digest": found.digest,
        "same_as_journal": noted["same"],
        "noted": noted["noted"],
    }


def _say_check(manifest: credential_archive.Manifest, bad: bool, noted: Mapping[str, Any]) -> None:
    code = "cli.register.check_bad" if bad else "cli.register.check_good"
    say(code, batch=manifest.batch, files=len(manifest.files), n=manifest.certificates)
    say("cli.register.keep", paper=manifest.keep_paper_until, files=manifest.keep_files_until)
    if noted["same"] is None:
        say("cli.register.check_alone")
