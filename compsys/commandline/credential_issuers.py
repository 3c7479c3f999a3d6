"""``compsys credential issuer|key|occupation|officer|training``: who issues, for what, with which key."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from compsys.commandline.access import explained, office
from compsys.commandline.arguments import HERE, Folder, Json
from compsys.commandline.credential_shared import Confirmed, PasswordFile, Reason, refused, step
from compsys.commandline.terminal import UNREADABLE, command, fail, give, line, named, say, table, told
from compsys.records_credentials import Issuer, Occupation

RecordFile = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help=told("cli.credential.record"), show_default=False),
]
Slug = Annotated[str, typer.Argument(metavar="ISSUER", help=told("cli.credential.slug"), show_default=False)]


class Suite(StrEnum):
    """What a key signs by."""

    ed25519 = "Ed25519"
    es256 = "ES256"


New = Annotated[bool, typer.Option("--new", help=told("cli.credential.key.new"))]
SuiteOption = Annotated[Suite, typer.Option("--suite", help=told("cli.credential.key.suite"))]
Retire = Annotated[
    str, typer.Option("--retire", metavar="KEY", help=told("cli.credential.key.retire"), show_default=False)
]
Revoke = Annotated[
    str, typer.Option("--revoke", metavar="KEY", help=told("cli.credential.key.revoke"), show_default=False)
]
Account = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help=told("cli.credential.account"), show_default=False)
]


def add(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "issuer", "cli.credential.issuer")(issuer)
    command(group, "key", "cli.credential.key")(key)
    command(group, "occupation", "cli.credential.occupation")(occupation)
    command(group, "training", "cli.credential.training")(training)


def _records(file: Path, kind: Any, as_json: bool) -> list[Any]:
    """The records of a JSON or TOML file: one, or a list; ends the command where one is not right."""
    with explained(file, as_json):
        data = file.read_bytes()
    try:
        plain = tomllib.loads(data.decode()) if file.suffix == ".toml" else json.loads(data)
        found = plain.get("records", [plain]) if isinstance(plain, dict) else plain
        return [msgspec.convert(one, kind) for one in found]
    except (ValueError, TypeError) as error:
        fail("cli.credential.record_wrong", as_json=as_json, status=UNREADABLE, file=file, detail=error)


def issuer(file: RecordFile = None, directory: Folder = HERE, as_json: Json = False) -> None:
    """Set issuers from a file, or list them."""
    if file is not None:
        _set(file, Issuer, "set_issuer", "issuer", directory, as_json)
        return
    with office(directory, as_json) as desk:
        found = desk.query("credential_offices")
    if as_json:
        give({"ok": True, **found})
        return
    heads = ("slug", "name", "filing", "until", "key", "issued")
    rows = []
    for one in found["issuers"]:
        filed = one.get("filing") or {}
        signs = next((k["id"] for k in reversed(one["keys"]) if not (k["retired"] or k["revoked"])), "")
        rows.append(
            (one["id"], named(one["name"]), filed.get("code", ""), filed.get("until", ""), signs[:16],
             str(one["issued"]))
        )  # fmt: skip
    table([told(f"cli.credential.head_{head}") for head in heads], rows, [5])


def _set(file: Path, kind: Any, tag: str, field: str, directory: Path, as_json: bool) -> None:
    records = _records(file, kind, as_json)
    changed = 0
    with office(directory, as_json) as desk:
        for one in records:
            answer = desk.query("credential_step", command={"c": tag, field: msgspec.to_builtins(one)})
            if answer["a"] == "refused" and answer["code"] == "credential.already_so":
                continue
            refused(answer, as_json)
            changed += 1
    if as_json:
        give({"ok": True, "records": len(records), "changed": changed})
    else:
        say("cli.credential.set", n=len(records), changed=changed)


def occupation(file: RecordFile = None, directory: Folder = HERE, as_json: Json = False) -> None:
    """Set occupations from a file, or list them."""
    if file is not None:
        _set(file, Occupation, "set_occupation", "occupation", directory, as_json)
        return
    with office(directory, as_json) as desk:
        found = desk.query("credential_offices")["occupations"]
    if as_json:
        give({"ok": True, "occupations": found})
        return
    heads = ("code", "name", "standard", "levels")
    table(
        [told(f"cli.credential.head_{head}") for head in heads],
        (
            (
                f"{one['code']}@{one['edition']}", named(one["name"]), one.get("standard", ""),
                " ".join(one.get("levels", ("5", "4", "3", "2", "1"))),
            )
            for one in found
        ),
    )  # fmt: skip


def key(
    issuer: Slug = "",
    new: New = False,
    suite: SuiteOption = Suite.ed25519,
    retire: Retire = "",
    revoke: Revoke = "",
    reason: Reason = "",
    confirmed_by: Confirmed = "",
    password_file: PasswordFile = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """List an issuer's keys; make a new one, retire one, revoke one."""
    with office(directory, as_json) as desk:
        if new:
            refused(desk.query("credential_key", issuer=issuer, suite=suite.value), as_json)
        elif retire or revoke:
            move = {"c": "move_key", "issuer": issuer, "key": retire or revoke, "reason": reason}
            word = {"move": "retired" if retire else "revoked", "confirmed_by": confirmed_by}
            step(desk, {**move, **word}, as_json, file=password_file)
        found = desk.query("credential_offices")["issuers"]
    keys = [{"issuer": one["id"], **k} for one in found if issuer in ("", one["id"]) for k in one["keys"]]
    if as_json:
        give({"ok": True, "keys": keys})
        return
    heads = ("slug", "key", "suite", "made", "retired", "revoked")
    table(
        [told(f"cli.credential.head_{head}") for head in heads],
        ((k["issuer"], k["id"], k["suite"], k["made"], k["retired"], k["revoked"]) for k in keys),
    )
    if revoke and not retire:
        say("cli.credential.key.revoked", key=revoke)


def training(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help=told("cli.credential.training_file"))],
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Note who trained whom: a table of person, body, trainer."""
    with explained(file, as_json):
        text = file.read_text("utf-8-sig")
    rows = [[*(cell.strip() for cell in row), "", ""][:3] for row in csv.reader(io.StringIO(text)) if row]
    if rows and rows[0][0].lower() == "person":
        rows = rows[1:]
    with office(directory, as_json) as desk:
        for at in range(0, len(rows), 200):
            noted = {"c": "note_training", "rows": rows[at : at + 200]}
            refused(desk.query("credential_step", command=noted), as_json)
    if as_json:
        give({"ok": True, "rows": len(rows)})
    else:
        line(told("cli.credential.noted", n=len(rows)))
