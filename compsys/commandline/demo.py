"""``compsys demo``: plays the sample afternoon, before one's eyes, at full speed or on a simulated clock."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from compsys import demo as play
from compsys.afternoon import Stuck
from compsys.commandline.full_size import FullSize
from compsys.commandline.terminal import (
    UNREADABLE,
    aside,
    command,
    console,
    end,
    fail,
    give,
    line,
    named,
    say,
    table,
    told,
)
from compsys.demo_certificates import certify
from compsys.desk import Desk
from compsys.full_size import SIZES
from compsys.journal_api import JournalError
from compsys.simulate_network import App
from compsys.state import State

SECONDS_PER_MARK = 3.0
"""What a judge takes for a mark at pace 1."""
PORT = 8000
AFTERNOON = "afternoon"
SOCKETS = 4
"""Trades of a big demo whose judges use real sockets, where nothing else is said."""


def add(app: typer.Typer, serve: play.Serve, virtual_app: Callable[[Desk, str, int], App]) -> None:
    """Add the command; ``serve`` and ``virtual_app``: the web room's server, real and simulated."""

    @command(app, "demo", "cli.demo")
    def demo(
        pace: Annotated[float, typer.Option(help=told("cli.demo.pace"), min=0.01)] = 1.0,
        port: Annotated[int, typer.Option(help=told("cli.port"), min=0, max=65535)] = PORT,
        host: Annotated[str, typer.Option(help=told("cli.host"))] = "127.0.0.1",
        seed: Annotated[int, typer.Option(help=told("cli.demo.seed"))] = 1,
        finish: Annotated[bool, typer.Option("--finish", help=told("cli.demo.finish"))] = False,
        virtual: Annotated[bool, typer.Option("--virtual", help=told("cli.demo.virtual"))] = False,
        size: Annotated[str, typer.Option("--size", help=told("cli.demo.size"))] = AFTERNOON,
        trades: Annotated[int, typer.Option("--trades", help=told("cli.demo.trades"), min=0)] = 0,
        sockets: Annotated[int, typer.Option("--sockets", help=told("cli.demo.sockets"), min=0)] = SOCKETS,
        directory: Annotated[Path | None, typer.Option("--dir", help=told("cli.demo.dir"))] = None,
        as_json: Annotated[bool, typer.Option("--json", help=told("cli.json"))] = False,
    ) -> None:
        if size not in (AFTERNOON, *SIZES):
            known = ", ".join((AFTERNOON, *SIZES))
            fail("cli.demo.size_unknown", as_json=as_json, status=UNREADABLE, size=size, known=known)
        where = directory or Path(tempfile.mkdtemp(prefix="compsys-demo-"))
        began = time.monotonic_ns()
        try:
            if size != AFTERNOON:
                big = FullSize(size, where, seed, trades, sockets, as_json)
                done = asyncio.run(big.run(serve, host, port, stay=not finish))
            elif virtual:
                done = play.run_virtual(where, seed, _tell(as_json), lambda d, h: virtual_app(d, h, seed))
            else:
                show = Show(where, host, port, seed, 0.0 if finish else SECONDS_PER_MARK / pace, as_json)
                done = asyncio.run(show.run(serve, stay=not finish))
        except KeyboardInterrupt:
            end(130)
        except Stuck as stuck:
            fail("cli.demo.stuck", as_json=as_json, what=stuck)
        except JournalError as error:
            fail(f"cli.cannot.{error.code}", error.params, as_json=as_json)
        except OSError as error:
            fail("cli.port_in_use", as_json=as_json, host=host, port=port, detail=error.strerror or error)
        if not finish and not virtual:
            return
        took = (time.monotonic_ns() - began) // 1_000_000
        whole = {"ok": True, "seed": seed, "virtual": virtual, "directory": str(where), "milliseconds": took}
        if as_json:
            give(whole | done)
        elif size == AFTERNOON:
            summary(done, where, took)


def _tell(quiet: bool) -> Callable[[str, str], None]:
    """Say what happens on the day, line by line, unless only JSON is wanted."""

    def tell(word: str, what: str) -> None:
        if not quiet:
            aside(f"{told(f'cli.demo.told_{word}')}  {what}")

    return tell


def summary(done: dict[str, Any], where: Path, took: int) -> None:
    """Every result's newest version, and what it took."""
    names = play.called()
    for key, versions in done["results"].items():
        last = versions[-1]
        standing = told(f"status.{last['rank']}", version=last["version"])
        line(f"\n{key}  {standing}")
        heads = [told(f"board.{head}") for head in ("place", "code", "name", "delegation", "total", "medal")]
        table(heads, [_row(row, *names[row["entry"]]) for row in last["rows"]], (0, 4))
    if papers := done.get("certificates"):
        number = papers["numbers"][0] if papers["numbers"] else ""
        say("cli.demo.certificates", n=papers["issued"], folder=papers["folder"])
        say("cli.demo.verify", number=number, directory=where) if number else None
    seconds = f"{took // 1000}.{took % 1000 // 100}"
    say("cli.demo.done", marks=done["marks"], commits=done["commits"], seconds=seconds, directory=where)


def _row(row: dict[str, Any], name: dict[str, str], delegation: dict[str, str]) -> list[str]:
    place = "" if row["place"] is None else f"{row['place']}{'=' if row['tied'] else ''}"
    total = row["total"] or told(f"cell.{row['status']}")
    medal = told(f"medal.{row['medal']}") if row["medal"] else ""
    return [place, row["code"], named(name), named(delegation), total, medal]


class Show:
    """A demo with a real server: its links, its progress bars, and its end."""

    def __init__(self, where: Path, host: str, port: int, seed: int, pace: float, as_json: bool) -> None:
        self.where, self.host, self.port = where, host, port
        self.seed, self.pace, self.quiet = seed, pace, as_json

    async def run(self, serve: play.Serve, stay: bool) -> dict[str, Any]:
        """Play; with ``stay`` print the results as well and serve on until INT or TERM."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with play.served(self.where, self.host, self.port, serve) as venue:
            async with venue.desk.reading() as state:
                setup = state.setup
            if not self.quiet:
                await self.links(venue, setup.trades)
            began = time.monotonic_ns()
            with Bars(venue.desk, quiet=self.quiet) as bars:
                following = asyncio.create_task(self.follow(venue, bars, visitors=stay and not self.quiet))
                try:
                    done = await venue.play(self.seed, self.pace, bars.told)
                finally:
                    following.cancel()
                    with suppress(asyncio.CancelledError):
                        await following
                await bars.refresh()
            if not stay:
                done |= {"certificates": await certify(venue.desk, self.where)}
            if stay:
                took = (time.monotonic_ns() - began) // 1_000_000
                give(done) if self.quiet else summary(done, self.where, took)
                say("cli.demo.stays") if not self.quiet else None
                for number in (signal.SIGINT, signal.SIGTERM):
                    loop.add_signal_handler(number, stopping.set)
                await stopping.wait()
            return done

    async def follow(self, venue: play.Venue, bars: Bars, *, visitors: bool) -> None:
        """Keep the bars true; once every seat has its tablet, say how a visitor takes one over."""
        await bars.ready.wait()
        if visitors:
            async with venue.desk.reading() as state:
                trades = state.setup.trades
            for role, seat in play.VISITORS.items():
                trade = named(trades[seat.partition("/")[0]].name)
                line(f"  {told(f'cli.demo.seat_{role}', trade=trade)}  {await venue.link(seat)}")
        await bars.follow()

    async def links(self, venue: play.Venue, trades: dict[str, Any]) -> None:
        """Where to look: every screen's address, and the organizer's login."""
        base = venue.urls[0]
        rows = [[told("home.title"), f"{base}/"], [told("medals.title"), f"{base}/medals"]]
        async with venue.desk.reading() as state:
            for key, group in state.setup.groups.items():
                rows.append([named(trades[group.trade].name), f"{base}/board/{key}"])
            wall = next(iter(state.setup.groups), "")
        rows.append([told("board.wall"), f"{base}/board/{wall}?mode=wall"])
        rows.append([told("role.organizer"), f"{base}/console   {venue.account} / {venue.password}"])
        say("cli.demo.title", seed=self.seed, directory=self.where)
        wide = max(cell_len(name) for name, _ in rows)
        for name, where in rows:
            line(f"  {name}{' ' * (wide - cell_len(name))}  {where}")


class Bars:
    """One bar per trade: signed sheets of all there are."""

    def __init__(self, desk: Desk, quiet: bool) -> None:
        self.desk, self.quiet = desk, quiet
        columns = (
            TextColumn("{task.description}"),
            BarColumn(40),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
        )
        self.progress = Progress(*columns, console=console(error=True), disable=quiet, auto_refresh=False)
        self.tasks: dict[str, TaskID] = {}
        self.ready = asyncio.Event()

    def __enter__(self) -> Bars:
        self.progress.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.__exit__(None, None, None)

    def told(self, word: str, what: str) -> None:
        """Something of the day happened."""
        if word == "ready":
            self.ready.set()
        if not self.quiet and word in ("official", "corrected"):
            name = told(f"cli.demo.told_{word}")
            self.progress.console.print(f"{name}  {what}", markup=False)

    async def follow(self) -> None:
        """Keep the bars true, four times a second, until cancelled."""
        while not self.quiet:
            await self.refresh()
            await asyncio.sleep(0.25)

    async def refresh(self) -> None:
        """Show what is signed now."""
        async with self.desk.reading() as state:
            for stream, (done, of) in sheets(state).items():
                self._show(state, stream, done, of)
        self.progress.refresh()

    def _show(self, state: State, stream: str, done: int, of: int) -> None:
        trade = state.streams[stream].trade
        if stream not in self.tasks:
            self.tasks[stream] = self.progress.add_task(
                named(state.setup.trades[trade].name), total=of, state=""
            )
        latest = [r.versions[-1] for (t, _, _), r in state.results.items() if t == trade and r.versions]
        shown = told(f"status.{latest[-1].rank}", version=latest[-1].version) if latest else ""
        self.progress.update(self.tasks[stream], completed=done, total=of, state=shown)


def sheets(state: State) -> dict[str, tuple[int, int]]:
    """Stream -> (signed sheets, all sheets that units not out of the stage will have)."""
    found = {}
    for name, stream in state.streams.items():
        if not stream.frozen:
            continue
        of = sum(len(stream.groups[u.group].component_of) for u in stream.units.values() if not u.statuses)
        found[name] = sum(sheet.complete for sheet in stream.sheets.values()), of
    return found
