"""Bench: a board's picture to 5,000 screens, against plain writes; judges' answers with and without them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import venue
from tests.bench.remote import Json, Remote

SCREENS, PICTURES, PAIRS = 5_000, 10, 5
SECONDS, MOVES = 3, 8
"""A paced run: its length; how often a second its board changes, which is more often than pictures go out."""


class Crowd:
    """The product with 5,000 screens on one board, the same without any, and plain asyncio with as many."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.first = json.loads((folder / "venue" / "venue.json").read_text())[0]
        self.open: list[Remote] = []

    def start(self, module: str, *args: str) -> Remote:
        """A process that ends with the bench."""
        found = Remote(module, *args)
        self.open.append(found)
        return found

    def server(self, kind: str, name: str) -> tuple[Remote, int]:
        """A server on a copy of the venue, and its port."""
        directory = venue.copy(self.folder / "venue", name) if kind != "raw" else self.folder
        found = self.start("tests.bench.server", str(directory), kind)
        return found, found.ask(do="where")["port"]

    def close(self) -> None:
        """End everything."""
        for remote in reversed(self.open):
            with contextlib.suppress(OSError):
                remote.close()

    # ------------------------------------------------------------ fan-out

    def fan_out(self) -> Json:
        """Deliveries per second of the product and of plain writes, by pairs."""
        self.product, port = self.server("whole", "crowd")
        plain, plain_port = self.server("raw", "raw")
        trade = self.first["stream"].split(".")[0]
        self.screens = self.start("tests.bench.screens")
        self.screens.ask(do="connect", port=port, count=SCREENS, topic=f"board:{trade}/final/open")
        sockets = self.start("tests.bench.screens")
        sockets.ask(do="connect", port=plain_port, count=SCREENS)
        frames = [self.pictures()["frame"]]
        self.pictures()
        pairs = []
        skipped = 0
        for _ in range(PAIRS):
            before = self.product.ask(do="usage")
            mine = self.pictures()
            after = self.product.ask(do="usage")
            skipped += after["skipped"] - before["skipped"]
            mine["skipped"] = after["skipped"] - before["skipped"]
            frames = [framed(mine["frame"])] * PICTURES
            pairs.append((mine, self.plainly(plain, sockets, frames)))
        for remote in (plain, sockets):
            remote.close()
            self.open.remove(remote)
        return {"pairs": pairs, "bytes": len(frames[0]) // 2, "skipped": skipped}

    def pictures(self) -> Json:
        """A run of the product: PICTURES changes of one board to all screens."""
        self.screens.ask(do="reset")
        seat = self.first["seats"][0]
        pump = {
            "stream": self.first["stream"],
            "unit": self.first["units"][-2],
            "seat": seat["seat"],
            "device": seat["cookie"].partition(".")[0],
        }
        self.product.send(do="pump", pictures=PICTURES, screens=SCREENS, **pump)
        self.screens.send(do="watch", frames=PICTURES * SCREENS, patience=5)
        begun, got = self.product.take(), self.screens.take()
        more = self.screens.ask(do="watch", frames=PICTURES * SCREENS + SCREENS, patience=0.3)
        return result(begun, got, more)

    def plainly(self, plain: Remote, sockets: Remote, frames: list[str]) -> Json:
        """The same bytes by ``transport.write``."""
        sockets.ask(do="reset")
        plain.send(do="pump", frames=frames)
        sockets.send(do="watch", frames=len(frames) * SCREENS, patience=5)
        begun, got = plain.take(), sockets.take()
        return result(begun, got, got)

    # ------------------------------------------------------------ judges beside the crowd

    def beside(self) -> Json:
        """The p99 of judges' answers with 5,000 screens at 4 pictures a second, and with none, by pairs."""
        alone, port = self.server("whole", "alone")
        judges = self.start("tests.bench.judges", str(self.folder / "venue" / "venue.json"))
        crowd_port = self.product.ask(do="where")["port"]
        for name, at in (("crowd", crowd_port), ("alone", port)):
            seated = judges.ask(do="connect", name=name, port=at)
            if seated["error"]:
                raise RuntimeError(seated["error"])
        pairs = []
        for turn in range(PAIRS + 1):
            found = {}
            for name, server in (("crowd", self.product), ("alone", alone)):
                before = server.ask(do="usage")
                found[name] = judges.ask(do="pace", name=name, seconds=SECONDS, moves=MOVES)
                after = server.ask(do="usage")
                if found[name]["error"]:
                    raise RuntimeError(found[name]["error"])
                for count in ("ticks", "sent", "skipped"):
                    found[name][count] = after[count] - before[count]
            if turn:  # the first round fills caches
                pairs.append((found["crowd"], found["alone"]))
        return {"pairs": pairs}


def framed(payload: str) -> str:
    """A text frame around a payload, both as hex."""
    size = len(payload) // 2
    head = f"81{size:02x}" if size < 126 else f"817e{size:04x}"
    return head + payload


def result(begun: Json, got: Json, after: Json) -> Json:
    """Deliveries per second of wall time and of the server's CPU time."""
    seconds = got["last"] - begun["begun"]
    return {
        "frames": got["frames"],
        "rate": got["frames"] / seconds,
        "per_cpu": got["frames"] / begun["cpu"],
        "lost": got["lost"],
        "versions": after["versions"],
        "frame": after["frame"],
    }


@contextmanager
def crowd(folder: Path) -> Iterator[Crowd]:
    """The crowd, while the block runs."""
    found = Crowd(folder)
    try:
        yield found
    finally:
        found.close()
