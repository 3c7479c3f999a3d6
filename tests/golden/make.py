"""Makes the golden journals that are missing, and anew what the first gives: ``python -m tests.golden.make``.

They are small competitions with at least one line of every kind. A journal that stands stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from compsys import commands_assessment as a
from compsys import commands_credentials as c
from compsys import commands_holder as h
from compsys import core, importing, journal_api, seal, vault
from compsys import events as e
from compsys.commands_papers import KeepDictionaries, PrintCredentials
from compsys.commands_registers import NoteRegister
from compsys.exchange import book, results
from compsys.seal import Line
from compsys.state import State
from compsys.vault import Identity
from compsys.words import LANGS
from scoring_rules import profiles
from tests.compsys import assessed, certified
from tests.compsys.exchange.test_book import eventful
from tests.compsys.exchange.test_results import WHERE, publish
from tests.compsys.funnel import FINAL, HEAT, brought, finished, founded, funnel, marked, rows
from tests.world import MAIN, OFFICE, ORGANIZER, World, mark_all, opened, set_up

HERE = Path(__file__).parent
NAMES = {"p1": Identity({"zh-CN": "王小明", "en": "Wang Xiaoming"}), "p2": Identity({"zh-CN": "李娜"})}


def day() -> World:
    """The eventful day, and what it lacks of the kinds of lines."""
    world = eventful()
    salt = "cd" * 16
    bound = vault.commitment(salt, vault.canonical(NAMES["p1"]))
    world.do(ORGANIZER, e.BindPerson(person="p1", commitment=bound, salt=salt))
    world.do(OFFICE, e.MakeAccount(account="lin", roles=("organizer",), secret="scrypt$00$11"))
    trade, stage, group = WHERE
    world.do(ORGANIZER, e.Annul(trade=trade, stage=stage, group=group, reason="复核", confirmed_by="zhao"))
    note = {"zh-CN": "复核后维持。", "en": "Upheld after review."}
    publish(world, "official", "delegations", reason="复核", note=note)
    publish(world, "official", "public")
    world.do(ORGANIZER, e.RevokeDevice(device=world.devices["cooking/final/clerk"], reason="交还"))
    world.do(ORGANIZER, e.Withhold(stream=MAIN, n=2, reason="应本人要求"))
    return world


def other_day() -> World:
    """A second, unfinished competition for the kinds that the first cannot hold beside each other."""
    world = opened(2, seed=3)
    chief, unit = world.seat("chief"), "u1"
    world.do(chief, e.CheckIn(stream=MAIN, unit=unit, session="practice", minutes_late=2))
    world.do(chief, e.Credit(stream=MAIN, unit=unit, session="practice", seconds=90, reason="停电"))
    world.do(chief, e.Session(stream=MAIN, session="practice", move="pause", reason="停电"))
    world.do(chief, e.Session(stream=MAIN, session="practice", move="resume"))
    for round_ in (1, 2, 3):
        for seat, vote in (("s1", "0"), ("s2", "2"), ("s3", "3")):
            world.mark(seat, unit, "A1.J1", vote)
        if round_ < 3:
            world.do(chief, e.Revote(stream=MAIN, unit=unit, aspect="A1.J1", reason="理由已说明"))
    world.do(chief, e.Resolve(stream=MAIN, unit=unit, aspect="A1.J1", mark="5", reason="三轮未果"))
    world.do(chief, e.Excuse(stream=MAIN, unit=unit, aspect="A1.J2", seat="cooking/final/s1", reason="离场"))
    assert world.mark("s1", unit, "C1.P1", "9").a == "accepted"
    assert world.mark("s1", unit, "C1.P1", "8", base=0).a == "conflict"
    world.do(chief, e.Void(stream=MAIN, what="aspect:B1.M2", full=True, reason="题目有误"))
    world.do(ORGANIZER, e.Freeze(stream=MAIN, on=True, reason="封榜"))
    world.do(chief, e.Finish(stream=MAIN, unit=unit, session="practice", seconds="3605.25"))
    return world


def lists_day() -> World:
    """A competition with lists of other people: taken, taken back, columns remembered, scores in parts."""
    world = opened(2, seed=5, theory=True)
    salt = "ef" * 16
    bound = vault.commitment(salt, vault.canonical(NAMES["p2"]))
    entry = {"id": "e9", "trade": "cooking", "delegation": "d1", "members": [{"person": "p9"}]}
    items = (
        e.Define(kind="person", id="p9", value={"id": "p9"}),
        e.Define(kind="entry", id="e9", value=entry),
    )
    persons = (e.BindPerson(person="p9", commitment=bound, salt=salt),)
    taken = world.do(ORGANIZER, e.ImportList(what="entrants", digest="ab" * 32, items=items, persons=persons))
    world.do(ORGANIZER, e.RevertList(n=taken.n))
    world.do(ORGANIZER, e.MapColumns(shape="0f" * 16, columns=("name_zh", "", "delegation")))
    rows: tuple[tuple[str, str | None, str], ...] = (("u1", "88.5", ""), ("u2", None, "absent"))
    brought = e.ImportScores(stream=MAIN, component="theory", digest="cd" * 32, rows=rows)
    with in_lines_of(1):
        first = world.do(ORGANIZER, brought)
        world.do(ORGANIZER, e.WithdrawScores(stream=MAIN, n=first.n))
        second = world.do(ORGANIZER, brought)
    world.do(OFFICE, e.ConfirmScores(stream=MAIN, n=second.n))
    return world


def ties_day() -> World:
    """A competition whose cut keeps places for pools, who waits moves up, and a play-off sets a tie apart."""
    world = founded()
    world.do(ORGANIZER, e.EnterMany(trade="bake", group="open", rows=rows(6)))
    for i, pool in enumerate("aabbbc"):
        entry = msgspec.structs.replace(world.state.setup.entries[f"e0000{i}"], pool=pool)
        world.do(ORGANIZER, e.Define(kind="entry", id=entry.id, value=msgspec.to_builtins(entry)))
    group = world.state.setup.groups["bake/heat/open"]
    keys = 'keys = [["total", "desc"], ["play_off", "desc"], ["decided", "asc"]]'
    lines = profiles.load("cook-off").text.split("\n")
    text = "\n".join(keys if line.startswith("keys =") else line for line in lines)
    world.define("profile", id="own", text=text)
    group = msgspec.structs.replace(group, profile="own")
    world.do(ORGANIZER, e.Define(kind="group", id="bake/heat/open", value=msgspec.to_builtins(group)))
    marks: dict[str, str | None] = dict(zip((f"e0000{i}" for i in range(6)), "988765", strict=True))
    brought(world, HEAT, "exam", marks)
    off = (("heat-e00001", "3"), ("heat-e00002", "5.5"))
    world.do(ORGANIZER, e.SettleTie(stream=HEAT, key="play_off", rows=off, reason="加赛一轮"))
    finished(world, HEAT)
    cut = e.Cut(pool="pool", per_pool=1, reserve=2, carry="points", points=("10", "8", "6"))
    at = {"trade": "bake", "stage": "heat", "group": "open", "to": "final"}
    wild = {"wild_cards": ("e00004",), "reason": "上届冠军"}
    world.do(ORGANIZER, e.Advance(**at, count=4, cut=cut, **wild))  # type: ignore[arg-type]  # spread
    world.do(ORGANIZER, e.MoveUp(**at, entry="e00002", reason="因伤退赛"))
    going = world.state.advanced["bake", "final", "open"].entries
    marked(world, FINAL, "panel", dict.fromkeys(going, "70"))
    return world


def panel_day() -> World:
    """A competition whose sheets are signed by four: the supervisor hands one back, then signs it."""
    world = opened(1, seed=9, profile="cn-national")
    mark_all(world, "u1")
    supervisor = e.Actor(kind="account", id="ou", roles=("supervisor",))
    links = (("lead", world.seat("s1")), ("chief", world.seat("chief")), ("supervisor", supervisor))
    for sub in ("A1", "B1", "C1"):
        for link, actor in links:
            if (sub, link) == ("A1", "supervisor"):
                world.do(actor, e.HandBack(stream=MAIN, unit="u1", sub=sub, reason="第三席字迹不清"))
                again = e.Sign(stream=MAIN, unit="u1", sub=sub, seat=links[1][1].id, step="chief")
                world.do(links[1][1], again)
            world.do(actor, e.Sign(stream=MAIN, unit="u1", sub=sub, seat=actor.id, step=link))
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    return world


def acceptance_day() -> World:
    """Sheets that wait for the competitor's own expert and the competitor: accepted, disputed and answered
    both ways, recorded as missed, signed and refused."""
    own = profiles.load("cook-off").text.replace('id = "cook-off"', 'id = "own"')
    own = own.replace("\nchain = [", '\nacceptance = "own_expert"\ncompetitor = "all"\nchain = [')
    world = set_up(World(15), 1, profile="own", own=own)
    world.define("person", id="px")
    world.define("judge", id="jx", person="px", affiliations=["d1"])
    world.define("seat", id="x1", trade="cooking", stage="final", label="X1", role="expert", judge="jx")
    world.do(ORGANIZER, e.Draw(stream=MAIN, units=(("e1", "u1", "A11"),)))
    world.do(ORGANIZER, e.Open(stream=MAIN))
    world.do(ORGANIZER, e.Session(stream=MAIN, session="practice", move="start"))
    mark_all(world, "u1")
    expert, chief = world.seat("x1"), world.seat("chief")
    of = {"stream": MAIN, "unit": "u1"}
    world.do(expert, e.Accept(**of, sub="B1", accept=True))  # type: ignore[arg-type]  # spread
    for sub, outcome, votes in (("A1", "stands", (3, 5)), ("C1", "returned", (0, 0))):
        world.do(expert, e.Accept(**of, sub=sub, accept=False, words="照片上是四块"))  # type: ignore[arg-type]  # spread
        said = {"words": "复核过", "outcome": outcome, "votes_for": votes[0], "votes_all": votes[1]}
        world.do(chief, e.AnswerDispute(**of, sub=sub, **said))  # type: ignore[arg-type]  # spread
    for seat in ("s1", "s2", "s3"):
        world.sign(seat, "u1", "C1")
    world.do(chief, e.MissExpert(stream=MAIN, sheets=(("u1", "C1"),), reason="专家已离场"))
    heard = (("A1", "agrees", "A11", ""), ("B1", "refuses", "", "数目不对"), ("C1", "absent", "", "已离场"))
    for sub, outcome, code, words in heard:
        said = {"outcome": outcome, "code": code, "words": words}
        world.do(world.seat("s1"), e.CompetitorSigns(**of, sub=sub, **said))  # type: ignore[arg-type]  # spread
    world.do(ORGANIZER, e.Lock(stream=MAIN, scope="stage"))
    return world


def floor_day() -> World:
    """A competition in which things are said to tablets, read, reported and decided."""
    world = opened(2, seed=7)
    chief, unit = world.seat("chief"), "u1"
    said = world.do(ORGANIZER, e.Announce(text="午餐十二点，在一号厅。"))
    world.do(world.seat("s1"), e.ReadWord(n=said.n))
    world.do(chief, e.CheckIn(stream=MAIN, unit=unit, session="practice", identity="same"))
    of = {"stream": MAIN, "unit": unit, "session": "practice"}
    power = world.do(chief, e.Report(incident="equipment", text="烤箱断电", **of))  # type: ignore[arg-type]  # spread
    credit = {"outcome": "credit", "seconds": 300, "reason": "断电五分钟"}
    world.do(chief, e.DecideIncident(stream=MAIN, n=power.n, **credit))  # type: ignore[arg-type]  # spread
    own = world.do(chief, e.Report(incident="conduct", text="自带食盐", **of))  # type: ignore[arg-type]  # spread
    world.do(
        chief,
        e.DecideIncident(
            stream=MAIN, n=own.n, outcome="penalty", component="practice", amount="-2", reason="自带材料",
            confirmed_by="ou",
        ),
    )  # fmt: skip
    return world


def pins_day() -> World:
    """A competition whose judges have PINs: a slip's link, an approved tablet, a PIN locked and unlocked."""
    world = opened(1, seed=11, pin=True)
    judge = world.seat("s1")
    token = world.fresh()
    world.do(
        ORGANIZER, e.IssueLink(seat=judge.id, token=token, expires="2099-01-01T00:00:00.000Z", slip=True)
    )
    device = world.devices[judge.id] = world.fresh()
    world.do(OFFICE, e.Enrol(seat=judge.id, token=token, device=device, device_key="k", approved="lin"))
    world.do(judge, e.SetPin(seat=judge.id, secret=f"scrypt${'00' * 16}${'11' * 32}"))
    world.do(judge, e.LockPin(seat=judge.id, device=device))
    world.do(world.seat("chief"), e.UnlockPin(seat=judge.id))
    world.do(ORGANIZER, e.SetPin(seat=judge.id, secret=""))
    return world


def tablets_day() -> World:
    """A third tablet takes a seat over: what the others may still send."""
    world = opened(1, seed=7)
    seat = world.seat("s1").id
    for token, device in (("d1" * 8, "e1" * 8), ("d2" * 8, "e2" * 8)):
        world.do(ORGANIZER, e.IssueLink(seat=seat, token=token, expires="2099-01-01T00:00:00.000Z"))
        world.do(OFFICE, e.Enrol(seat=seat, token=token, device=device, device_key="k"))
    world.mark("s1", "u1", "A1.J1", "2")
    return world


def copies_day() -> World:
    """A copy off this machine, made while votes are sealed, and a later one that holds everything."""
    world = opened(1, seed=13)
    world.mark("s1", "u1", "A1.J1", "2")
    for where in ("红色 U 盘", "备用机"):
        stream = world.state.streams[MAIN]
        heads = {MAIN: (stream.n, stream.head.hex()), e.COMPETITION: (world.state.n, world.state.head.hex())}
        world.do(ORGANIZER, e.KeepHeads(heads=heads, where=where))
        for seat in ("s2", "s3"):
            world.mark(seat, "u1", "A1.J1", "2")
    return world


def credentials_day() -> World:
    """The way from an official result to credentials: an objection upheld, a number void, one revoked, one
    suspended and reinstated, a key revoked and everything else issued anew."""
    world = certified.official(6)
    world.do(ORGANIZER, c.NoteTraining(rows=(("p00005", "school", ""),)))
    batch = certified.propose(world, count=6)
    since = certified.day(world)
    world.do(ORGANIZER, c.GiveNotice(batch=batch.id, since=since, days=3))
    said = world.do(ORGANIZER, c.Object(batch=batch.id, row=2, words="并非本人参赛"))
    answered = c.AnswerObjection(batch=batch.id, n=said.n, upheld=True, words="经核查属实", since=since)
    world.do(ORGANIZER, answered)
    known = e.Actor("account", "qian", ("officer",))
    named = {"identity": ("*",), "authority": "省厅"}
    world.do(known, c.ApproveBatch(batch=batch.id, version=2, confirmed_by="sun", **named))  # type: ignore[arg-type]  # spread
    certified.reserve(world, batch)
    first = next(iter(world.state.credentials.waiting))
    world.do(ORGANIZER, c.VoidNumbers(batch=batch.id, rows=((first, "credential.holder_unnamed"),)))
    certified.sign(world, batch)
    certified.reserve(world, batch)
    certified.sign(world, batch)
    ids = list(world.state.credentials.held)
    moves = (("suspended", "appeal"), ("reinstated", "appeal"), ("revoked", "fraud"))
    for move, code in moves:
        command = c.MoveCredentials(
            move=move, credentials=(ids[0],), code=code, reason="查证", confirmed_by="sun"  # type: ignore[arg-type]  # words of the command
        )  # fmt: skip
        world.do(ORGANIZER, command)
    key = world.state.credentials.keys["centre"][0].id
    gone = c.MoveKey(issuer="centre", key=key, move="revoked", reason="外泄", confirmed_by="sun")
    world.do(ORGANIZER, gone)
    certified.keyed(world, certified.OTHER)
    again = tuple((one, i) for i, one in enumerate(ids[1:]))
    world.do(
        ORGANIZER, c.ReissueCredentials(rows=again, code="key_revoked", reason="换钥", confirmed_by="sun")
    )
    certified.sign(world, batch, certified.OTHER)
    return world


def appeals_day() -> World:
    """Two appeals against an official result, one rejected, one withdrawn, then the way on."""
    world = certified.official(4)
    for entry in ("e00002", ""):
        lodged = c.LodgeAppeal(**certified.WHERE, delegation="d0", entry=entry, words="测量两次")
        n = world.do(ORGANIZER, lodged).n
        outcome = "rejected" if entry else "withdrawn"
        world.do(certified.SECOND, c.RuleAppeal(n=n, outcome=outcome, words="已复核"))  # type: ignore[arg-type]  # a word of the command
    certified.propose(world, count=4)
    return world


def assessment_day() -> World:
    """An assessment without a competition: papers looked at, marks typed twice, a severe finding closed, and
    a correction after the proposals."""
    world = assessed.founded()
    world.do(ORGANIZER, assessed.opening())
    unknown = assessed.candidacy(2, held_stated=False, held="", since_held=None)
    new = assessed.candidacy(50, commitment=assessed.bound(50), bodies=("school",))
    assessed.admit(world, "w1", assessed.candidacy(0), unknown, new)
    world.do(assessed.OFFICER, a.ClearCandidate(batch="w1", person="p00002", reason="看过证书"))
    given = [(i, part, mark) for i in (0, 2, 50) for part, mark in (("theory", "72"), ("practice", "81.5"))]
    for typist in (assessed.CLERK, assessed.TYPIST):
        world.do(typist, assessed.marks("w1", "typed", *given))
    raised = a.RaiseFinding(batch="w1", by="outer", severity="severe", rule="8.2", words="考场门未关")
    n = world.do(assessed.INSPECTOR, raised).n
    world.do(assessed.CLERK, a.AnswerFinding(batch="w1", of=n, words="已处理"))
    world.do(assessed.INSPECTOR, a.AnswerFinding(batch="w1", of=n, words="属实", close=True))
    assessed.proposed(world)
    for typist in (assessed.CLERK, assessed.TYPIST):
        world.do(typist, assessed.marks("w1", "typed", (2, "practice", "absent"), reason="卷面核对"))
    assessed.proposed(world, actor=assessed.SECOND)
    return world


def apart_day() -> World:
    """A panel that is apart to its last round: the reserve joins and all vote again."""
    text = profiles.load("cook-off").text.replace('after_rounds = "chief"', 'after_rounds = "reserve"')
    world = opened(1, seed=11, profile="own", own=text.replace('id = "cook-off"', 'id = "own"'))
    for round_ in (1, 2, 3, 4):
        four = tuple((f"s{i}", "2") for i in (1, 2, 3, 4))
        seats = (("s1", "0"), ("s2", "2"), ("s3", "3")) if round_ < 4 else four
        for seat, vote in seats:
            assert world.mark(seat, "u1", "A1.J1", vote).a == "accepted"
        if round_ < 3:
            world.do(world.seat("s1"), e.Revote(stream=MAIN, unit="u1", aspect="A1.J1", reason="讨论"))
    return world


@contextmanager
def in_lines_of(rows: int) -> Iterator[None]:
    """Imports written as lines of so few rows."""
    before, importing.ROWS = importing.ROWS, rows
    try:
        yield
    finally:
        importing.ROWS = before


def stored(world: World) -> list[Line]:
    """The world's lines as a journal keeps them."""
    found = []
    for stream, n, sealed, event, closed in world.lines:
        open_part, closed_part = e.pack(event, closed)
        found.append(Line(stream, n, open_part, closed_part, seal.digest(closed_part), sealed))
    return found


def registers_day() -> World:
    """What of a register went out: an upload sheet, an archive and a look at it."""
    world = certified.official(2)
    batch = certified.issued(world, count=2)
    columns = ("number", "name", "id_type", "id_number", "level")
    sheet = NoteRegister(
        what="sheet", subject="cn-national/1", columns=columns, count=2, files=("ab" * 32,), purpose="上报"
    )
    world.do(ORGANIZER, sheet)
    for what in ("archive", "archive_checked"):
        made = NoteRegister(what=what, subject=batch.id, columns=(), count=2, files=("cd" * 32,))  # type: ignore[arg-type]  # words of the command
        world.do(OFFICE, made)
    return world


def papers_day() -> World:
    """Award certificates printed, one of them twice; the symbol of a level kept without a print."""
    world = certified.official(3)
    awards = certified.issued(world, "award", count=3)
    ids = tuple(world.state.credentials.held)
    world.do(ORGANIZER, PrintCredentials(credentials=ids))
    world.do(ORGANIZER, PrintCredentials(credentials=ids[:1]))
    level = certified.issued(world, count=3)
    world.do(ORGANIZER, KeepDictionaries(credentials=(level.issued[0],)))
    assert awards.paper == "award"
    return world


def holder_day() -> World:
    """A holder comes in and out again, has a name corrected, shares a view; a correction refused, a link
    revoked."""
    world = certified.official(2)
    certified.issued(world, count=2)
    one, two = "p00000", "p00001"
    held, me = world.state.credentials, e.Actor("holder", one, ("holder",))
    until = "2026-12-01T00:00:00.000Z"
    rows = ((one, "a1" * 32), (two, "b2" * 32))
    world.do(OFFICE, h.IssueHolderLinks(rows=rows, expires=until, slip=True))
    world.do(me, h.EnterAsHolder(person=one, link="a1" * 32, session="c3" * 32))
    for id_, salt in (("d4" * 6, "e5" * 16), ("f6" * 6, "")):
        world.do(me, h.AskCorrection(id=id_, person=one))
        made = vault.commitment(salt, vault.canonical(NAMES["p1"])) if salt else ""
        world.do(OFFICE, h.SettleCorrection(id=id_, confirmed_by="qian", commitment=made, salt=salt))
    share = h.ShareView(
        id="07" * 6, person=one, token="18" * 32, credentials=tuple(held.persons[one]), expires=until
    )
    world.do(me, share)
    world.do(e.Actor("holder", share.id, ("holder",)), h.OpenView(id=share.id))
    world.do(me, h.RevokeView(id=share.id, person=one))
    world.do(me, h.LeaveAsHolder(person=one, session="c3" * 32))
    world.do(OFFICE, h.RevokeHolderLink(person=two))
    return world


def write_journal(path: Path, world: World) -> None:
    """The file an export gives, where there is none yet. One that stands is never written again: journals of
    its form lie on disks somewhere, and must be read for ever."""
    if path.exists():
        return
    lines = map(journal_api.export_line, stored(world))
    path.write_bytes(journal_api.export_header(world.state.id) + b"".join(lines))


def folded(path: Path) -> State:
    """The state that an exported journal folds to."""
    head, *lines = path.read_bytes().splitlines()
    state = State(id=json.loads(head)["competition"])
    for raw in lines:
        line = json.loads(raw)
        closed = None if line["closed"] is None else e.CLOSED_DECODER.decode(line["closed"])
        event = e.unpack(line["open"].encode())
        core.apply(state, line["stream"], line["n"], bytes.fromhex(line["seal"]), event, closed)
    return state


def products(state: State) -> dict[str, bytes]:
    """What is made of the first day's state, by file name."""
    told = book.data(state, NAMES.get, *WHERE)
    made = {"book.json": (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()}
    made["results.json"] = results.write(state, NAMES.get, *WHERE, "json", "en")
    for language in LANGS:
        made[f"results.{language}.csv"] = results.write(state, NAMES.get, *WHERE, "csv", language)
    return made


def main() -> None:
    """Write everything."""
    write_journal(HERE / "journal.jsonl", day())
    write_journal(HERE / "journal-2.jsonl", other_day())
    write_journal(HERE / "journal-3.jsonl", lists_day())
    write_journal(HERE / "journal-4.jsonl", funnel())
    write_journal(HERE / "journal-5.jsonl", ties_day())
    write_journal(HERE / "journal-panel.jsonl", panel_day())
    write_journal(HERE / "journal-apart.jsonl", apart_day())
    write_journal(HERE / "journal-floor.jsonl", floor_day())
    write_journal(HERE / "journal-pins.jsonl", pins_day())
    write_journal(HERE / "journal-tablets.jsonl", tablets_day())
    write_journal(HERE / "journal-copies.jsonl", copies_day())
    write_journal(HERE / "journal-acceptance.jsonl", acceptance_day())
    write_journal(HERE / "journal-credentials.jsonl", credentials_day())
    write_journal(HERE / "journal-appeals.jsonl", appeals_day())
    write_journal(HERE / "journal-registers.jsonl", registers_day())
    write_journal(HERE / "journal-papers.jsonl", papers_day())
    write_journal(HERE / "journal-assessment.jsonl", assessment_day())
    write_journal(HERE / "journal-holder.jsonl", holder_day())
    for name, data in products(folded(HERE / "journal.jsonl")).items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
