"""Lists on their way through ``compsys import``: looked at step by step, then taken, wherever the desk is.

Importing this module makes ``compsys.control`` answer what the command asks. The file is opened by its path
where the desk is, so that a list of hundreds of thousands of rows travels through no socket.
"""

from __future__ import annotations

import asyncio
import os
import resource
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from compsys import control
from compsys import events as e
from compsys.desk import Desk
from compsys.exchange import lists_book, lists_desk, lists_fields, lists_tell
from compsys.exchange.lists_findings import Look
from compsys.exchange.lists_look import Wish
from compsys.exchange.xlsx_cells import column_number

Params = dict[str, Any]
KEPT = 4
"""Lists that are kept open at once; the oldest makes room."""


@dataclass(slots=True)
class Job:
    """A list that is being looked at."""

    handle: BinaryIO
    size: int
    task: asyncio.Task[Look]
    rows: int = 0

    def tick(self, rows: int) -> None:
        """Note how many rows were read."""
        self.rows = rows

    def close(self) -> None:
        """Let the file go."""
        self.task.cancel()
        self.handle.close()


JOBS: OrderedDict[str, Job] = OrderedDict()


async def begin(desk: Desk, params: Params) -> Params:
    """Open the file at ``path`` and begin to look at it; its token, or why it cannot be read."""
    path = Path(params["path"])
    try:
        handle = await asyncio.to_thread(path.open, "rb")
    except OSError as error:
        return {"reason": error.strerror or type(error).__name__}
    columns = _columns(params["columns"])
    token = desk.fresh()

    async def work() -> Look:
        wish = Wish(params["kind"], params["sheet"], None, params["target"], params["component"])
        if columns:
            wish = await _corrected(desk, handle, path.name, wish, columns, params["remember"])
        return await lists_desk.look(desk, handle, path.name, wish, lambda rows: JOBS[token].tick(rows))

    size = os.fstat(handle.fileno()).st_size
    JOBS[token] = Job(handle, size, asyncio.create_task(work()))
    while len(JOBS) > KEPT:
        JOBS.popitem(last=False)[1].close()
    return {"token": token, "size": size}


def _columns(said: list[str]) -> dict[int, str]:
    """``B=id_number`` as column 2 -> field; a letter without a field: not used."""
    pairs = [text.partition("=") for text in said]
    return {column_number(letter.upper()): name for letter, _, name in pairs}


async def _corrected(
    desk: Desk, handle: BinaryIO, name: str, wish: Wish, columns: dict[int, str], remember: bool
) -> Wish:
    """The wish with the columns as somebody corrected them; ``remember``: also for the next such list."""
    found = await lists_desk.header_of(desk, handle, name, wish)
    if found is None:
        return wish
    names = [n if n not in columns.values() else "" for n in found.columns]
    for column, meant in columns.items():
        if 0 < column <= len(names):
            names[column - 1] = meant if meant in lists_fields.WORDS[found.kind] else ""
    if remember:
        command = e.MapColumns(shape=found.shape, columns=tuple(names))
        await _submit(desk)(command, "columns")
    return Wish(found.kind, found.sheet, tuple(names), wish.target, wish.component)


def _submit(desk: Desk) -> lists_desk.Submit:
    async def put(command: e.AnyCommand, part: str) -> e.Answer:
        return await desk.submit(e.Call(key=desk.fresh(), actor=control.OFFICE, command=command))

    return put


async def wait(desk: Desk, params: Params) -> Params:
    """Wait a moment for a list; how far it is, and once it is done what was found (in ``lang``)."""
    job = JOBS[params["token"]]
    await asyncio.wait({job.task}, timeout=params["seconds"])
    told: Params = {"done": job.task.done(), "rows": job.rows}
    if told["done"]:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        told |= {"look": lists_tell.as_data(job.task.result(), params["lang"]), "peak_mb": peak}
    return told


async def take(desk: Desk, params: Params) -> Params:
    """Take a list that was looked at: one transaction; the answer and the imports' ids."""
    taken = await lists_desk.take(desk, await JOBS[params["token"]].task, _submit(desk))
    return {"answer": msgspec.to_builtins(taken.answer), "imports": list(taken.imports)}


async def findings(desk: Desk, params: Params) -> int:
    """Write the list with its findings as a workbook to ``path`` (a new file); how many bytes."""
    job = JOBS[params["token"]]
    data = await asyncio.to_thread(lists_book.write, job.handle, await job.task, params["lang"])
    handle = os.open(params["path"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        return out.write(data)


async def end(desk: Desk, params: Params) -> None:
    """The command has what it wanted."""
    job = JOBS.pop(params["token"], None)
    if job is not None:
        job.close()


async def revert(desk: Desk, params: Params) -> Params:
    """Take an import back."""
    answer = await lists_desk.revert(desk, params["id"], control.OFFICE, _submit(desk))
    found: Params = msgspec.to_builtins(answer)
    return found


control.ACTIONS |= {
    "list_begin": begin,
    "list_wait": wait,
    "list_take": take,
    "list_findings": findings,
    "list_end": end,
    "list_revert": revert,
}
