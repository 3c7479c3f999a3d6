"""A system-call trace of the server: between reading a mark and writing its answer the disk is synced."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import websockets.frames
from websockets.asyncio.client import connect

from tests.simulation.floor import Place, laid_out
from tests.web.venue import act, greeted

ROOT = Path(__file__).parents[2]
MARKS = 20

PROGRAM = """
import asyncio, sys
from pathlib import Path
from compsys import journal
from web.server import serve
journal.PRAGMAS = (*journal.PRAGMAS, "synchronous=" + sys.argv[2])
asyncio.run(serve(Path(sys.argv[1]), port=0, told=lambda run: print(run.port, flush=True)))
"""

LIBRARY = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>
static void say(const char *name, const char *text, ssize_t size) {
    static int log = -1;
    if (log < 0) log = syscall(SYS_openat, AT_FDCWD, getenv("TRACE"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    char line[600];
    int length = snprintf(line, sizeof line, "%s(", name);
    for (ssize_t i = 0; i < size && length < 500; i++)
        line[length++] = text[i] >= ' ' && text[i] < 127 ? text[i] : '.';
    line[length++] = ')';
    line[length++] = '\\n';
    if (syscall(SYS_write, log, line, length) != length) abort();
}
ssize_t recv(int fd, void *data, size_t size, int flags) {
    ssize_t got = syscall(SYS_recvfrom, fd, data, size, flags, NULL, NULL);
    say("recvfrom", data, got);
    return got;
}
ssize_t send(int fd, const void *data, size_t size, int flags) {
    say("sendto", data, size);
    return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}
static int synced(const char *name, long number, int fd) {
    char link[40], path[500];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int done = syscall(number, fd);
    say(name, path, readlink(link, path, sizeof path));
    return done;
}
int fsync(int fd) { return synced("fsync", SYS_fsync, fd); }
int fdatasync(int fd) { return synced("fdatasync", SYS_fdatasync, fd); }
"""


def can_trace() -> bool:
    """Whether strace is here and allowed to trace."""
    found = shutil.which("strace")
    return bool(found) and subprocess.run([str(found), "-f", "true"], capture_output=True).returncode == 0


class Call(NamedTuple):
    """A call of the system that is over (a write: that begins), in the order of the trace."""

    name: str
    text: str


def traced(log: Path) -> list[Call]:
    """The trace, of either kind; a sync counts when it returns, a sending when it is asked for."""
    found = []
    begun: dict[str, str] = {}
    """process -> arguments of its call under way"""
    for line in log.read_text(errors="replace").splitlines():
        process = line.partition(" ")[0]
        resumed = re.search(r"<\.\.\. (\w+) resumed>(.*)", line)
        call = re.search(r"\b(recvfrom|sendto|fsync|fdatasync)\((.*)", line)
        if resumed and resumed[1] != "sendto":
            found.append(Call(resumed[1], begun.pop(process) + resumed[2]))
        elif call and ("<unfinished" not in line or call[1] == "sendto"):
            found.append(Call(call[1], call[2]))
        elif call:
            begun[process] = call[2]
    return found


@contextmanager
def watched(directory: Path, log: Path, how: str, synchronous: str) -> Iterator[int]:
    """A server under the tracer; the port it listens on."""
    command = [sys.executable, "-c", PROGRAM, str(directory), synchronous]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TRACE": str(log)}
    if how == "strace":
        options = "-f -y -qq -s 400 -e trace=recvfrom,sendto,fsync,fdatasync -e signal=none -o"
        command = ["strace", *options.split(), str(log), *command]
    else:
        source, library = log.with_suffix(".c"), log.with_suffix(".so")
        source.write_text(LIBRARY)
        compiler = shutil.which("cc") or shutil.which("gcc")
        assert compiler, "neither strace nor a C compiler: the order of sync and answer was NOT checked"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        environment["LD_PRELOAD"] = str(library)
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        children = f"/proc/{server.pid}/task/{server.pid}/children"
        target = Path(children).read_text().split() if how == "strace" else [str(server.pid)]
        for pid in target:
            os.kill(int(pid), signal.SIGTERM)
        server.communicate(timeout=30)


async def mark_one_by_one(port: int, place: Place) -> list[str]:
    """Give marks, each after the answer to the one before; their keys."""
    keys = [secrets.token_hex(16) for _ in range(MARKS)]
    async with connect(
        f"ws://127.0.0.1:{port}/live/seat",
        origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]  # Origin is a str
        additional_headers={"Cookie": f"compsys_device={place.cookie}"},
        proxy=None,
        compression=None,
    ) as socket:
        await greeted(socket)
        for base, key in enumerate(keys):
            command = {
                "c": "mark", "stream": place.stream, "unit": "t0-u1", "aspect": "C1.1", "seat": place.seat,
                "round": 1, "value": "5", "base": base,
            }  # fmt: skip
            (answer,) = await act(socket, {"k": key, "cmd": command})
            assert answer["a"] == "accepted", answer
    return keys


def synced_between(calls: list[Call], key: str) -> bool:
    """Whether a sync ended between the call that read a mark's key and the one that writes its answer."""
    read = next(i for i, call in enumerate(calls) if call.name == "recvfrom" and key in call.text)
    written = next(i for i, call in enumerate(calls) if call.name == "sendto" and key in call.text)
    assert read < written
    return any(
        call.name in ("fsync", "fdatasync") and "journal.db" in call.text for call in calls[read:written]
    )


@pytest.mark.parametrize(("synchronous", "synced"), [("FULL", True), ("OFF", False)])
def test_the_disk_is_synced_between_reading_a_mark_and_writing_its_answer(
    synchronous: str, synced: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = "strace" if can_trace() else "preloaded library"
    print(f"traced by: {how}")
    # A mask of zeros leaves what the tablet sends readable in the trace.
    monkeypatch.setattr(websockets.frames, "secrets", SimpleNamespace(token_bytes=bytes))
    place = asyncio.run(laid_out(tmp_path / "data"))[0]
    log = tmp_path / "trace"
    with watched(tmp_path / "data", log, how, synchronous) as port:
        keys = asyncio.run(asyncio.wait_for(mark_one_by_one(port, place), 60))
    calls = traced(log)
    assert [synced_between(calls, key) for key in keys] == [synced] * MARKS
