"""The end of the demo: certificates of the prize winners, the whole way from official results to documents.

The body, its filing and the officer are invented; the rule is that of a provincial contest (``RULES``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compsys import commands_credentials as c
from compsys import events as e
from compsys import passwords, proposing
from compsys.afternoon import ORGANIZER, Stuck
from compsys.commands_papers import PrintCredentials
from compsys.credentials import documents, jcs, papers, qr, working
from compsys.credentials.achievements import both
from compsys.credentials.certificate import Paper
from compsys.credentials.days import local
from compsys.credentials.glyphs import SerifMissing
from compsys.credentials.typesetting import Press
from compsys.desk import Desk
from compsys.exchange import promotions
from compsys.records_credentials import Filing, Issuer, Occupation, Scope
from scoring_rules import profiles

RULES = "hi-2023"
ISSUER = "karamay-centre"
OFFICER = "officer"
EDITION = "2022"
OCCUPATIONS = {
    "food-carving": ("4-03-02-01", "中式烹调师", "Chinese cook", "5120"),
    "hot-dishes": ("4-03-02-01", "中式烹调师", "Chinese cook", "5120"),
    "plating": ("4-03-02-01", "中式烹调师", "Chinese cook", "5120"),
    "pastry": ("4-03-02-02", "中式面点师", "Chinese pastry cook", "7512"),
    "restaurant-service": ("4-03-02-05", "餐厅服务员", "Waiter", "5131"),
}
"""trade -> code of its occupation, names, ISCO-08 group."""
FOLDER = "certificates"


def occupations() -> list[Occupation]:
    """The occupations of the trades, each once."""
    return [
        Occupation(
            code=code, edition=EDITION, name={"zh-CN": zh, "en": en}, isco=isco,
            standard=f"国家职业标准 {zh}", standard_edition="2018",
        )
        for code, zh, en, isco in dict.fromkeys(OCCUPATIONS.values())
    ]  # fmt: skip


def issuer() -> Issuer:
    """An invented body, filed for these occupations at levels 3 and 2."""
    codes = dict.fromkeys(one[0] for one in OCCUPATIONS.values())
    scopes = tuple(Scope(occupation=code, edition=EDITION, levels=("3", "2")) for code in codes)
    filing = Filing(
        number="SAMPLE-2022-001", authority="示例省人力资源和社会保障厅", since="2020-01-01",
        until="2099-12-31", code="S000065000001", scopes=scopes,
    )  # fmt: skip
    name = {"zh-CN": "示例技能评价中心", "en": "Sample Skills Assessment Centre"}
    return Issuer(id=ISSUER, name=name, base="https://certs.example.org", filing=filing)


async def certify(desk: Desk, directory: Path) -> dict[str, Any]:
    """Issue certificates for the prize winners of all trades into DIR/certificates; what was issued.

    Raises Stuck when a step is refused.
    """
    await _founded(desk)
    numbers: list[str] = []
    async with desk.reading() as state:
        places = [place for place in sorted(state.results) if state.results[place].state == "official"]
    for place in places:
        if (batch := await _batch(desk, proposing.Place(*place))) is not None:
            left = 1
            while left:
                found = await working.issue(desk, ORGANIZER, batch)
                if found.refused is not None or found.void:
                    raise Stuck(f"{place}: {found}")
                left = found.left
    folder = directory / FOLDER
    written: dict[str, bytes] = {}
    async with desk.reading() as state:
        for credential in state.credentials.held.values():
            made = documents.document(state, desk.names, credential)
            if isinstance(made, e.Refused):
                raise Stuck(f"{credential.number}: {made}")
            numbers.append(credential.number)
            text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
            written[f"{credential.number}.json"] = text.encode()
    numbers.sort()
    if numbers and (printed := await _printed(desk, numbers[0])) is not None:
        written[f"{numbers[0]}.pdf"] = printed
    folder.mkdir(exist_ok=True)
    for name, data in written.items():
        (folder / name).write_bytes(data)
    pdf = next((name for name in written if name.endswith(".pdf")), "")
    return {"issued": len(numbers), "folder": str(folder), "numbers": numbers, "pdf": pdf}


async def _printed(desk: Desk, number: str) -> bytes | None:
    """One certificate as a PDF; None where this machine has no font to print it with."""
    async with desk.reading() as state:
        found = state.credentials.find(number)
    assert found is not None
    await _do(desk, PrintCredentials(credentials=(found.id,)))
    async with desk.reading() as state:
        made = documents.document(state, desk.names, found)
        assert not isinstance(made, e.Refused)
        body = issuer()
        address = qr.address(body.base, made, papers.dictionary(state, found))
        trade = state.setup.trades[state.credentials.batches[found.batch].basis.trade]
        held = state.setup.competition
        page = Paper(
            jcs.canonical(made), "level", address, f"{body.base}/v",
            event=both(held.name) if held is not None else "", trade=both(trade.name),
        )  # fmt: skip

    def work() -> bytes | e.Refused | None:
        try:
            with Press() as press:
                return press.print([page])
        except SerifMissing:
            return None

    pdf = await desk.in_thread(work)
    return None if isinstance(pdf, e.Refused) else pdf


async def _founded(desk: Desk) -> None:
    """The body with its key, the occupations, the officer (whose password nobody knows)."""
    await _do(desk, c.SetIssuer(issuer=issuer()))
    for one in occupations():
        await _do(desk, c.SetOccupation(occupation=one))
    secret = passwords.hashed(desk.fresh(), bytes.fromhex(desk.fresh()))
    await _do(desk, e.MakeAccount(account=OFFICER, roles=("officer",), secret=secret))
    answer = await working.make_key(desk, ORGANIZER, ISSUER)
    if answer.a != "accepted":
        raise Stuck(str(answer))


async def _batch(desk: Desk, place: proposing.Place) -> str | None:
    """The approved batch of one group; None where its rules propose nobody."""
    batch = desk.fresh()
    async with desk.reading() as state:
        persons = [
            person
            for entry in state.setup.entries.values()
            if (entry.trade, entry.group) == (place.trade, place.group)
            for person in proposing.members(entry)
        ]
        today = local(state, desk.now())[:10]
    facts = []
    for person in persons:
        known = promotions.known(desk.names(person))
        facts.append(c.Fact(person=person, held=known.held, category=known.category))
    command = c.ProposeCredentials(
        batch=batch, paper="level", issuer=ISSUER, trade=place.trade, stage=place.stage, group=place.group,
        rules=profiles.load(RULES).text, occupation=f"{OCCUPATIONS[place.trade][0]}@{EDITION}",
        facts=tuple(facts),
    )  # fmt: skip
    answer = await working.submit(desk, ORGANIZER, command)
    if answer.code == "credential.nothing_to_propose":
        return None
    if answer.a != "accepted":
        raise Stuck(str(answer))
    # A notice of no days: the demo does not wait a week.
    await _do(desk, c.GiveNotice(batch=batch, since=today, days=0))
    await _do(desk, c.ApproveBatch(batch=batch, version=1, confirmed_by=OFFICER, identity=("*",)))
    return batch


async def _do(desk: Desk, command: e.AnyCommand) -> None:
    answer = await working.submit(desk, ORGANIZER, command)
    if answer.a != "accepted":
        raise Stuck(f"{type(command).__name__}: {answer}")
