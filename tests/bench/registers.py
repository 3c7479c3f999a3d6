"""Bench: a register of a million certificates: memory and time to fold, look-ups, statistics.

``python -m tests.bench.registers [COUNT]`` prints its figures as JSON. The lines are those of the way of a
promotion (proposed, reserved, issued; 200 rows to a line), decoded and folded as at a start.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from compsys import core
from compsys import events as e
from compsys import facts_credentials as f
from compsys.exchange import credential_figures, register_rows
from compsys.exchange.register_row import Wanted
from compsys.state import State
from compsys.state_credentials import Credential, Slice
from tests.bench.remote import Json
from tests.compsys import certified

MANY, EACH, ASKED, PLAIN = 1_000_000, 200, 20_000, 20_000
BATCH = 5 * EACH
LEVELS = ("3", "2")
CREATED = "2026-05-01T00:00:00.000+08:00"
SEAL = bytes(32)
SAID = f.Wording(role="选手 / Competitor", awards={}, evidence="成绩 / Results", narrative="v1")


def memory() -> int:
    """The bytes of this process that are in memory."""
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def founded() -> State:
    """An issuer with key and occupation."""
    world = certified.founded(2)
    certified.keyed(world)
    return world.state


def lines(chance: random.Random, count: int, key: str) -> Iterator[bytes]:
    """The open parts of the lines, in their order."""

    def some() -> str:
        return f"{chance.getrandbits(128):032x}"

    proof = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

    def packed(event: e.AnyEvent) -> bytes:
        return e.pack(event, e.Closed(salt=""))[0]

    basis = f.Basis(kind="result", digest=some() * 2, trade="weld", stage="final", group="open", version=1)
    frozen = f.AchievementFrozen(issuer="centre", achievement="a", version=1, value={"id": "a"})
    yield packed(frozen)
    for start in range(0, count, EACH):
        at = start % BATCH
        if not at:
            batch = some()
        rows = [
            f.Row(
                person=some(), entry=some(), delegation=f"d{i % 2}", level=LEVELS[i % 2], held="unknown",
                results=(("level", LEVELS[i % 2]), ("mark", f"{60 + i % 40}.5"), ("rank", str(at + i + 1))),
                clause="1-5", unknown=("held",),
            )
            for i in range(EACH)
        ]  # fmt: skip
        first = {
            "first": True, "paper": "level", "issuer": "centre", "basis": basis,
            "occupation": certified.OCCUPATION, "rules": "hi-2023/1", "text": "", "approver": "",
            "before": "",
        }  # fmt: skip
        yield packed(f.CredentialsProposed(batch=batch, rows=tuple(rows), **(first if not at else {})))  # type: ignore[arg-type]  # spread
        ids = [some() for _ in range(EACH)]
        yield packed(
            f.CredentialsReserved(
                batch=batch, issuer="centre", record=1, key=key, list=1 + start // 131_000, created=CREATED,
                achievements=("a/v1",), wording=SAID,
                rows=tuple(
                    (at + i, ids[i], some(), f"S0000370000422630{start + i:06}", (start + i) % 131_000, 0)
                    for i in range(EACH)
                ),
            )
        )  # fmt: skip
        values = ["z" + "".join(chance.choices(proof, k=87)) for _ in range(2 * EACH)]
        signed = tuple((one, values[2 * i], values[2 * i + 1], some() * 2) for i, one in enumerate(ids))
        yield packed(f.CredentialsIssued(batch=batch, rows=signed))


def fold(state: State, count: int, chance: random.Random) -> tuple[float, float, list[str]]:
    """Seconds of the processor to decode and fold, of that to decode; some of the ids."""
    whole = decoding = 0.0
    some: list[str] = []
    key = state.credentials.keys["centre"][0].id
    closed = e.Closed(salt="")
    for n, data in enumerate(lines(chance, count, key), state.n + 1):
        begun = time.process_time()
        event = e.unpack(data)
        decoded = time.process_time()
        core.apply(state, e.COMPETITION, n, SEAL, event, closed)
        whole += time.process_time() - begun
        decoding += decoded - begun
        if isinstance(event, f.CredentialsIssued) and len(some) < ASKED:
            some += [row[0] for row in event.rows[:: max(1, count // ASKED)]]
    return whole, decoding, some


def p95(times: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return sorted(times)[len(times) * 95 // 100] * 1e3


def looked(state: State, ids: list[str], chance: random.Random) -> dict[str, float]:
    """p95 of a look-up in milliseconds: by id, number, person; and the row that each rests on."""
    held = state.credentials
    known = [held.held[key] for key in chance.sample(ids, min(2000, len(ids)))]
    ways = {
        "id": lambda one: held.find(one.id),
        "number": lambda one: held.find(one.number),
        "person": lambda one: held.persons.get(one.person),
        "row": lambda one: held.row(one),
        "nothing": lambda one: held.find(one.number[:-1] + "x"),
    }
    found = {}
    for name, look in ways.items():
        times = []
        for one in known:
            begun = time.perf_counter()
            got = look(one)
            times.append(time.perf_counter() - begun)
            if (got is None or got == []) != (name == "nothing"):
                raise RuntimeError(f"{name}: {one.number}")
        found[name] = p95(times)
    return found


def plain(chance: random.Random) -> float:
    """Bytes of a credential as an object, with its row, in three dicts."""
    gc.collect()
    before, held, numbers, persons = memory(), dict[str, object](), dict[str, str](), dict[str, list[str]]()
    rows = []
    one = Slice(1, "b", "centre", 1, "k", 1, CREATED, "", ("a/v1",), SAID)
    for at in range(PLAIN):
        key, subject, person, entry, *more = (f"{chance.getrandbits(128):032x}" for _ in range(10))
        text = "".join(more)
        credential = Credential(key, subject, f"S{at:021}", one, at, at, 0, person, "valid", "", text[:88])
        credential.jcs, credential.sha = text[88:176], text[:64]
        results = (("level", str(at % 5)), ("mark", f"{at}.5"), ("rank", f"{at}"))
        row = f.Row(person=person, entry=entry, delegation=f"d{at}", level="3", results=results)
        rows.append(msgspec.convert(msgspec.to_builtins(row), f.Row))
        held[key], numbers[credential.number] = credential, key
        persons.setdefault(person, []).append(key)
    return (memory() - before) / PLAIN


def main(count: int) -> Json:
    """All of it."""
    chance = random.Random(4)
    gc.disable()
    each_plain = plain(chance)
    state = founded()
    before = memory()
    seconds, decoding, ids = fold(state, count, chance)
    each = (memory() - before) / count
    found: Json = {"count": count, "bytes": each, "plain_bytes": each_plain, "seconds": seconds}
    found |= {"decoding": decoding, "p95_ms": looked(state, ids, chance)}
    begun = time.process_time()
    counted = credential_figures.figures(register_rows.rows(state), "year", ("firm",), Wanted(), "2026-12-31")
    found["figures_seconds"] = time.process_time() - begun
    if counted.whole is None or counted.whole.total != count:
        raise RuntimeError(f"{counted.whole} of {count}")
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)))
