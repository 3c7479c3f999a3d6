"""``compsys import`` of lists of other people: dry run with progress, taking, taking back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import compsys.commandline.list_jobs  # noqa: F401 (makes control answer what is asked here)
from compsys.commandline.access import Office, office
from compsys.commandline.arguments import GRAVE
from compsys.commandline.terminal import (
    PROBLEMS,
    UNREADABLE,
    aside,
    console,
    end,
    fail,
    give,
    language,
    line,
    say,
    told,
)
from compsys.exchange import cis_workbook
from compsys.exchange.lists_fields import KINDS
from compsys.exchange.lists_findings import STATES

TEXTS = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx", ".xlsm", ".xls")
STEP = 0.2
"""Seconds between two looks at how far the reading is."""

PRINTED = 200
"""Findings that are printed; all that were kept stand in the findings workbook and the JSON."""


def is_list(file: Path, kind: str, trade: str) -> bool:
    """Whether a file is to be read as a list: said to be one, text, or a workbook that is no scheme."""
    if kind or file.suffix.lower() in TEXTS:
        return True
    return file.suffix.lower() in BOOKS and not trade and cis_workbook.read(file).refused


def bring(
    file: Path,
    directory: Path,
    *,
    kind: str,
    target: str,
    component: str,
    sheet: str,
    columns: list[str],
    dry_run: bool,
    skip_errors: bool,
    findings: Path | None,
    as_json: bool,
) -> None:
    """Look at a list; without ``dry_run`` take it too."""
    if kind and kind not in KINDS:
        fail("cli.list.kind", as_json=as_json, status=UNREADABLE, kind=kind, known=", ".join(KINDS))
    if findings is not None and findings.exists():
        fail("cli.file_exists", as_json=as_json, path=findings)
    wish = {"kind": kind, "target": target, "component": component, "sheet": sheet, "columns": columns}
    with office(directory, as_json) as desk:
        begun = desk.query("list_begin", path=str(file.resolve()), remember=not dry_run, **wish)
        if "token" not in begun:
            fail("cli.unreadable", as_json=as_json, status=UNREADABLE, path=file, detail=begun["reason"])
        found, peak = _looked(desk, begun["token"])
        try:
            written = _findings(desk, begun["token"], findings)
            taken = None
            if not dry_run and _may_take(found, skip_errors):
                taken = desk.query("list_take", token=begun["token"])
        finally:
            desk.query("list_end", token=begun["token"])
    _report(file, found, as_json, taken, dry_run, peak, written)


def revert(ident: str, directory: Path, as_json: bool) -> None:
    """Take an import back."""
    with office(directory, as_json) as desk:
        answer = desk.query("list_revert", id=ident)
    if answer["a"] != "accepted":
        fail(answer["code"], answer.get("params"), as_json=as_json)
    if as_json:
        give({"ok": True, "reverted": ident})
    else:
        say("cli.list.reverted", id=ident)


def _looked(desk: Office, token: str) -> tuple[dict[str, Any], int]:
    """Wait until the list is read, a bar on standard error; what was found, and the peak memory in MB."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}"),
        TimeElapsedColumn(),
        console=console(error=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        shown = bar.add_task(told("cli.list.reading"), total=None)
        while True:
            at = desk.query("list_wait", token=token, seconds=STEP, lang=language())
            bar.update(shown, completed=at["rows"])
            if at["done"]:
                return at["look"], at["peak_mb"]


def _findings(desk: Office, token: str, path: Path | None) -> int:
    if path is None:
        return 0
    size: int = desk.query("list_findings", token=token, path=str(path.resolve()), lang=language())
    return size


def _stopped(found: dict[str, Any]) -> bool:
    return any(f["severity"] == "error" and not f["cell"] for f in found["findings"])


def _may_take(found: dict[str, Any], skip_errors: bool) -> bool:
    """Whether it is taken: no error in it, or errors that may stay out and are said to."""
    return found["takes"] and (not found["counts"]["error"] or (skip_errors and found["partly"]))


def _report(
    file: Path,
    found: dict[str, Any],
    as_json: bool,
    taken: dict[str, Any] | None,
    dry_run: bool,
    peak: int,
    written: int,
) -> None:
    errors = found["counts"]["error"] > 0 or _stopped(found)
    answer = taken["answer"] if taken else None
    if answer is not None and answer["a"] != "accepted":
        fail(answer["code"], answer.get("params"), as_json=as_json)
    done = bool(taken) or (not errors and not found["takes"])
    if as_json:
        imports = taken["imports"] if taken else []
        give({"ok": done or (dry_run and not errors), "dry_run": dry_run, **found, "imports": imports})
    else:
        _say(file, found, taken, dry_run, errors)
        if sum(found["counts"].values()) >= 10_000:
            aside(told("cli.list.measured", rows=sum(found["counts"].values()), mb=peak))
    if written:
        aside(told("cli.list.findings_written", bytes=written))
    if found["unreadable"]:
        end(UNREADABLE)
    if errors and not taken:
        end(PROBLEMS)


def _say(
    file: Path, found: dict[str, Any], taken: dict[str, Any] | None, dry_run: bool, errors: bool
) -> None:
    for finding in found["findings"][:PRINTED]:
        said = f"{finding['message']} {finding['todo']}".strip()
        where = f"{finding['cell']}: " if finding["cell"] else ""
        line(f"{told(GRAVE[finding['severity']])} {where}{said} [{finding['code']}]")
    more = found["more"] + max(0, len(found["findings"]) - PRINTED)
    if more:
        say("cli.list.more", n=more)
    if not found["kind"]:
        return
    read = ", ".join(said for name, said in found["read"].items() if name != "separator")
    say("cli.list.read", file=file.name, kind=told(f"list.kind.{found['kind']}"), read=read)
    say("cli.list.counts", **{state: found["counts"][state] for state in STATES})
    if taken:
        for ident in taken["imports"]:
            say("cli.list.taken", id=ident)
        if found["kind"] == "scores":
            say("cli.list.confirm")
    elif dry_run:
        say("cli.list.dry")
    elif errors:
        say("cli.list.not_taken")
    else:
        say("cli.list.same")
