"""What the commands of registers ask of the desk: sheets, subsidies, figures, archives.

Importing this module makes ``compsys.control`` answer them. What takes long is worked out beside the server.
What holds persons is noted in the journal before its file exists; no identity number goes over the socket but
those that somebody's own list of staff brings.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from compsys import control, identity
from compsys import events as e
from compsys.answers import Answer
from compsys.beside import Failed, beside
from compsys.commandline.assess_desk import actor_of
from compsys.commands_registers import NoteRegister
from compsys.credentials.days import local
from compsys.desk import Desk
from compsys.exchange import (
    archive_files,
    credential_archive,
    credential_figures,
    register_map,
    register_rows,
    register_sheet,
    subsidy_list,
)
from compsys.exchange.credential_archive import BadArchive
from compsys.exchange.register_row import RegisterRow, Wanted, chosen
from compsys.exchange.tables import write_csv, write_workbook
from compsys.state import State

Params = dict[str, Any]
Action = Callable[[Desk, Params], Awaitable[Params]]
log = logging.getLogger("compsys.registers")
PACK, UNPACK = msgspec.msgpack.encode, msgspec.msgpack.decode
MOST_FILES = 50


def _wanted(params: Params) -> Wanted:
    return Wanted(
        params["since"], params["until"], params["issuer"], params["batch"], tuple(params["levels"]),
        tuple(params["kinds"]),
    )  # fmt: skip


def _rows(state: State, wanted: Wanted) -> list[RegisterRow]:
    return list(chosen(register_rows.rows(state), wanted))


async def _note(desk: Desk, command: NoteRegister, params: Params) -> Answer:
    """Write down what leaves, as the account that was named, else as the office."""
    actor = await actor_of(desk, params["account"], params["password"])
    if actor is None:
        return Answer(k="", a="refused", code="login_failed")
    return await desk.submit(e.Call(key=desk.fresh(), actor=actor, command=command))


def _write(path: Path, data: bytes) -> None:
    """A new file for its owner only, on the disk when this returns. Raises OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def _digests(files: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(hashlib.sha256(data).hexdigest() for data in files)[:MOST_FILES]


def paths(out: Path, count: int) -> list[Path]:
    """Where so many files go: one as it is named, several numbered.

    >>> [path.name for path in paths(Path("a.xlsx"), 2)]
    ['a-1.xlsx', 'a-2.xlsx']
    """
    return [out] if count == 1 else [out.with_stem(f"{out.stem}-{at}") for at in range(1, count + 1)]


def _first_there(targets: Sequence[Path]) -> str:
    return next((str(path) for path in targets if os.path.lexists(path)), "")


async def _out(
    desk: Desk, command: NoteRegister, made: list[bytes], out: Path, params: Params
) -> Params:
    """Note what leaves, then write it: what is written where, or why not."""
    targets = paths(out, len(made))
    if there := await asyncio.to_thread(_first_there, targets):
        return {"exists": there}
    answer = await _note(desk, command, params)
    if answer.a != "accepted":
        return {"answer": msgspec.to_builtins(answer)}
    for path, data in zip(targets, made, strict=True):
        await asyncio.to_thread(_write, path, data)
    return {"written": [{"path": str(p), "bytes": len(d)} for p, d in zip(targets, made, strict=True)]}


# ---------------------------------------------------------------- the upload sheet, the subsidies


async def sheet(desk: Desk, params: Params) -> Params:
    """The upload sheet by the map in ``map_text``, written to ``out``; nothing is written while there are
    holes, unless ``skip``."""
    found = register_map.parse(params["map_text"], "map")
    wanted, form, lang = _wanted(params), params["form"], params["lang"]

    def work(state: State) -> bytes:
        made = register_sheet.prepare(found, _rows(state, wanted), desk.names)
        files = register_sheet.files(made, form) if made.rows and (params["skip"] or not made.holes) else []
        holes = [register_sheet.hole_data(hole, lang) for hole in made.holes]
        losing = register_sheet.losing(made, form)
        return PACK([files, len(made.rows), made.short, holes, made.left, losing])

    files, count, short, holes, left, losing = UNPACK(await beside(desk, work))
    told = {"rows": count, "short": short, "holes": holes, "left": left, "losing": losing, "written": []}
    if not files:
        return told
    command = NoteRegister(
        what="sheet", subject=f"{found.id}/{found.version}", columns=register_sheet.fields(found.columns),
        count=count, files=_digests(files), purpose=params["purpose"],
    )  # fmt: skip
    return told | await _out(desk, command, files, Path(params["out"]), params)


async def subsidies(desk: Desk, params: Params) -> Params:
    """The subsidy list by the schemes in ``schemes_text``, written to ``out`` as a workbook."""
    schemes = subsidy_list.parse(params["schemes_text"], "schemes")
    wanted, lang = _wanted(params), params["lang"]
    before = {(scheme, number) for scheme, number in params["before"]}

    def work(state: State) -> bytes:
        listed = subsidy_list.listed(
            schemes, _rows(state, wanted), desk.names, lambda scheme, number: (scheme, number) in before
        )
        data = write_workbook(subsidy_list.tables(listed, lang), lang)
        out = [{"scheme": one.scheme.id, "number": one.row.number, "reasons": list(one.reasons)}
               for one in listed.excluded]  # fmt: skip
        return PACK([data, subsidy_list.counts(listed), out])

    data, counts, excluded = UNPACK(await beside(desk, work))
    command = NoteRegister(
        what="subsidy", subject=" ".join(scheme.id for scheme in schemes)[:200],
        columns=subsidy_list.COLUMNS, count=counts["paid"], files=_digests([data]), purpose=params["purpose"],
    )  # fmt: skip
    told = {**counts, "left_out": excluded, "written": []}
    return told | await _out(desk, command, [data], Path(params["out"]), params)


# ---------------------------------------------------------------- figures


def figures(desk: Desk, state: State, params: Params) -> Params:
    """The statistics as data and as a table; no person is in them."""
    today = local(state, desk.now())[:10]
    rows = register_rows.rows(state)
    found = credential_figures.figures(rows, params["period"], params["by"], _wanted(params), today)
    return {"data": credential_figures.as_data(found), **_table(credential_figures.table, found, params)}


def staff(desk: Desk, state: State, params: Params) -> Params:
    """The share of skilled staff per firm, of (firm, kind of document, number) in ``staff``."""
    known: dict[str, list[tuple[str, str]]] = {}
    for person in state.bound:
        who = desk.names(person)
        if who is not None and who.id_number:
            known.setdefault(identity.normalise(who.id_number), []).append((who.id_type, person))

    def find(kind: str, number: str) -> list[str]:
        return [person for other, person in known.get(number, ()) if not kind or kind == other]

    people = [(firm, kind, number) for firm, kind, number in params["staff"]]
    found = credential_figures.firms(people, find, register_rows.rows(state))
    told = _table(credential_figures.firm_table, found, params)
    return {"data": credential_figures.firm_data(found), **told}


def _table(make: Callable[[Any, str], Any], found: Any, params: Params) -> Params:
    table = make(found, params["lang"])
    heads = [[column.key, dict(column.title), column.number] for column in table.columns]
    return {"sheet": table.name, "heads": heads, "rows": [dict(row) for row in table.rows]}


def rendered(told: Params, form: str, lang: str) -> bytes:
    """The table of ``figures`` or ``staff`` as CSV or XLSX."""
    from compsys.exchange.tables import Column, Table

    columns = [Column(key, title, number=number) for key, title, number in told["heads"]]
    if form == "csv":
        return write_csv(columns, told["rows"], lang)
    return write_workbook([Table(told["sheet"], columns, told["rows"])], lang)


# ---------------------------------------------------------------- archives


async def archive(desk: Desk, params: Params) -> Params:
    """Archive a ``batch`` to ``out``, with the files of the folder ``add`` ("" = none)."""
    out, today = Path(params["out"]), desk.now()[:10]

    def work(state: State) -> bytes:
        batch = state.credentials.batches.get(params["batch"])
        found = archive_files.filed(state, desk.names, batch, today) if batch else None
        return PACK(_as_parts(found) if found else None)

    parts = UNPACK(await beside(desk, work))
    if parts is None:
        return {"unknown": params["batch"], "known": await _batches(desk)}
    batch, now = credential_archive.Batch(*parts), desk.now()
    add = Path(params["add"]) if params["add"] else None
    try:
        made = await asyncio.to_thread(credential_archive.make, batch, add, out, now)
    except BadArchive as error:
        return {"bad": {"code": error.code, "params": error.params}}
    note = NoteRegister(
        what="archive", subject=batch.id, columns=credential_archive.VOLUMES, count=batch.certificates,
        files=(made.digest,), purpose=params["purpose"],
    )  # fmt: skip
    answer = await _note(desk, note, params)
    if answer.a != "accepted":
        await asyncio.to_thread(made.drop)
        return {"answer": msgspec.to_builtins(answer)}
    await asyncio.to_thread(made.keep)
    told: Params = msgspec.to_builtins(made.manifest)
    volumes = credential_archive.index(made.manifest, credential_archive.VOLUMES)
    return {"manifest": told | {"files": volumes}, "digest": made.digest, "path": str(out)}


def _as_parts(batch: credential_archive.Batch) -> list[Any]:
    own = {volume: dict(files) for volume, files in batch.own.items()}
    return [batch.id, batch.competition, batch.n, batch.head, batch.closed, batch.certificates, own]


async def _batches(desk: Desk) -> list[str]:
    async with desk.reading(e.COMPETITION) as state:
        return list(state.credentials.batches)[-20:]


async def looked(desk: Desk, params: Params) -> Params:
    """Somebody checked an archive of ``batch`` whose manifest has ``digest``: whether it is the one that was
    made here, and that this was noted."""
    async with desk.reading(e.COMPETITION) as state:
        made = [one for one in state.credentials.taken if one.what == "archive"]
        of = [one for one in made if one.subject == params["batch"]]
        same, here = any(params["digest"] in one.files for one in of), state.id
    if here != params["competition"]:
        return {"competition": here, "same": False, "noted": False}
    note = NoteRegister(
        what="archive_checked", subject=params["batch"], columns=(), count=params["count"],
        files=(params["digest"],), purpose=params["purpose"],
    )  # fmt: skip
    answer = await _note(desk, note, params)
    return {"competition": here, "same": same, "noted": answer.a == "accepted"}


def registers(desk: Desk, state: State, params: Params) -> list[Params]:
    """What of the register went out, the newest last."""
    return [msgspec.to_builtins(one) for one in state.credentials.taken]


def _safely(action: Action) -> Action:
    """The action, which says what the disk or the copy beside the server refused instead of ending the
    conversation."""

    async def safe(desk: Desk, params: Params) -> Params:
        try:
            return await action(desk, params)
        except FileExistsError as error:
            return {"exists": str(error.filename or params["out"])}
        except OSError as error:
            return {"disk": error.strerror or str(error), "path": str(error.filename or params["out"])}
        except Failed as error:
            log.error("register: %s", error)
            return {"failed": True}

    return safe


control.QUERIES |= {"register_figures": figures, "register_staff": staff, "registers": registers}
control.BESIDE |= {"register_figures", "register_staff"}
control.ACTIONS |= {
    "register_sheet": _safely(sheet),
    "register_subsidies": _safely(subsidies),
    "register_archive": _safely(archive),
    "register_looked": _safely(looked),
}
