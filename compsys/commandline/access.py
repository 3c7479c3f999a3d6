"""How a command reaches a competition: through the server that runs, else by opening the directory itself."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, Protocol

import typer

import compsys.commandline.answers  # noqa: F401 (makes control answer what commands ask)
from compsys import control
from compsys import events as e
from compsys.commandline.terminal import PROBLEMS, UNREADABLE, fail
from compsys.desk import Desk
from compsys.journal_api import JournalError
from compsys.seal import BrokenChain

REFUSING = (
    "directory_locked", "other_competition", "commit_failed", "database_unreachable", "database_in_use",
    "journal_moved", "journal_twice", "not_empty",
)  # fmt: skip
"""Errors of a journal that may pass: status 1. All others mean that it cannot be read: status 2."""


class Office(Protocol):
    """The competition as a command sees it."""

    def do(self, command: e.AnyCommand, key: str) -> e.Answer:
        """Put a command to the desk as the office."""
        ...

    def query(self, name: str, **params: Any) -> Any:
        """Ask for a query or an action of ``commandline.answers``."""
        ...


class Own:
    """The directory opened in this process, with its lock."""

    def __init__(self, directory: Path, competition: str | None = None, db: str = "") -> None:
        """Open it (``competition``: make it, for this id; ``db``: in this database). Raises JournalError,
        events.NewerJournal."""
        self.runner = asyncio.Runner()
        try:
            self.desk = self.runner.run(
                Desk.open(
                    directory, lambda: time.time_ns() // 1_000_000, secrets.token_bytes, competition, db=db
                )
            )
        except BaseException:
            self.runner.close()
            raise

    def do(self, command: e.AnyCommand, key: str) -> e.Answer:
        """As a server would. Raises what is found wrong with the journal."""
        answer = self.runner.run(self.desk.submit(e.Call(key=key, actor=control.OFFICE, command=command)))
        if self.desk.folding.damage is not None and answer.a == "retry":
            raise self.desk.folding.damage
        return answer

    def query(self, name: str, **params: Any) -> Any:
        """As a server would."""
        return self.runner.run(self._query(name, params))

    async def _query(self, name: str, params: dict[str, Any]) -> Any:
        if name in control.ACTIONS:
            return await control.ACTIONS[name](self.desk, params)
        async with self.desk.reading() as state:
            return control.QUERIES[name](self.desk, state, params)

    def close(self) -> None:
        """Give the directory free."""
        try:
            self.runner.run(self.desk.close())
        finally:
            self.runner.close()


@contextmanager
def office(
    directory: Path, as_json: bool = False, competition: str | None = None, db: str = ""
) -> Iterator[Office]:
    """The competition of a directory for the length of a command; what is in the way ends the command.

    ``db``: the URL of its database, which the environment may say too (COMPSYS_DB).
    """
    with explained(directory, as_json):
        found: control.Client | Own
        try:
            found = control.Client(directory)
        except control.NoServer:
            found = Own(directory, competition, db or os.environ.get("COMPSYS_DB", ""))
        try:
            yield found
        finally:
            found.close()


@contextmanager
def explained(directory: Path, as_json: bool = False) -> Iterator[None]:
    """End the command with a sentence when the directory or its server cannot be used."""
    server = control.NoServer, control.Unanswered
    try:
        yield
    except (JournalError, e.NewerJournal, BrokenChain, *server, OSError) as error:
        refuse(error, directory, as_json)


def refuse(error: Exception, directory: Path, as_json: bool = False) -> NoReturn:
    """End the command for an error of the directory, the disk or the server; others are raised again."""
    if isinstance(error, JournalError):
        full = error.params.get("kind") == "full"
        code = "disk_full" if full else f"cli.cannot.{error.code}"
        status = PROBLEMS if error.code in REFUSING else UNREADABLE
        fail(code, error.params, as_json=as_json, status=status)
    if isinstance(error, e.NewerJournal):
        fail("cli.cannot.newer_journal", as_json=as_json, status=UNREADABLE, path=directory, detail=error)
    if isinstance(error, BrokenChain):
        what = {"path": directory, "stream": error.stream, "n": error.n}
        fail("cli.cannot.broken_chain", what, as_json=as_json, status=UNREADABLE)
    if isinstance(error, control.NoServer):
        fail("cli.server_gone", as_json=as_json, path=directory)
    if isinstance(error, control.Unanswered):
        fail("cli.server_refused", as_json=as_json, why=error.code)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        fail("disk_full", as_json=as_json)
    if isinstance(error, OSError) and not isinstance(error, typer.Exit):
        where = error.filename or directory
        fail("cli.unreadable", as_json=as_json, status=UNREADABLE, path=where, detail=error.strerror or error)
    raise error


def key() -> str:
    """A fresh key for a command."""
    return secrets.token_hex(16)
