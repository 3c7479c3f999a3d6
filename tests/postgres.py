"""A real PostgreSQL server for tests: on a free port, in a folder of its own, started, stopped and killed.

PostgreSQL refuses to run as root: then it runs as the system's ``postgres``. It is reached by TCP with a
password, as a server at a venue would be.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "cr4nes-over-ice"
USER = "judges"


def binaries() -> Path:
    """Where the server's programs are. Raises FileNotFoundError when there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise FileNotFoundError("no PostgreSQL on this machine: apt-get install postgresql")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """One server. ``settings``: lines of its configuration; by default it does not wait for the disk, since
    no test cuts its power."""

    def __init__(self, of: Postgres | None = None, **settings: str) -> None:
        """``of``: be a standby of this server, by the name of ``standby``."""
        self.folder = Path(tempfile.mkdtemp(prefix="compsys-pg-", dir="/var/tmp"))
        self.data = self.folder / "data"
        self.port = free_port()
        self.as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._copy(of) if of else self._make()
        wanted = {
            "port": str(self.port), "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder), "fsync": "off", "full_page_writes": "off",
            "max_connections": "60", "shared_buffers": "64MB", "logging_collector": "off",
            "autovacuum": "off", **settings,
        }  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as out:
            out.writelines(f"{name} = '{value}'\n" for name, value in wanted.items())
        self.start()

    def _make(self) -> None:
        word = self.folder / "word"
        word.write_text(PASSWORD)
        word.chmod(0o644)
        options = ["-A", "scram-sha-256", "-U", USER, f"--pwfile={word}", "-E", "UTF8", "--locale=C.UTF-8"]
        self._run("initdb", "-D", str(self.data), "-N", *options)
        word.unlink()

    def _copy(self, of: Postgres) -> None:
        source = f"{of.url()}?application_name=standby"
        self._run("pg_basebackup", "-D", str(self.data), "-d", source, "-R", "-X", "stream", "-c", "fast")

    def promote(self) -> None:
        """A standby becomes the server that is written to."""
        self.ask("SELECT pg_promote(true, 30)")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(binaries() / program), *arguments], capture_output=True, text=True, cwd="/", **self.as_user
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    # ------------------------------------------------------------ running

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        command = [str(binaries() / "postgres"), "-D", str(self.data)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self.as_user)
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self.folder / "log").read_text()[-2000:]) from None
            time.sleep(0.02)

    def stop(self, immediate: bool = False) -> None:
        """Stop: connections are cut in order, or as in a crash; wait for the end."""
        self.process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        self.thaw()  # a server that stands still hears no signal
        self.process.wait(60)

    def kill(self) -> None:
        """``kill -9`` all of the server, and wait until nothing of it is left."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        until = time.monotonic() + 20
        while others := self._processes():
            for number in others:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            if time.monotonic() > until:
                raise TimeoutError("the server outlives its kill")
            time.sleep(0.005)

    def freeze(self) -> None:
        """Everything of the server stands still; its connections stay, and the kernel goes on answering."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it stood."""
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        """To the server and all its processes, the first one first: stopped, it begins no further ones. One
        that ended a moment ago, as a connection's does after its close, needs none."""
        for number in (self.process.pid, *self._processes()):
            with suppress(ProcessLookupError):
                os.kill(number, what)

    def _processes(self) -> list[int]:
        """The server's processes: they all work in its folder."""
        found = []
        for folder in Path("/proc").iterdir():
            with suppress(OSError):
                if folder.name.isdigit() and (folder / "cwd").readlink() == self.data:
                    found.append(int(folder.name))
        return found

    def remove(self) -> None:
        """Stop for good and take the folder away."""
        if self.process.poll() is None:
            self.stop(immediate=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------ using

    def url(self, database: str = "postgres") -> str:
        """The URL of a database, with the password in it."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """A new empty database; its URL."""
        name = f"t{secrets.token_hex(6)}"
        self.ask(f"CREATE DATABASE {name}")
        return self.url(name)

    def ask(self, statement: str, url: str = "") -> list[tuple[object, ...]]:
        """One statement, as somebody else would give it with psql."""
        with psycopg.connect(url or self.url(), autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []
