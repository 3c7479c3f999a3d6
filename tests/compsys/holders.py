"""A real desk on a real directory where people were issued certificates, with names the verifier knows."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec

from compsys import commands_credentials as c
from compsys import events as e
from compsys import vault
from compsys.clock import text
from compsys.credentials import working
from compsys.credentials.days import local
from compsys.credentials.signer import Algorithm
from compsys.desk import Desk
from compsys.identity import check_digit
from compsys.vault import Identity
from tests.compsys import certified
from tests.world import ORGANIZER

OFFICE = e.Actor("office", "office")
OFFICER = "qian"
SUITES: tuple[Algorithm, ...] = ("Ed25519", "ES256")
START = 1_780_000_000_000
LIFE = "2026-12-31T00:00:00.000Z"
MISREAD, RIGHT = "王晓名", "王晓明"


def number(i: int) -> str:
    """The identity number of person i (of the area that is given to nobody)."""
    body = f"99999919900101{i + 1:03d}"
    return body + check_digit(body)


def who(i: int) -> Identity:
    """Person i; the first one's name was misread at registration."""
    names = {"zh-CN": MISREAD if i == 0 else f"选手{'甲乙丙丁戊己庚辛'[i]}", "en": f"Competitor {i}"}
    phone = f"1380000{i + 1:04d}"
    return Identity(names, "resident_id", number(i), phone, held_level="none", category="worker")


def person(i: int) -> str:
    """The id of person i."""
    return f"p{i:05d}"


async def opened(directory: Path, seed: int = 1, ticks: Iterator[int] | None = None) -> Desk:
    """A desk on a directory, with a clock that ticks and seeded randomness."""
    going = ticks or itertools.count(START, 1000)
    return await Desk.open(directory, lambda: next(going), random.Random(seed).randbytes, "c-test")


async def put(desk: Desk, command: e.AnyCommand, actor: e.Actor = ORGANIZER) -> e.Answer:
    """A command that is taken."""
    answer = await desk.submit(e.Call(key=desk.fresh(), actor=actor, command=command))
    assert answer.a == "accepted", (answer, command)
    return answer


async def contest(desk: Desk, count: int = 4) -> None:
    """An official result, an issuer with a key of its own, everybody's name in the vault and bound."""
    await desk.put_persons([(person(i), who(i)) for i in range(count)])
    for call in certified.official(count).calls:
        command = call.command
        if isinstance(command, c.MakeKey):
            continue
        if isinstance(command, e.EnterMany):
            command = msgspec.structs.replace(command, rows=tuple(_bound(desk, r) for r in command.rows))
        answer = await desk.submit(msgspec.structs.replace(call, command=command))
        assert answer.a == "accepted", (answer, command)
    for suite in SUITES:
        answer = await working.make_key(desk, ORGANIZER, "centre", suite)
        assert answer.a == "accepted", answer


def _bound(desk: Desk, row: tuple[str, str, str, str, str]) -> tuple[str, str, str, str, str]:
    known = desk.names(row[3])
    assert known is not None
    return (*row[:4], vault.commitment(desk.vault.salt(row[3]), vault.canonical(known)))


async def certify(desk: Desk, paper: str = "level", count: int = 4) -> str:
    """Proposed, on notice, approved, issued; the batch."""
    batch = desk.fresh()
    await put(desk, certified.proposal(batch, paper, count))
    version = 0
    if paper == "level":
        async with desk.reading(e.COMPETITION) as state:
            day = local(state, text(START))[:10]
        await put(desk, c.GiveNotice(batch=batch, since=day, days=0))
        version = 1
    await put(desk, c.ApproveBatch(batch=batch, version=version, confirmed_by=OFFICER, identity=("*",)))
    found = await working.issue(desk, OFFICE, batch)
    assert found.refused is None and found.issued, found
    return batch


async def issued(directory: Path, seed: int = 1) -> Desk:
    """A desk whose people have their level certificates, and award certificates besides."""
    desk = await opened(directory, seed)
    await contest(desk)
    await certify(desk)
    await certify(desk, "award")
    return desk
