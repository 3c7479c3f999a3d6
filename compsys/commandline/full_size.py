"""``compsys demo --size``: a competition in real size, played at full speed, with what it took."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from compsys import boards_medals, full_size
from compsys.commandline.terminal import console, give, line, named, say, table, told
from compsys.demo import Serve, results
from compsys.full_size import SIZES, Hall, Took

LINKS = {"home.title": "", "medals.title": "medals", "role.organizer": "console"}


class FullSize:
    """A demo in real size: its links, its bar, its end."""

    def __init__(self, size: str, where: Path, seed: int, trades: int, sockets: int, quiet: bool) -> None:
        self.size, self.where, self.seed = size, where, seed
        self.trades, self.sockets, self.quiet = trades, sockets, quiet

    async def run(self, serve: Serve, host: str, port: int, stay: bool) -> dict[str, Any]:
        """Play; with ``stay`` print what came of it and serve on until INT or TERM, else start once more
        from the journal and tell how long that took."""
        size = SIZES[self.size](self.trades)
        async with full_size.served(self.where, host, port, serve, size, self.seed) as hall:
            if not self.quiet:
                say("cli.demo.title", seed=self.seed, directory=self.where)
                for name, path in LINKS.items():
                    login = f"   {hall.account} / {hall.password}" if path == "console" else ""
                    line(f"  {told(name)}  {hall.urls[0]}/{path}{login}")
            facts, took = await self.play(hall)
            async with hall.desk.reading() as state:
                found = results(state)
                medals = boards_medals.picture(state, "gold_first", ("gold_first",), "public")
            if stay:
                self.report(facts, took, medals)
                say("cli.demo.stays") if not self.quiet else None
                await _stopped()
                return full_size.told(facts, took)
        took.start_ms, took.trade_ms, took.folded_ms = await full_size.started(self.where)
        if not self.quiet:
            self.report(facts, took, medals)
        return full_size.told(facts, took) | {"size": self.size, "results": found}

    async def play(self, hall: Hall) -> tuple[dict[str, Any], Took]:
        """The play with its bar of trades."""
        columns = (TextColumn("{task.description}"), BarColumn(40), MofNCompleteColumn())
        with Progress(*columns, console=console(error=True), disable=self.quiet) as bar:
            async with hall.desk.reading() as state:
                task = bar.add_task(told("cli.demo.told_official"), total=len(state.setup.stages))
            return await hall.play(self.seed, lambda word, what: bar.advance(task), self.sockets)

    def report(self, facts: dict[str, Any], took: Took, medals: dict[str, Any]) -> None:
        """The medal table, what was played, what it took."""
        if self.quiet:
            give(full_size.told(facts, took))
            return
        words = ("gold", "silver", "bronze", "excellence", "points")
        names = [told("medals.points_sum" if word == "points" else f"medals.{word}") for word in words]
        rows = [
            [f"{row['place']}{'=' if row['tied'] else ''}", named(row["name"]), *(str(row[w]) for w in words)]
            for row in medals["rows"]
        ]
        table([told("board.place"), told("board.delegation"), *names], rows, (0, 2, 3, 4, 5, 6))
        say("cli.demo.facts", **{k: v for k, v in facts.items() if isinstance(v, int)})
        if "advanced" in facts:
            say("cli.demo.advanced", advanced=facts["advanced"], brought=_seconds(took.brought_ms))
        say("cli.demo.medals", **facts["medals"])
        say(
            "cli.demo.took",
            marks=took.marks, signatures=took.signatures, lines=took.lines, commits=took.commits,
            seconds=_seconds(took.play_ms), rate=took.marks_per_second,
            sockets=facts["over_sockets"], straight=facts["straight"],
        )  # fmt: skip
        say("cli.demo.memory", peak=took.peak >> 20, each=took.memory_per_mark)
        if took.start_ms:
            say(
                "cli.demo.restart",
                start=_seconds(took.start_ms), trade=_seconds(took.trade_ms), whole=_seconds(took.folded_ms),
            )  # fmt: skip
        say("cli.demo.check", directory=self.where)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1000}.{milliseconds % 1000 // 100}"


async def _stopped() -> None:
    """Until INT or TERM."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await stopping.wait()
