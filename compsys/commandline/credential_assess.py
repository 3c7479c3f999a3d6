"""``compsys credential assess`` and its neighbours: assessments without a competition, to their proposals."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

import compsys.commandline.assess_desk  # noqa: F401 (makes control answer what these commands ask)
from compsys import commands_assessment as a
from compsys import words
from compsys.commandline.access import Office, explained, office
from compsys.commandline.arguments import GRAVE, HERE, Folder, Json
from compsys.commandline.marking import password_of
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
from compsys.exchange import assessment_file
from compsys.exchange.assessment_told import worded
from compsys.exchange.promotion_csv import level_name
from scoring_rules import assessment_rules
from scoring_rules.assessment_model import PARTS, STATUSES


class Supervisor(StrEnum):
    """Whose supervisor found something."""

    inner = "inner"
    outer = "outer"


class Severity(StrEnum):
    """How grave a finding is."""

    note = "note"
    minor = "minor"
    severe = "severe"


class Role(StrEnum):
    """What an account may do."""

    organizer = "organizer"
    officer = "officer"
    supervisor = "supervisor"


Batch = Annotated[str, typer.Argument(metavar="ID", help=told("cli.assess.batch"), show_default=False)]
ListFile = Annotated[Path, typer.Argument(metavar="FILE", help=told("cli.assess.list"), show_default=False)]
As = Annotated[str, typer.Option("--as", metavar="ACCOUNT", help=told("cli.assess.as"), show_default=False)]
Password = Annotated[Path | None, typer.Option(help=told("cli.publish.password_file"), show_default=False)]
Dry = Annotated[bool, typer.Option("--dry-run", help=told("cli.import.dry_run"))]
Partly = Annotated[bool, typer.Option("--skip-errors", help=told("cli.import.skip_errors"))]
Reason = Annotated[str, typer.Option(help=told("cli.assess.reason"), show_default=False)]


def add(group: typer.Typer) -> None:
    """Add the commands to the group ``credential``."""
    command(group, "account", "cli.assess_account")(account_)
    command(group, "assess", "cli.assess")(assess)
    command(group, "candidates", "cli.assess_candidates")(candidates)
    command(group, "clear", "cli.assess_clear")(clear)
    command(group, "marks", "cli.assess_marks")(marks)
    command(group, "confirm", "cli.assess_confirm")(confirm)
    command(group, "finding", "cli.assess_finding")(finding)
    command(group, "assessments", "cli.assessments")(assessments)


def _refused(answer: Mapping[str, Any], as_json: bool, desk: Office | None = None) -> None:
    """End the command unless the answer is ``accepted``; a person in it is said by name."""
    if answer["a"] == "accepted":
        return
    params = dict(answer.get("params") or {})
    for key in ("person", "candidate"):
        if desk is not None and params.get(key):
            known = desk.query("persons", who=params[key])
            params[key] = named(known[0]["name"]) or params[key] if known else params[key]
    fail(answer.get("code") or answer["a"], worded(params, language()), as_json=as_json)


# ---------------------------------------------------------------- an account


def account_(
    name: Annotated[str, typer.Argument(metavar="NAME", help=told("cli.assess.account"), show_default=False)],
    role: Annotated[Role, typer.Option(help=told("cli.assess.role"))] = Role.officer,
    password_file: Password = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Make an account, or give one a new password: in a house without trades there is no need of a server."""
    password = password_of(name, password_file, as_json)
    with office(directory, as_json) as desk:
        _refused(desk.query("account_make", account=name, role=role.value, password=password), as_json)
    _done(as_json, "cli.assess.account_made", account=name, role=role.value)


# ---------------------------------------------------------------- a batch


def assess(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=told("cli.assess.file"), show_default=False)],
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Open an assessment batch as a file describes it."""
    with explained(file, as_json):
        data = file.read_bytes()
        try:
            found = assessment_file.load(data)
        except assessment_file.Unreadable as error:
            fail(error.code, error.params, as_json=as_json, status=UNREADABLE)
        rules = _rules(file, found.rules, as_json)
    with office(directory, as_json) as desk:
        answer = desk.query("assessment_begin", data=data.decode("utf-8-sig"), rules=rules)
        _refused(answer, as_json, desk)
        batch = desk.query("assessments", batch=found.id)[0]
    if as_json:
        give({"ok": True, "assessment": batch})
        return
    _head(batch)
    say("cli.assess.opened", id=found.id)


def _rules(file: Path, name: str, as_json: bool) -> str:
    """The text of the rules: shipped, or a file beside the one that names it."""
    if name in assessment_rules.names():
        return assessment_rules.load(name).text
    if not name.endswith(".toml"):
        known = " ".join(assessment_rules.names())
        fail("cli.assess.rules", as_json=as_json, status=UNREADABLE, name=name, known=known)
    text = (file.parent / name).read_text("utf-8")
    try:
        assessment_rules.parse(text, name)
    except assessment_rules.AssessmentUnreadable as error:
        for problem in error.problems:
            aside(f"{problem.where}: {told(problem.code, **dict(problem.params))}")
        fail("profile_errors", as_json=as_json, count=len(error.problems))
    return text


def _head(batch: Mapping[str, Any]) -> None:
    say(
        "cli.assess.head", id=batch["id"], issuer=batch["issuer"], occupation=batch["occupation"],
        level=level_name(batch["level"], language()), day=batch["day"],
        state=told(f"assessment.word_{batch['state']}"),
    )  # fmt: skip


# ---------------------------------------------------------------- lists


def candidates(
    batch: Batch,
    file: ListFile,
    directory: Folder = HERE,
    dry_run: Dry = False,
    skip_errors: Partly = False,
    as_json: Json = False,
) -> None:
    """Look at a list of candidates and admit them."""
    with office(directory, as_json) as desk:
        found = desk.query(
            "assessment_candidates", path=str(_there(file, as_json)), batch=batch, dry_run=dry_run,
            partly=skip_errors, lang=language(),
        )  # fmt: skip
        if found["answer"] is not None:
            _refused(found["answer"], as_json, desk)
    if _looked(found, dry_run, as_json):
        say("cli.assess.admitted", n=found["admitted"], id=batch)
        if found["checks"]:
            say("cli.assess.to_check", n=found["checks"], id=batch)
    _status(found, dry_run, found["answer"] is not None)


def _looked(found: Mapping[str, Any], dry_run: bool, as_json: bool) -> bool:
    """Say what became of a list; whether it was taken and words are wanted of that."""
    done = found["answer"] is not None
    if as_json:
        give({"ok": done or (dry_run and found["takes"]), "dry_run": dry_run, **found})
        return False
    _findings(found["look"])
    if not done:
        _untaken(found, dry_run)
    return done


def _there(file: Path, as_json: bool) -> Path:
    with explained(file, as_json):
        file.open("rb").close()
    return file.resolve()


def _findings(look: Mapping[str, Any]) -> None:
    for one in look["findings"]:
        said = f"{one['message']} {one['todo']}".strip()
        line(f"{told(GRAVE[one['severity']])} {one['cell']}: {said} [{one['code']}]")


def _untaken(found: Mapping[str, Any], dry_run: bool) -> None:
    if dry_run and found["takes"]:
        say("cli.list.dry")
    elif found["look"]["counts"]["error"] or found["look"]["unreadable"] or not found["takes"]:
        say("cli.list.not_taken" if found["look"]["findings"] else "cli.list.same")


def _status(found: Mapping[str, Any], dry_run: bool, done: bool) -> None:
    look = found["look"]
    if look["unreadable"]:
        end(UNREADABLE)
    if not done and (look["counts"]["error"] or any(f["severity"] == "error" for f in look["findings"])):
        end(PROBLEMS)


def clear(
    batch: Batch,
    person: Annotated[str, typer.Argument(metavar="PERSON", help=told("cli.erase.who"), show_default=False)],
    account: As = "",
    password_file: Password = None,
    reason: Reason = "",
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Admit a candidate whose papers somebody has looked at."""
    with office(directory, as_json) as desk:
        known = desk.query("persons", who=person)
        if len(known) != 1:
            code = "cli.erase.several" if known else "unknown_record"
            ids = ", ".join(p["id"] for p in known)
            fail(code, {"kind": "person", "id": person, "who": person, "count": len(known), "known": ids},
                 as_json=as_json)  # fmt: skip
        cmd = a.ClearCandidate(batch=batch, person=known[0]["id"], reason=reason)
        _put(desk, cmd, account, password_file, as_json)
    _done(as_json, "cli.assess.cleared", person=named(known[0]["name"]), id=batch)


def _put(desk: Office, cmd: msgspec.Struct, account: str, file: Path | None, as_json: bool) -> None:
    """Put a command as an account, whose password is asked for; without one as the office."""
    password = password_of(account, file, as_json) if account else ""
    answer = desk.query(
        "as_account", command=msgspec.to_builtins(cmd), account=account, password=password
    )
    _refused(answer, as_json, desk)


def _done(as_json: bool, code: str, **params: object) -> None:
    if as_json:
        give({"ok": True, **params})
    else:
        say(code, **params)


def marks(
    batch: Batch,
    file: ListFile,
    account: As = "",
    password_file: Password = None,
    typed: Annotated[bool, typer.Option("--typed", help=told("cli.assess.typed"))] = False,
    reason: Reason = "",
    directory: Folder = HERE,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Look at a list of marks and enter them as one person has them."""
    with office(directory, as_json) as desk:
        password = password_of(account, password_file, as_json) if account else ""
        found = desk.query(
            "assessment_marks", path=str(_there(file, as_json)), batch=batch, dry_run=dry_run,
            account=account, password=password, via="typed" if typed else "import", reason=reason,
            lang=language(),
        )  # fmt: skip
        if found["answer"] is not None:
            _refused(found["answer"], as_json, desk)
    if _looked(found, dry_run, as_json):
        say("cli.assess.entered", n=found["entered"], id=batch)
        _differs(found["differs"])
    _status(found, dry_run, found["answer"] is not None)


def _differs(rows: list[Mapping[str, Any]]) -> None:
    for row in rows:
        said = ", ".join(f"{account} {text}" for account, text in row["said"].items())
        line(told("cli.assess.differs", person=named(row["name"]), part=_part(row["part"]), said=said))


def _part(name: str) -> str:
    return told(f"assessment.word_part_{name}")


def confirm(
    batch: Batch,
    account: As = "",
    password_file: Password = None,
    reason: Reason = "",
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Confirm what came of a batch, and propose who passed."""
    if not account:
        fail("cli.assess.who", as_json=as_json, status=UNREADABLE)
    with office(directory, as_json) as desk:
        password = password_of(account, password_file, as_json)
        found = desk.query(
            "assessment_confirm", batch=batch, account=account, password=password, reason=reason
        )
        _refused(found["answer"], as_json, desk)
        proposed = found["proposed"]
        if proposed["a"] != "accepted" and proposed["code"] != "assessment.nobody_passed":
            _refused(proposed, as_json, desk)
    if as_json:
        made = found["batch"] if proposed["a"] == "accepted" else ""
        give({"ok": True, "assessment": found["told"], "proposals": made})
        return
    _told(found["told"])
    if proposed["a"] == "accepted":
        say("cli.assess.proposed", batch=found["batch"])
    else:
        say("assessment.nobody_passed", batch=batch)


# ---------------------------------------------------------------- findings


def finding(
    batch: Batch,
    by: Annotated[Supervisor | None, typer.Option("--by", help=told("cli.assess.by"))] = None,
    severity: Annotated[Severity, typer.Option(help=told("cli.assess.severity"))] = Severity.minor,
    rule: Annotated[str, typer.Option(help=told("cli.assess.rule"), show_default=False)] = "",
    said: Annotated[str, typer.Option("--words", help=told("cli.assess.words"), show_default=False)] = "",
    answer: Annotated[int, typer.Option(metavar="N", help=told("cli.assess.answer"))] = 0,
    close: Annotated[int, typer.Option(metavar="N", help=told("cli.assess.close"))] = 0,
    account: As = "",
    password_file: Password = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """A supervisor's finding: raised (``--by``), answered or closed."""
    if (by is not None) + bool(answer) + bool(close) != 1:
        fail("cli.assess.which_finding", as_json=as_json, status=UNREADABLE)
    cmd: msgspec.Struct
    if by is not None:
        cmd = a.RaiseFinding(batch=batch, by=by.value, severity=severity.value, rule=rule, words=said)
    else:
        cmd = a.AnswerFinding(batch=batch, of=answer or close, words=said, close=bool(close))
    with office(directory, as_json) as desk:
        _put(desk, cmd, account, password_file, as_json)
        found = desk.query("assessments", batch=batch)[0]
    if as_json:
        give({"ok": True, "assessment": found})
        return
    _head(found)
    _found(found)


def _found(batch: Mapping[str, Any]) -> None:
    for one in batch["findings"]:
        say(
            "cli.assess.finding", n=one["n"], by=told(f"assessment.word_supervisor_{one['by']}"),
            severity=told(f"assessment.word_severity_{one['severity']}"), rule=one["rule"],
            words=one["words"],
            state=told(f"assessment.word_{_progress(one)}"),
        )  # fmt: skip


def _progress(one: Mapping[str, Any]) -> str:
    return "closed" if one["closed"] else "answered" if one["answers"] else "unanswered"


# ---------------------------------------------------------------- told


def assessments(
    batch: Annotated[str, typer.Argument(metavar="ID", help=told("cli.assess.batch"))] = "",
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """All assessment batches, or one with its candidates, differences and what is in the way."""
    with office(directory, as_json) as desk:
        found = desk.query("assessments", batch=batch)
    if batch and not found:
        fail("assessment.unknown", {"batch": batch}, as_json=as_json)
    if as_json:
        give({"ok": True, "assessments": found})
        return
    if not found:
        say("cli.assess.none")
    for one in found:
        if batch:
            _told(one)
        else:
            _head(one)


def _told(batch: Mapping[str, Any]) -> None:
    _head(batch)
    heads = ("person", *PARTS, "result", "again")
    rows = []
    for row in batch["candidates"]:
        again = ", ".join(
            told("cli.assess.again_until" if s["until"] else "cli.assess.again_new", part=_part(part), **s)
            for part, s in row["again"].items()
        )
        cells = [_cell(row["marks"].get(part)) for part in PARTS]
        rows.append((named(row["name"]), *cells, told(f"assessment.word_{row['result']}"), again))
    if rows:
        words_of = {part: _part(part) for part in PARTS}
        table([words_of.get(head) or told(f"cli.assess.column_{head}") for head in heads], rows)
    _found(batch)
    if batch["state"] != "confirmed":
        for lack in batch["lacks"][:20]:
            who = {"person": named(lack["person"]), "batch": batch["id"]}
            params = {**worded(lack["params"], language()), **who}
            line(f"- {told(lack['code'], **params)} {words.todo(lack['code'], language(), **params)}".strip())


def _cell(part: Mapping[str, str] | None) -> str:
    if part is None:
        return ""
    status = told(f"assessment.word_{part['mark']}") if part["mark"] in STATUSES else part["mark"]
    state = f" ({told('assessment.word_kept')})" if part["state"] == "kept" else ""
    failed = f" ({told('assessment.word_below')})" if part["passed"] == "no" else ""
    return f"{status}{state}{failed}"
