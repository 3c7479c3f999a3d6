"""``compsys doctor``: looks at the machine and the data directory before the day, and says what to mend."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import apsw
import typer

from compsys import certificates, control
from compsys.commandline import database
from compsys.commandline.access import explained
from compsys.commandline.arguments import HERE, Database, Directory, Json
from compsys.commandline.database import BAD, GOOD, LOOK
from compsys.commandline.terminal import OK, PROBLEMS, command, end, give, language, line, told
from compsys.evidence import Evidence, whole
from compsys.exchange import paper
from compsys.journal import DATABASE
from compsys.stores import NOTE, database_of
from compsys.vault import MASTER_KEY
from compsys.words import todo

LEAST_FREE, SOME_FREE = 50, 1000
"""Megabytes: below the first nothing should be started, below the second somebody should look."""
SLOW_SYNC = 20_000
"""Microseconds: from here on judges feel every commit."""
LOSING = ((3, 7, 0), (3, 51, 2))
"""SQLite versions, first and last, that can lose a commit when two connections write and checkpoint at one
instant. Here one connection does both."""


class Check(NamedTuple):
    """What was found: its name, how it stands (ok, look, bad), its sentence's code and parameters."""

    name: str
    state: str
    code: str
    params: dict[str, object]

    def data(self) -> dict[str, object]:
        """As JSON."""
        given = {key: str(value) for key, value in self.params.items()}
        return {"check": self.name, "state": self.state, "message": told(self.code, **self.params), **given}


def add(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor", "cli.doctor")(doctor)


def doctor(
    directory: Directory = HERE,
    port: Annotated[int, typer.Option(help=told("cli.doctor.port"), min=0, max=65535)] = 8000,
    db: Database = "",
    as_json: Json = False,
) -> None:
    """Check Python, store, disk, syncing, fonts, port, lock, key and clock."""
    with explained(directory, as_json):
        url = database_of(directory, db)
    store = (_python, _directory, _disk) if url else (_python, _sqlite, _directory, _disk, _sync)
    found = [check for look in (*store, _fonts, _key, _tls, _pictures, _clock) for check in look(directory)]
    if url:
        found += [Check(*said) for said in database.looked_at(url)]
    found += _port(port, directory)
    bad = any(check.state == BAD for check in found)
    if as_json:
        give({"ok": not bad, "checks": [check.data() for check in found]})
    else:
        for check in found:
            what = f"{told(MARKS[check.state])}  {told(check.code, **check.params)}"
            advice = todo(check.code, language(), **check.params) if check.state != GOOD else ""
            line(f"{what} {advice}".rstrip())
    end(PROBLEMS if bad else OK)


MARKS = {GOOD: "cli.doctor.good", LOOK: "cli.doctor.look", BAD: "cli.doctor.bad"}
Look = Callable[[Path], Iterator[Check]]


def _python(_: Path) -> Iterator[Check]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Check("python", GOOD if good else BAD, "cli.doctor.python", {"version": version})


def _sqlite(_: Path) -> Iterator[Check]:
    version = apsw.sqlite_lib_version()  # the driver brings its own
    losing = LOSING[0] <= tuple(map(int, version.split("."))) <= LOSING[1]
    code = "cli.doctor.sqlite_one" if losing else "cli.doctor.sqlite"
    yield Check("sqlite", GOOD, code, {"version": version})


def _directory(directory: Path) -> Iterator[Check]:
    """Is there a journal, may we write, does a server run?"""
    there = [directory / name for name in (DATABASE, NOTE) if (directory / name).exists()]
    if not there:
        yield Check("directory", LOOK, "cli.doctor.empty", {"path": directory})
        return
    if not os.access(directory, os.W_OK) or not os.access(there[0], os.W_OK):
        yield Check("directory", BAD, "cli.doctor.not_writable", {"path": directory})
        return
    owner = _owner(directory)
    if not owner:
        yield Check("directory", GOOD, "cli.doctor.free", {"path": directory})
        return
    try:
        with control.Client(directory) as server:
            yield Check("directory", GOOD, "cli.doctor.served", {"path": directory, "pid": owner})
            far = server.query("folding")
            state = GOOD if far["folded"] == far["total"] else LOOK
            yield Check("folding", state, "cli.doctor.folding", far)
    except control.NoServer:
        yield Check("directory", BAD, "cli.doctor.held", {"path": directory, "pid": owner})


def _owner(directory: Path) -> str:
    """The process that holds the directory's lock, "" when it is free."""
    with (directory / "lock").open("a+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            return lock.read(32).decode("ascii", "replace").strip() or "?"
    return ""


def _tls(directory: Path) -> Iterator[Check]:
    """How long the venue's own certificate lasts, where there is one."""
    root = certificates.read(directory / certificates.FOLDER / "root.crt")
    if root is None:
        return
    days = (root.not_valid_after_utc - datetime.now(UTC)).days
    if days < 0:
        yield Check("tls", BAD, "cli.doctor.tls_over", {"days": -days})
    else:
        code = "cli.doctor.tls" if days >= certificates.SOON else "cli.doctor.tls_soon"
        yield Check("tls", GOOD if days >= certificates.SOON else LOOK, code, {"days": days})


def _place(directory: Path) -> Path:
    """The directory, or the nearest one above it that exists."""
    found = directory.resolve()
    while not found.is_dir():
        found = found.parent
    return found


def _disk(directory: Path) -> Iterator[Check]:
    free = shutil.disk_usage(_place(directory)).free // 1_000_000
    state = BAD if free < LEAST_FREE else LOOK if free < SOME_FREE else GOOD
    yield Check("disk", state, "cli.doctor.disk", {"free": free})


def _sync(directory: Path) -> Iterator[Check]:
    """The median of some synced writes: what every commit waits for."""
    times = []
    try:
        with tempfile.TemporaryFile(dir=_place(directory), buffering=0) as file:
            for _ in range(25):
                began = time.perf_counter_ns()
                file.write(bytes(4096))
                os.fsync(file.fileno())
                times.append(time.perf_counter_ns() - began)
    except OSError as error:
        yield Check("sync", BAD, "cli.doctor.no_write", {"detail": error.strerror or error})
        return
    micro = sorted(times)[len(times) // 2] // 1000
    shown = f"{micro // 1000}.{micro % 1000 // 10:02d}"
    yield Check("sync", LOOK if micro > SLOW_SYNC else GOOD, "cli.doctor.sync", {"ms": shown})


def _fonts(_: Path) -> Iterator[Check]:
    try:
        yield Check("fonts", GOOD, "cli.doctor.font", {"path": paper.find_font()})
    except paper.FontMissing as missing:
        yield Check("fonts", LOOK, "clerk.font_missing", {"fonts": ", ".join(missing.looked[:4])})


def _key(directory: Path) -> Iterator[Check]:
    """The vault's key: there, private, and nowhere else below the directory."""
    if not (directory / DATABASE).exists():
        return
    key = directory / "keys" / MASTER_KEY
    if not key.exists():
        yield Check("key", BAD, "cli.cannot.vault_key_missing", {"path": key})
        return
    mode = key.stat().st_mode & 0o777
    if mode & 0o077:
        yield Check("key", BAD, "cli.cannot.vault_key_exposed", {"path": key, "mode": f"{mode:o}"})
        return
    copies = [path for path in directory.rglob(MASTER_KEY) if path.resolve() != key.resolve()]
    for path in copies:
        yield Check("key", BAD, "cli.doctor.key_copied", {"path": path})
    if not copies:
        yield Check("key", GOOD, "cli.doctor.key", {"path": key})


def _pictures(directory: Path) -> Iterator[Check]:
    """Pictures of marks: whether each is what its name says, and what they weigh."""
    held = Evidence(directory)
    paths = [path for path in held.folder.glob("*") if held.path(path.name)] if held.folder.is_dir() else []
    if not paths:
        return
    bad = [path.name for path in paths if not whole(path)]
    size = sum(path.stat().st_size for path in paths) // 1_000_000
    if bad:
        yield Check("pictures", BAD, "cli.doctor.pictures_differ", {"n": len(bad), "first": bad[0]})
    else:
        yield Check("pictures", GOOD, "cli.doctor.pictures", {"n": len(paths), "size": size})


def _clock(directory: Path) -> Iterator[Check]:
    """The clock must not be behind what is already written."""
    now = time.time_ns()
    shown = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    newest = [p.stat().st_mtime_ns for p in directory.glob(f"{DATABASE}*")]
    behind = max(newest, default=0) > now + 60_000_000_000 or time.gmtime().tm_year < 2026
    code = "cli.doctor.clock_behind" if behind else "cli.doctor.clock"
    yield Check("clock", BAD if behind else GOOD, code, {"now": shown})


def _port(port: int, directory: Path) -> Iterator[Check]:
    """Whether the port can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            yield Check("port", LOOK, "cli.doctor.port_taken", {"port": port})
            return
    yield Check("port", GOOD, "cli.doctor.port_free", {"port": port})
