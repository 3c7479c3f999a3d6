"""``compsys credential issue|export|revoke|suspend|reinstate|reissue``: what comes after an approval."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from compsys.commandline import credential_print
from compsys.commandline.access import Office, explained, office
from compsys.commandline.arguments import HERE, Folder, Json, write
from compsys.commandline.credential_shared import (
    BatchId,
    Confirmed,
    Numbers,
    PasswordFile,
    Reason,
    step,
)
from compsys.commandline.marking import password_of
from compsys.commandline.terminal import (
    PROBLEMS,
    UNREADABLE,
    aside,
    command,
    console,
    end,
    fail,
    give,
    line,
    say,
    told,
)

SLICE = 200
"""Credentials of one line."""


class Form(StrEnum):
    """What credentials can be written as."""

    json = "json"
    jwt = "jwt"
    pdf = "pdf"
    png = "png"
    svg = "svg"


class Why(StrEnum):
    """Why something issued is not good any more."""

    error = "error"
    fraud = "fraud"
    withdrawn = "withdrawn"
    appeal = "appeal"
    other = "other"


class Again(StrEnum):
    """Why something is issued anew."""

    name = "name"
    key_revoked = "key_revoked"
    error = "error"
    other = "other"


WhyOption = Annotated[Why, typer.Option("--code", help=told("cli.credential.why"))]
OfBatch = Annotated[
    str, typer.Option("--batch", metavar="BATCH", help=told("cli.credential.batch"), show_default=False)
]
OfKey = Annotated[
    str, typer.Option("--key", metavar="KEY", help=told("cli.credential.of_key"), show_default=False)
]


def add(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "issue", "cli.credential.issue")(issue)
    command(group, "export", "cli.credential.export")(export)
    command(group, "revoke", "cli.credential.revoke")(revoke)
    command(group, "suspend", "cli.credential.suspend")(suspend)
    command(group, "reinstate", "cli.credential.reinstate")(reinstate)
    command(group, "reissue", "cli.credential.reissue")(reissue)


def issue(batch: BatchId = "", directory: Folder = HERE, as_json: Json = False) -> None:
    """Issue what is approved and not issued yet, and what a kill left half done."""
    with office(directory, as_json) as desk:
        waiting = [batch] if batch else desk.query("credential_waiting")
        done = [finished(desk, one, as_json) for one in waiting]
    issued, void = sum(n for n, _ in done), [pair for _, pairs in done for pair in pairs]
    if as_json:
        give({"ok": not void, "issued": issued, "void": [{"id": one, "code": code} for one, code in void]})
    else:
        say("cli.credential.done", n=issued, void=len(void))
        for one, code in void:
            line(f"{one}: {told(code, number='', where='', id=one, value='', level='')}")
    if void:
        end(PROBLEMS)


def finished(desk: Office, batch: str, as_json: bool = False) -> tuple[int, list[tuple[str, str]]]:
    """Issue a batch slice by slice with a bar; how many, and what became void. Ends the command where the
    desk refuses."""
    issued, void = 0, list[tuple[str, str]]()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console(error=True), disable=as_json, transient=True) as bar:
        task = bar.add_task(told("cli.credential.issuing"), total=None)
        while True:
            found = desk.query("credential_issue", batch=batch)
            if not found["ok"]:
                bar.stop()
                fail(found["code"], found["params"], as_json=as_json)
            issued += found["issued"]
            void += [(one, code) for one, code in found["void"]]
            bar.update(task, completed=issued, total=issued + found["left"])
            # What became void is not tried again here: its reason would still be there.
            if not found["left"] or not found["issued"]:
                return issued, void


# ---------------------------------------------------------------- documents


def export(
    numbers: Numbers = None,
    batch: OfBatch = "",
    form: Annotated[Form, typer.Option("--format", help=told("cli.credential.format"))] = Form.json,
    delegation: credential_print.OfDelegation = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help=told("cli.credential.out"))] = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Write signed credentials: one to a file or standard output, several to files in a folder."""
    if form not in (Form.json, Form.jwt):
        drawn = credential_print.Form(form.value)
        credential_print.print_(
            numbers, batch, delegation, form=drawn, out=out, directory=directory, as_json=as_json
        )
        return
    with office(directory, as_json) as desk:
        which = list(numbers or []) or [one["id"] for one in desk.query("credentials", batch=batch)]
        if delegation:
            which = _of_delegation(desk, batch, delegation, as_json)
        asked = "credential_papers" if form == Form.json else "credential_jwt"
        found: list[Mapping[str, Any]] = []
        for at in range(0, len(which), SLICE):
            found += desk.query(asked, which=which[at : at + SLICE])
    for one in found:
        if "code" in one:
            fail(one["code"], one["params"], as_json=as_json)
    if not found:
        fail("cli.credential.nothing_to_export", as_json=as_json)
    if len(found) == 1 and not (out is not None and out.is_dir()):
        with explained(out or HERE, as_json):
            write(_bytes(found[0]), out)
        return
    if out is None:
        fail("cli.credential.folder_missing", as_json=as_json, status=UNREADABLE, n=len(found))
    with explained(out, as_json):
        out.mkdir(parents=True, exist_ok=True)
        for one in found:
            (out / f"{one['number']}.{form.value}").write_bytes(_bytes(one))
    if as_json:
        give({"ok": True, "written": len(found), "folder": str(out)})
    else:
        aside(told("cli.credential.exported", n=len(found), path=out))


def _of_delegation(desk: Office, batch: str, delegation: str, as_json: bool) -> list[str]:
    known = desk.query("credential_wanted", batch=batch, delegation=delegation)
    if "code" in known:
        fail(known["code"], known["params"], as_json=as_json)
    return [one["id"] for one in known["credentials"]]


def _bytes(found: Mapping[str, Any]) -> bytes:
    if "jwt" in found:
        return str(found["jwt"]).encode()
    return (json.dumps(found["document"], ensure_ascii=False, indent=1) + "\n").encode()


# ---------------------------------------------------------------- revoked, suspended, anew


def _move(
    move: str,
    numbers: Sequence[str],
    given: Mapping[str, str],
    file: Path | None,
    directory: Path,
    as_json: bool,
) -> None:
    with office(directory, as_json) as desk:
        found = _found(desk, numbers, as_json)
        for ids in _slices([one["id"].replace("-", "") for one in found]):
            moved = {"c": "move_credentials", "move": move, "credentials": ids}
            step(desk, {**moved, **given}, as_json, file=file)
        after = desk.query("credentials", which=[one["id"] for one in found])
    if as_json:
        give({"ok": True, "credentials": after})
    else:
        for one in after:
            line(f"{one['number']}  {told('cli.credential.status_' + one['status'])}")


def _found(desk: Office, numbers: Sequence[str], as_json: bool) -> list[Mapping[str, Any]]:
    if not numbers:
        fail("cli.credential.which", as_json=as_json, status=UNREADABLE)
    found = []
    for number in numbers:
        known = desk.query("credentials", which=[number])
        if not known:
            fail("credential.credential_unknown", as_json=as_json, id=number[:80])
        found.append(known[0])
    return found


def _slices(ids: Sequence[str]) -> Iterator[list[str]]:
    for at in range(0, len(ids), SLICE):
        yield list(ids[at : at + SLICE])


def revoke(
    numbers: Numbers = None,
    code: WhyOption = Why.other,
    reason: Reason = "",
    confirmed_by: Confirmed = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Revoke credentials for good, with a second person."""
    given = {"code": code.value, "reason": reason, "confirmed_by": confirmed_by}
    _move("revoked", numbers or [], given, password_file, directory, as_json)


def suspend(
    numbers: Numbers = None,
    code: WhyOption = Why.appeal,
    reason: Reason = "",
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Suspend credentials; reinstate undoes it."""
    _move("suspended", numbers or [], {"code": code.value, "reason": reason}, None, directory, as_json)


def reinstate(
    numbers: Numbers = None,
    code: WhyOption = Why.appeal,
    reason: Reason = "",
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Make suspended credentials valid again."""
    _move("reinstated", numbers or [], {"code": code.value, "reason": reason}, None, directory, as_json)


def reissue(
    numbers: Numbers = None,
    key: OfKey = "",
    code: Annotated[Again, typer.Option("--code", help=told("cli.credential.again"))] = Again.name,
    reason: Reason = "",
    confirmed_by: Confirmed = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Issue credentials anew under their ids: a corrected name, or all that a revoked key signed."""
    with office(directory, as_json) as desk:
        found = desk.query("credentials", key=key) if key else _found(desk, numbers or [], as_json)
        of: dict[str, list[str]] = {}
        for one in found:
            if one["status"] in ("valid", "suspended"):
                of.setdefault(one["batch"], []).append(one["id"].replace("-", ""))
        password = password_of(confirmed_by, password_file, as_json) if confirmed_by else ""
        done = 0
        for batch, ids in of.items():
            finished(desk, batch, as_json)  # what a kill left half done comes first
            for some in _slices(ids):
                told_ = desk.query(
                    "credential_reissue", credentials=some, code=code.value, reason=reason,
                    confirmed_by=confirmed_by, passwords={confirmed_by: password},
                )  # fmt: skip
                if not told_["ok"]:
                    fail(told_["code"], told_["params"], as_json=as_json)
                done += told_["issued"]
    give({"ok": True, "issued": done}) if as_json else say("cli.credential.reissued", n=done)
