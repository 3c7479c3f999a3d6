"""``compsys credential propose|list|notice|object|answer|approve``: the way to an approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from compsys.commandline.access import office
from compsys.commandline.arguments import HERE, Folder, Group, Json, group_of
from compsys.commandline.credential_shared import BatchId, By, PasswordFile, Words, refused, step
from compsys.commandline.marking import password_of
from compsys.commandline.rule_files import profile_of
from compsys.commandline.terminal import UNREADABLE, command, fail, give, named, say, table, told

IssuerOption = Annotated[
    str, typer.Option("--issuer", metavar="ISSUER", help=told("cli.credential.slug"), show_default=False)
]
Rules = Annotated[
    str, typer.Option("--rules", "-r", metavar="PROFILE", help=told("cli.promote.rules"), show_default=False)
]
OccupationOption = Annotated[
    str,
    typer.Option(
        "--occupation", metavar="CODE@EDITION", help=told("cli.credential.code"), show_default=False
    ),
]
Award = Annotated[bool, typer.Option("--award", help=told("cli.credential.award"))]
Score = Annotated[bool, typer.Option("--score", help=told("cli.credential.score"))]
Participation = Annotated[bool, typer.Option("--participation", help=told("cli.credential.participation"))]
Site = Annotated[
    str, typer.Option("--site", metavar="SITE", help=told("cli.credential.site"), show_default=False)
]
Days = Annotated[int, typer.Option("--days", min=0, max=60, help=told("cli.credential.days"))]
Since = Annotated[
    str, typer.Option("--since", metavar="DATE", help=told("cli.credential.since"), show_default=False)
]
Holiday = Annotated[
    list[str] | None,
    typer.Option("--holiday", metavar="DATE", help=told("cli.credential.holiday"), show_default=False),
]
Workday = Annotated[
    list[str] | None,
    typer.Option("--workday", metavar="DATE", help=told("cli.credential.workday"), show_default=False),
]


def add(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "propose", "cli.credential.propose")(propose)
    command(group, "list", "cli.credential.list")(list_)
    command(group, "notice", "cli.credential.notice")(notice)
    command(group, "object", "cli.credential.object")(object_)
    command(group, "answer", "cli.credential.answer")(answer)
    command(group, "approve", "cli.credential.approve")(approve)


def propose(
    group: Group,
    issuer: IssuerOption = "",
    rules: Rules = "",
    occupation: OccupationOption = "",
    award: Award = False,
    score: Score = False,
    participation: Participation = False,
    site: Site = "",
    by: By = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Make a batch of proposals from a group's official result, and show it."""
    trade, stage, one = group_of(group, as_json)
    if award and score:
        fail("cli.credential.award_or_score", as_json=as_json, status=UNREADABLE)
    paper = "award" if award or participation else "score" if score else "level"
    text = profile_of(rules, as_json).text if rules else ""
    wanted = {
        "paper": paper, "issuer": issuer, "trade": trade, "stage": stage, "group": one, "rules": text,
        "occupation": occupation, "site": site, "participation": participation,
    }  # fmt: skip
    passwords = {by: password_of(by, password_file, as_json)} if by else {}
    with office(directory, as_json) as desk:
        made = desk.query("credential_propose", command=wanted, by=by, passwords=passwords)
        refused(made, as_json)
        found = desk.query("credential_batch", batch=made["batch"])
    _show(found, as_json)


def _show(found: Mapping[str, Any], as_json: bool) -> None:
    """A batch with its rows, what speaks against them, and what to do next."""
    if as_json:
        give({"ok": True, **found})
        return
    _head(found)
    heads = ("row", "name", "level", "award", "mark", "number", "checks")
    table([told(f"cli.credential.head_{head}") for head in heads], map(_row, found["list_rows"]), [0])
    for one in found["objections"]:
        upheld = {None: "open", True: "upheld", False: "rejected"}[one["upheld"]]
        word = told(f"cli.credential.objection_{upheld}")
        say("cli.credential.objection", n=one["n"], row=one["row"], words=one["words"], state=word)
    if found["changed"]["left"]:
        left = " ".join(map(str, found["changed"]["left"]))
        say("cli.credential.changed", version=found["changed"]["version"], rows=left)
    word = found["state"]
    say(f"cli.credential.next_{word}", batch=found["batch"][:8])


def _head(found: Mapping[str, Any]) -> None:
    where = "/".join(filter(None, (found["trade"], found["stage"], found["group"]))) or found["assessment"]
    word, kind = found["state"], found["paper"]
    state, paper = told(f"cli.credential.state_{word}"), told(f"cli.credential.paper_{kind}")
    say(
        "cli.credential.head", batch=found["batch"], paper=paper, where=where, version=found["version"],
        state=state, rules=found["rules"], until=found["until"], by=found["approved_by"],
    )  # fmt: skip


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    level = told(f"promotion.level_{row['level']}") if row.get("level") else ""
    action = row.get("action", "new")
    if action != "new":
        level = " ".join(filter(None, (told(f"cli.credential.action_{action}"), level)))
    return (
        str(row["row"]), named(row["name"]) or row["person"], level, row.get("award", ""),
        row["results"].get("mark", ""), row["number"], _checks(row),
    )  # fmt: skip


def _checks(row: Mapping[str, Any]) -> str:
    """What speaks against a row, and what nobody can know here."""
    against = list(dict.fromkeys(filter(None, (row["out"], *row["failed"]))))
    bad = told("ui.comma").join(_check(code) for code in against)
    open_ = told("ui.comma").join(_check(code) for code in row["unknown"])
    said = told("cli.credential.against", what=bad) if bad else ""
    return " · ".join(filter(None, (said, told("cli.credential.unknown", what=open_) if open_ else "")))


def _check(code: str) -> str:
    return told(f"credential.check_{code}")


What = Annotated[
    list[str] | None,
    typer.Argument(metavar="BATCH|NUMBER...", help=told("cli.credential.what"), show_default=False),
]
Issued = Annotated[bool, typer.Option("--issued", help=told("cli.credential.issued"))]
KeyOption = Annotated[
    str, typer.Option("--key", metavar="KEY", help=told("cli.credential.of_key"), show_default=False)
]
Status = Annotated[
    str, typer.Option("--status", metavar="STATUS", help=told("cli.credential.status"), show_default=False)
]


def list_(
    what: What = None,
    issued: Issued = False,
    key: KeyOption = "",
    status: Status = "",
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show the batches, one batch with its rows, or what was issued."""
    wanted = what or []
    with office(directory, as_json) as desk:
        one = desk.query("credential_batch", batch=wanted[0]) if len(wanted) == 1 and not issued else None
        if one is not None:
            _show(one, as_json)
            return
        if wanted or issued or key or status:
            of = wanted[0] if issued and wanted else ""
            which = [] if issued else wanted
            found = desk.query("credentials", which=which, batch=of, key=key, status=status)
            numbers = desk.query("credential_void")
            _credentials(found, numbers, wanted, as_json)
            return
        batches = desk.query("credential_batches")
    if as_json:
        give({"ok": True, "batches": batches})
        return
    for batch in batches:
        _head(batch)
        say("cli.credential.counts", rows=batch["rows"], done=batch["done"], out=batch["out"])
    if not batches:
        say("cli.credential.no_batches")


def _credentials(
    found: Sequence[Mapping[str, Any]], numbers: Mapping[str, Any], wanted: Sequence[str], as_json: bool
) -> None:
    if wanted and not found:
        fail("credential.credential_unknown", as_json=as_json, id=" ".join(wanted)[:80])
    if as_json:
        give({"ok": True, "credentials": list(found), **numbers})
        return
    heads = ("number", "name", "level", "award", "state", "since")
    table(
        [told(f"cli.credential.head_{head}") for head in heads],
        (
            (
                one["number"], named(one["name"]) or one["person"],
                told(f"promotion.level_{one['level']}") if one["level"] else "", one["award"],
                told(f"cli.credential.status_{one['status']}"), one["valid_from"],
            )
            for one in found
        ),
    )  # fmt: skip
    if numbers["void"] or numbers["waiting"]:
        say("cli.credential.void", void=len(numbers["void"]), waiting=numbers["waiting"])


# ---------------------------------------------------------------- notice, objections, approval


def notice(
    batch: BatchId,
    since: Since = "",
    days: Days = 5,
    holiday: Holiday = None,
    workday: Workday = None,
    by: By = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Put a batch's list on public notice."""
    with office(directory, as_json) as desk:
        day = since or desk.query("credential_offices")["today"]
        given = {"c": "give_notice", "batch": _id(desk, batch, as_json), "since": day, "days": days}
        days_off = {"holidays": holiday or [], "workdays": workday or []}
        step(desk, {**given, **days_off}, as_json, by, password_file)
        _show(desk.query("credential_batch", batch=batch), as_json)


def _id(desk: Any, batch: str, as_json: bool) -> str:
    found = desk.query("credential_batch", batch=batch)
    if found is None:
        fail("credential.batch_unknown", as_json=as_json, batch=batch)
    return str(found["batch"])


def object_(
    batch: BatchId,
    row: Annotated[int, typer.Argument(metavar="ROW", help=told("cli.credential.row"))],
    words: Words = "",
    by: By = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Record an objection to a row of a list on notice."""
    with office(directory, as_json) as desk:
        said = {"c": "object_notice", "batch": _id(desk, batch, as_json), "row": row, "words": words}
        done = step(desk, said, as_json, by, password_file)
    give({"ok": True, "n": done["n"]}) if as_json else say("cli.credential.objected", n=done["n"])


def answer(
    batch: BatchId,
    n: Annotated[int, typer.Argument(metavar="N", help=told("cli.credential.objection_n"))],
    upheld: Annotated[
        bool, typer.Option("--upheld/--rejected", help=told("cli.credential.upheld"), show_default=False)
    ] = False,
    words: Words = "",
    days: Days = 5,
    by: By = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Answer an objection; upheld, its row leaves the list and the new version goes on notice."""
    with office(directory, as_json) as desk:
        given = {"c": "answer_objection", "batch": _id(desk, batch, as_json), "n": n, "upheld": upheld}
        step(desk, {**given, "words": words, "days": days}, as_json, by, password_file)
        _show(desk.query("credential_batch", batch=batch), as_json)


def approve(
    batch: BatchId,
    officer: Annotated[
        str, typer.Option("--officer", metavar="ACCOUNT", help=told("cli.credential.officer_of"))
    ] = "",
    version: Annotated[
        int | None, typer.Option("--version", help=told("cli.credential.version"), show_default=False)
    ] = None,
    identity: Annotated[
        list[str] | None,
        typer.Option(
            "--identity", metavar="PERSON", help=told("cli.credential.identity"), show_default=False
        ),
    ] = None,
    authority: Annotated[
        str, typer.Option("--authority", help=told("cli.credential.authority"), show_default=False)
    ] = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Approve the newest list of a batch as an officer who did not propose it."""
    with office(directory, as_json) as desk:
        found = desk.query("credential_batch", batch=_id(desk, batch, as_json))
        if not as_json:
            _show(found, False)  # what is approved is seen before the password is asked
        given = {
            "c": "approve_batch", "batch": found["batch"], "confirmed_by": officer, "authority": authority,
            "version": found["list"] if version is None else version,
            "identity": ["*" if one == "all" else one for one in identity or []],
        }  # fmt: skip
        step(desk, given, as_json, file=password_file)
        found = desk.query("credential_batch", batch=batch)
    if as_json:
        give({"ok": True, **found})
    else:
        say("cli.credential.approved", rows=found["rows"] - found["out"], out=found["out"])
        say("cli.credential.next_approved", batch=found["batch"][:8])


