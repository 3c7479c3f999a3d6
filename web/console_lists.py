"""Lists of other people in the console: looked at, columns corrected, taken in one go, taken back."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO
from weakref import finalize

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import events as e
from compsys import identity
from compsys.events import Answer
from compsys.exchange import lists_book, lists_desk, lists_fields, lists_tell
from compsys.exchange.lists_findings import STATES, Finding, Look, LookedRow
from compsys.exchange.lists_look import Wish
from compsys.exchange.xlsx_cells import column_letter
from compsys.records import Group
from compsys.state import State
from compsys.words import pick
from web.access import ORGANIZER, SUPERVISOR, actor, desk_of, get, post, submit
from web.console_page import done_once, draw, key_of_form, message, onward, part_key, refused, text
from web.render import language

READERS = ORGANIZER | SUPERVISOR
UPLOAD = 40 * 1024 * 1024
HELD = 8
"""Lists that are kept between two pages; a restart loses them and nobody's work with them."""

COUNTED = {
    lists_fields.ENTRANTS: "entry", lists_fields.JUDGES: "judge", lists_fields.DELEGATIONS: "delegation",
}  # fmt: skip
"""What an import is counted by: a person beside each entry is nothing that the list had a row for."""

PAGE = 40
_STEP = 1 << 20


@dataclass(slots=True, weakref_slot=True)
class Held:
    """A list that somebody uploaded and that is not taken yet; its file goes with it."""

    who: str
    name: str
    handle: BinaryIO
    wish: Wish
    look: Look

    def __post_init__(self) -> None:
        finalize(self, self.handle.close)


def held_lists(request: Request) -> OrderedDict[str, Held]:
    """The app's lists, by their tokens."""
    state = request.app.state
    if not hasattr(state, "lists"):
        state.lists = OrderedDict()
    found: OrderedDict[str, Held] = state.lists
    return found


def held_of(request: Request) -> Held:
    """The list of a page, for who uploaded it."""
    held = held_lists(request).get(str(request.path_params["token"]))
    if held is None or held.who != actor(request).id:
        raise HTTPException(404, "list_gone")
    return held


# ---------------------------------------------------------------- the start: uploading, what was imported


async def start(request: Request, answer: Answer | None = None, taken: Answer | None = None) -> Response:
    """The form, and what was imported so far with the way back."""
    desk, lang = desk_of(request), language(request)
    async with desk.reading() as state:
        rows = [_import(state, n) for n in reversed(state.brought)]
        rows += _score_imports(state)
        components = _components(state, lang)
    context = {"imports": rows, "components": components, "kinds": lists_fields.KINDS}
    return draw(request, "console_lists.html", "file", context, answer=answer or taken)


def _import(state: State, n: int) -> dict[str, Any]:
    brought = state.brought[n]
    no = lists_desk.standing(state, n)
    return {
        "id": f"{e.COMPETITION}:{n}",
        "n": n,
        "kind": brought.what,
        "at": brought.t,
        "by": brought.by,
        "records": sum(change.kind == COUNTED[brought.what] for change in brought.changes),
        "reverted": brought.reverted,
        "why": message(Answer(k="", a="refused", code=no.code, params=no.params)) if no else None,
        "waits": False,
    }


def _score_imports(state: State) -> list[dict[str, Any]]:
    """Scores that wait for their second person: these can be taken back still."""
    return [
        {
            "id": f"{stream.name}:{n}",
            "n": n,
            "kind": lists_fields.SCORES,
            "at": "",
            "by": brought.by,
            "records": len(brought.rows),
            "reverted": "",
            "why": None,
            "waits": True,
            "href": f"/console/run/{stream.trade}/{stream.stage}",
        }
        for stream in state.streams.values()
        for n, brought in reversed(stream.imports.items())
        if not brought.confirmed_by
    ]


def _components(state: State, lang: str) -> list[tuple[str, str]]:
    """(``TRADE/STAGE/GROUP|COMPONENT``, its name) of every module that takes scores from outside."""

    def title(group: Group) -> str:
        stage = state.setup.stages[f"{group.trade}/{group.stage}"]
        names = (state.setup.trades[group.trade].name, stage.name, group.name)
        return " / ".join(pick(name, lang) for name in names)

    return [
        (f"{key}|{part.id}", f"{title(group)} / {pick(part.name, lang)}")
        for key, group in state.setup.groups.items()
        for part in group.components
        if part.source == "imported"
    ]


async def check(request: Request) -> Response:
    """Look at an uploaded list, then on to what was found."""
    form = await request.form(max_files=1, max_fields=8)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await start(request, refused("form.no_file"))
    handle: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the list is held)
    while block := await file.read(_STEP):
        await asyncio.to_thread(handle.write, block)
    target, _, component = text(form, "component", 200).partition("|")
    kind = text(form, "kind", 20)
    wish = Wish(kind if kind in lists_fields.KINDS else "", target=target, component=component)
    look = await lists_desk.look(desk_of(request), handle, file.filename[:200], wish)
    token = secrets.token_hex(16)
    lists = held_lists(request)
    lists[token] = Held(actor(request).id, file.filename[:200], handle, wish, look)
    while len(lists) > HELD:
        lists.popitem(last=False)
    return onward(f"/console/lists/{token}")


# ---------------------------------------------------------------- what was found


async def found(request: Request, answer: Answer | None = None) -> Response:
    """The findings of a list: counts that filter, rows with their cells, columns and their meaning."""
    held, lang = held_of(request), language(request)
    look = held.look
    only = request.query_params.get("only", "")
    told = request.query_params.get("page", "1")
    by_row: dict[int, list[Finding]] = defaultdict(list)
    for finding in look.findings:
        by_row[finding.row].append(finding)
    rows = _rows(look, by_row, only)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 1, pages) or 1
    shown = rows[(page - 1) * PAGE : page * PAGE]
    context = {
        "token": request.path_params["token"],
        "look": look,
        "only": only,
        "page": page,
        "pages": pages,
        "of_file": [told_of(f, lang) for f in by_row[0]],
        "rows": [(row, [told_of(f, lang) for f in by_row[row.row]]) for row in shown],
        "columns": _columns(look),
        "fields": sorted(lists_fields.WORDS[look.kind]) if look.kind else [],
        "takes": look.counts["new"] + look.counts["changed"],
        "states": STATES,
        "said": [said for name, said in look.said.items() if name != "separator"],
        "looks": len({f.row for f in look.findings if f.severity == "warning" and f.row}),
        "listed": len(look.rows),
    }
    return draw(request, "console_lists_found.html", "file", context, answer=answer)


def _rows(look: Look, by_row: dict[int, list[Finding]], only: str) -> Sequence[LookedRow]:
    """The rows of a filter; of all rows those with errors stand first."""
    if only == "look":
        return [row for row in look.rows if any(f.severity == "warning" for f in by_row.get(row.row, ()))]
    if only in STATES:
        return [row for row in look.rows if row.state == only]
    return sorted(look.rows, key=lambda row: (row.state != "error", row.row not in by_row, row.row))


def told_of(finding: Finding, lang: str) -> dict[str, str]:
    """A finding as a page shows it: severity, where, what, fix, code."""
    return {
        "severity": finding.severity,
        "where": finding.where,
        "what": lists_tell.sentence(finding, lang),
        "fix": lists_tell.advice(finding, lang),
        "code": finding.code,
    }


def _columns(look: Look) -> list[dict[str, Any]]:
    """The columns of the list: letter, header, examples, meaning."""
    header = look.header
    if header is None:
        return []
    return [
        {
            "letter": column_letter(i + 1),
            "label": label,
            "field": header.columns[i],
            "samples": [_sample(row[i]) for row in header.samples if i < len(row) and row[i]],
        }
        for i, label in enumerate(header.labels)
    ]


def _sample(said: str) -> str:
    """A cell as an example: long numbers masked, as in every list."""
    return identity.mask(said) if len(said) > 10 and said[:-1].isdigit() else said


async def columns(request: Request) -> Response:
    """Correct what the columns mean: looked at again, and remembered for the next list with this header."""
    held = held_of(request)
    form = await request.form(max_files=0, max_fields=600)
    header, desk = held.look.header, desk_of(request)
    if header is None:
        return await found(request, refused("malformed"))
    names = _meant(form, header.kind, len(header.labels))
    command = e.MapColumns(shape=header.shape, columns=names)
    answer = await submit(request, command, key=key_of_form(form))
    if answer.a != "accepted":
        return await found(request, answer)
    held.wish = replace(held.wish, kind=header.kind, sheet=header.sheet, columns=names)
    held.look = await lists_desk.look(desk, held.handle, held.name, held.wish)
    return onward(f"/console/lists/{request.path_params['token']}", "columns")


def _meant(form: FormData, kind: str, width: int) -> tuple[str, ...]:
    told = [text(form, f"c{i}", 20) for i in range(1, width + 1)]
    return tuple(name if name in lists_fields.WORDS[kind] else "" for name in told)


async def book(request: Request) -> Response:
    """The list with its findings as a workbook."""
    held = held_of(request)
    data = await asyncio.to_thread(lists_book.write, held.handle, held.look, language(request))
    headers = {"content-disposition": 'attachment; filename="findings.xlsx"'}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(data, headers=headers, media_type=kind)


# ---------------------------------------------------------------- taking, and taking back


def putter(request: Request, key: str) -> lists_desk.Submit:
    """Gives commands as whoever asks, each part of a form's work under a key of its own."""
    async def put(command: e.AnyCommand, part: str) -> Answer:
        return await submit(request, command, key=part_key(key, part))

    return put


async def take(request: Request) -> Response:
    """Take the list in one transaction; it is looked at once more, for something may have changed since."""
    held = held_of(request)
    form = await request.form(max_files=0, max_fields=8)
    key, desk = key_of_form(form), desk_of(request)

    async def work() -> Answer:
        before = dict(held.look.counts)
        held.look = await lists_desk.look(desk, held.handle, held.name, held.wish)
        if held.look.counts != before:
            return refused("list_changed_since")
        if not held.look.takes or (held.look.counts["error"] and not held.look.partly):
            return refused("list_not_taken")
        return (await lists_desk.take(desk, held.look, putter(request, key))).answer

    answer = await done_once(request, f"take {key}", work)
    if answer.a != "accepted":
        return await found(request, answer)
    scores = held.look.kind == lists_fields.SCORES
    held_lists(request).pop(str(request.path_params["token"]), None)
    return onward("/console/lists", "scores_waiting" if scores else "list")


async def revert(request: Request) -> Response:
    """Take an import back."""
    form = await request.form(max_files=0, max_fields=8)
    key, place, desk = key_of_form(form), text(form, "id", 160), desk_of(request)

    async def work() -> Answer:
        return await lists_desk.revert(desk, place, actor(request), putter(request, key))

    answer = await done_once(request, f"revert {key}", work)
    if answer.a != "accepted":
        return await start(request, answer)
    return onward("/console/lists", "reverted")


routes = [
    get("/console/lists", start, READERS),
    post("/console/lists/check", check, ORGANIZER, limit=UPLOAD),
    post("/console/lists/revert", revert, ORGANIZER),
    get("/console/lists/{token}", found, ORGANIZER),
    get("/console/lists/{token}/findings.xlsx", book, ORGANIZER),
    post("/console/lists/{token}/columns", columns, ORGANIZER),
    post("/console/lists/{token}/take", take, ORGANIZER),
]
