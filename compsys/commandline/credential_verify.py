"""``compsys credential verify`` and ``bundle``: is it valid, and what it takes to know without us."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from compsys import clock, control, words
from compsys.commandline.access import explained, office
from compsys.commandline.arguments import HERE, Folder, Json, write
from compsys.commandline.terminal import (
    OK,
    PROBLEMS,
    UNREADABLE,
    command,
    end,
    fail,
    give,
    language,
    line,
    say,
    told,
)
from compsys.credentials import (
    checking,
    documents,
    known,
    listing,
    pinned,
    proofs,
    reading,
    showing,
)
from compsys.credentials.checking import Trust, Verdict
from compsys.credentials.terms import V2
from compsys.desk import Desk
from compsys.exchange import credential_bundle
from compsys.journal_api import JournalError
from compsys.state import State

What = Annotated[
    str, typer.Argument(metavar="FILE|NUMBER|LINK", help=told("cli.verify_one.what"), show_default=False)
]
Offline = Annotated[bool, typer.Option("--offline", help=told("cli.verify_one.offline"))]
BundleFile = Annotated[
    Path | None,
    typer.Option("--bundle", metavar="FILE", help=told("cli.verify_one.bundle"), show_default=False),
]
Out = Annotated[Path, typer.Option("--out", "-o", help=told("cli.out"), show_default=False)]
Pages = Callable[[Mapping[str, Any]], Mapping[str, str]]
"""What the web room makes of a bundle's content: name -> page."""


def add(group: typer.Typer, pages: Pages) -> None:
    """Add the commands to the group ``credential``."""
    command(group, "verify", "cli.verify_one")(verify)

    def bundle(out: Out, directory: Folder = HERE, as_json: Json = False) -> None:
        with office(directory, as_json) as desk:
            content = desk.query("credential_bundle")
        with explained(out, as_json):
            write(credential_bundle.written(content, pages(content)), out)
        lists, issuers = len(content["lists"]), len(content["trust"]["issuers"])
        if as_json:
            give(
                {
                    "ok": True,
                    "path": str(out),
                    "issuers": issuers,
                    "lists": lists,
                    "unsigned": content["missing"],
                }
            )
        elif content["missing"]:
            say("cli.bundle.missing", lists=", ".join(content["missing"]))

    command(group, "bundle", "cli.bundle")(bundle)


# ------------------------------------------------------------------ what the desk answers


def checked(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """The verdict about what was ``found`` (kind, value); ``offline``: without the register."""
    kind, value = params["found"]
    now = desk.now()
    trust = replace(known.trust_of(state, now), lists=listing.all_of(desk, state)[0])
    if kind in ("number", "id"):
        credential = known.issued(state, value)
        if credential is None:
            return asdict(checking.said("number_here" if kind == "number" else "id_unknown"))
        document = documents.document(state, desk.names, credential)
        if not isinstance(document, dict):
            return asdict(checking.said("correcting"))
        kind, value = "document", document
    if kind == "qr":
        texts = state.credentials.dictionaries
        value = reading.open_qr(value, lambda name: texts[name].encode() if name in texts else None)
        if isinstance(value, Verdict):
            return asdict(value)
    body = checking.open_jwt(value) if kind == "jwt" else ({}, value)
    named = body[1].get("id") if body and isinstance(body[1], dict) else None
    standing = known.standing_of(state, known.issued(state, named) if isinstance(named, str) else None, now)
    check = checking.check_jwt if kind == "jwt" else checking.check
    return asdict(check(value, trust, now, None if params["offline"] else standing))


def bundled(desk: Desk, state: State, params: dict[str, Any]) -> dict[str, Any]:
    """Everything of a bundle but its pages."""
    lists, missing = listing.all_of(desk, state)
    trust = replace(known.trust_of(state, desk.now()), lists=lists)
    texts = state.credentials.dictionaries
    signed = {}
    for slug, records in state.credentials.issuers.items():
        key = state.credentials.key_of(slug)
        try:
            signer = listing.signer_of(desk, state, slug)
        except JournalError:
            signer = None
        if signer is not None:
            mine = {records[-1].address: trust.issuers[records[-1].address]}
            history = pinned.to_json(Trust(trust.made, mine)) | {"@context": [V2]}
            history["issuer"] = records[-1].address
            name = f"{records[-1].address}#{key.id if key else ''}"
            signed[slug] = proofs.sign(history, signer, name, trust.made, suites=(proofs.JCS,))
    base = next((records[-1].base for records in state.credentials.issuers.values()), "")
    return {
        "trust": pinned.to_json(trust, base, False, texts), "lists": dict(trust.lists), "signed": signed,
        "dictionaries": texts, "missing": missing,
    }  # fmt: skip


control.QUERIES |= {"credential_checked": checked, "credential_bundle": bundled}
control.BESIDE |= {"credential_bundle"}


# ------------------------------------------------------------------ the command


def verify(
    what: What,
    directory: Folder = HERE,
    offline: Offline = False,
    bundle: BundleFile = None,
    as_json: Json = False,
) -> None:
    """Check one certificate; status 0 only where it is valid."""
    found = given(what, as_json)
    if isinstance(found, Verdict):
        verdict = found
    elif bundle is not None:
        verdict = by_bundle(found, bundle, as_json)
    else:
        with office(directory, as_json) as desk:
            answer = desk.query("credential_checked", found=list(found), offline=offline)
        verdict = msgspec.convert(answer, Verdict)
    if as_json:
        shown = asdict(verdict) | {"ok": verdict.verdict == "valid"}
        give(shown | {"message": showing.why(verdict, language())[0]})
    else:
        told_of(verdict)
    end(OK if verdict.verdict == "valid" else PROBLEMS)


def given(what: str, as_json: bool) -> reading.Found | Verdict:
    """What was named: a file that is there, "-" for standard input, else a number or a link."""
    path = Path(what)
    if what == "-":
        return reading.from_file(sys.stdin.buffer.read(reading.FILE_LARGEST + 1))
    if len(what) < 200 and path.exists():
        with explained(path, as_json):
            return reading.from_file(path.read_bytes())
    if len(what) < 200 and (path.suffix or "/" in what) and "://" not in what:
        fail("cli.verify_one.no_file", as_json=as_json, status=UNREADABLE, path=what)
    return reading.from_text(what)


def by_bundle(found: reading.Found, path: Path, as_json: bool) -> Verdict:
    """The verdict by a bundle alone: no office, no network."""
    try:
        with explained(path, as_json):
            held = credential_bundle.read(path)
    except credential_bundle.NoBundle as error:
        fail("cli.bundle.none", as_json=as_json, status=UNREADABLE, path=path, detail=error)
    value = found.value
    if found.kind in ("number", "id"):
        return checking.said("number_offline")
    if found.kind == "qr":
        value = reading.open_qr(value, held.dictionaries.get)
        if isinstance(value, Verdict):
            return value
    check = checking.check_jwt if found.kind == "jwt" else checking.check
    return check(value, held.trust, clock.text(time.time_ns() // 1_000_000))


def told_of(found: Verdict) -> None:
    """Print a verdict: one word, one sentence, why, then the facts and how it was checked."""
    lang = language()
    line(words.say(f"check.verdict.{found.verdict}", lang))
    if found.document is not None:
        line(showing.sentence(found.document, lang))
    why, todo = showing.why(found, lang)
    line(why)
    if todo:
        line(todo)
    if found.document is None:
        return
    line()
    for code, text in showing.facts(found.document, lang):
        if text:
            line(f"{words.say(f'check.fact.{code}', lang)}: {text}")
    if found.asked:
        say("cli.verify_one.asked", time=found.asked)
    if found.list:
        say("cli.verify_one.listed", date=found.list)
    elif not found.asked:
        line(words.say("check.list_none", lang))
