"""``compsys credential holder-link|corrections|correct``: private links of holders, names to be corrected."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

import compsys.commandline.holder_answers  # noqa: F401 (makes control answer what is asked here)
from compsys import words
from compsys.commandline.access import explained, office
from compsys.commandline.arguments import HERE, Folder, Json, write
from compsys.commandline.marking import password_of
from compsys.commandline.terminal import (
    UNREADABLE,
    command,
    fail,
    give,
    language,
    line,
    named,
    say,
    table,
    told,
)
from compsys.exchange import holder_slips
from compsys.exchange.holder_slips import Slip
from compsys.exchange.paper import FontMissing

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}

Who = Annotated[
    list[str] | None,
    typer.Argument(metavar="PERSON...", help=told("cli.holder.who"), show_default=False),
]
Delegation = Annotated[
    str, typer.Option("--delegation", metavar="ID", help=told("cli.holder.delegation"), show_default=False)
]
Slips = Annotated[
    Path | None, typer.Option("--slips", metavar="FILE", help=told("cli.holder.slips"), show_default=False)
]
Base = Annotated[
    str, typer.Option("--base", metavar="URL", help=told("cli.holder.base"), show_default=False)
]


def add(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "holder-link", "cli.holder.link")(link)
    command(group, "corrections", "cli.holder.corrections")(corrections)
    command(group, "correct", "cli.holder.correct")(correct)


def link(
    who: Who = None,
    delegation: Delegation = "",
    days: Annotated[int, typer.Option("--days", min=1, max=400, help=told("cli.holder.days"))] = 90,
    slips: Slips = None,
    base: Base = "",
    revoke: Annotated[bool, typer.Option("--revoke", help=told("cli.holder.revoke"))] = False,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """New links for persons or a delegation, printed or listed; or the end of one."""
    if bool(who) == bool(delegation):
        fail("cli.holder.which", as_json=as_json, status=UNREADABLE)
    asked: dict[str, Any] = {"which": list(who or []), "delegation": delegation}
    with office(directory, as_json) as desk:
        if revoke:
            done = desk.query("holder_revoke", **asked)
        else:
            done = desk.query("holder_link", **asked, days=days, base=base, slip=slips is not None)
    if done["a"] != "accepted":
        fail(done["code"] or done["a"], done["params"], as_json=as_json)
    if not revoke and slips is not None:
        _print(done, slips, as_json)
    if as_json:
        give({"ok": True, **({} if revoke else {k: done[k] for k in ("links", "expires", "left")})})
        return
    if revoke:
        say("cli.holder.revoked")
        return
    if slips is None:
        for one in done["links"]:
            line(f"{one['person']}  {named(one['name'])}  {one['url']}")
    say("cli.holder.linked", n=len(done["links"]), day=words.when(done["expires"], language(), form="date"))
    for person, code in done["left"]:
        line(f"{person}: {told(code, person='')}")


def _print(done: dict[str, Any], slips: Path, as_json: bool) -> None:
    until = words.when(done["expires"], language(), form="date")
    made = [Slip(named(one["name"]), one["numbers"], one["url"], until) for one in done["links"]]
    with explained(slips, as_json):
        try:
            write(holder_slips.draw(made, language()), slips)
        except FontMissing as missing:
            fail("clerk.font_missing", fonts=", ".join(missing.looked[:4]), as_json=as_json)


def corrections(
    everything: Annotated[bool, typer.Option("--all", help=told("cli.holder.all"))] = False,
    files: Annotated[
        Path | None, typer.Option("--files", metavar="FOLDER", help=told("cli.holder.files"))
    ] = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Corrections that wait for an officer."""
    with office(directory, as_json) as desk:
        found = desk.query("holder_corrections", all=everything, files=files is not None)
    if files is not None:
        with explained(files, as_json):
            files.mkdir(mode=0o700, parents=True, exist_ok=True)
            for one in found:
                if data := one.pop("data", ""):
                    path = files / f"{one['id']}.{ENDINGS.get(one['file'], 'bin')}"
                    path.write_bytes(base64.b64decode(data))
    if as_json:
        give({"ok": True, "corrections": found})
        return
    if not found:
        say("cli.holder.none")
        return
    heads = ("id", "who", "now", "wanted", "why", "state")
    rows = [
        (
            one["id"],
            one["person"],
            " / ".join(one["now"].values()),
            " / ".join(one["name"].values()),
            one["words"] or one["answer"],
            told(f"holder.correction_{one['state']}") + (f" ({one['stale']})" if one["stale"] else ""),
        )
        for one in found
    ]
    table([told(f"cli.holder.head_{head}") for head in heads], rows)


def correct(
    correction: Annotated[
        str, typer.Argument(metavar="ID", help=told("cli.holder.id"), show_default=False)
    ],
    accept: Annotated[
        bool | None, typer.Option("--accept/--refuse", help=told("cli.holder.accept"), show_default=False)
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help=told("cli.holder.reason"), show_default=False)
    ] = "",
    confirmed_by: Annotated[
        str,
        typer.Option("--confirmed-by", metavar="ACCOUNT", help=told("cli.holder.by"), show_default=False),
    ] = "",
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", help=told("cli.publish.password_file"), show_default=False),
    ] = None,
    directory: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Correct a name and issue that person's certificates anew, or refuse with words."""
    if accept is None:
        fail("cli.holder.say_which", as_json=as_json, status=UNREADABLE)
    if not confirmed_by:
        fail("confirmation_missing", as_json=as_json, status=UNREADABLE)
    with office(directory, as_json) as desk:
        password = password_of(confirmed_by, password_file, as_json)
        done = desk.query(
            "holder_settle", id=correction, accept=accept, words=reason, by=confirmed_by, password=password
        )
    if done["a"] != "accepted":
        fail(done["code"] or done["a"], done["params"], as_json=as_json)
    if as_json:
        give({"ok": True, "reissued": done.get("reissued", 0)})
    else:
        say("cli.holder.done" if accept else "cli.holder.refused", n=done.get("reissued", 0))
