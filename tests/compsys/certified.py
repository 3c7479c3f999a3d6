"""A contest of one trade with an official result, an issuer with key and filing, and words for the way on."""

from __future__ import annotations

from typing import Any

from compsys import commands_credentials as c
from compsys import events as e
from compsys import vault
from compsys.credentials import documents, multikey, proofs, statement
from compsys.credentials.signer import Ed25519
from compsys.records_credentials import Allowed, Filing, Issuer, Occupation, Scope
from compsys.state_credentials import Batch, Credential
from compsys.vault import Identity
from scoring_rules import profiles
from tests.web.venue import Recorded
from tests.world import OFFICE, ORGANIZER, World

WELD = "weld.final.main"
WHERE = {"trade": "weld", "stage": "final", "group": "open"}
KEY = ("weld", "final", "open")
SECOND = e.Actor("account", "second", ("organizer",))
OFFICERS = ("qian", "sun")
OCCUPATION = "6-18-02-04@2022"
BODY = "S000037000042"
SECRET = bytes(range(32))
OTHER = bytes(range(1, 33))
RULES = profiles.load("hi-2023").text


def filing(**more: Any) -> Filing:
    """A filing for welders, levels 3 and 2, for the years around the test's clock."""
    scope = Scope(occupation="6-18-02-04", edition="2022", levels=("3", "2"))
    known: dict[str, Any] = {"number": "鲁备2026001", "authority": "山东省人社厅", "code": BODY}
    known |= {"since": "2026-01-01", "until": "2027-12-31", "scopes": (scope,)}
    return Filing(**{**known, **more})


def issuer(**more: Any) -> Issuer:
    """The body that issues."""
    name = {"zh-CN": "示例技能评价中心", "en": "Example Skills Assessment Centre"}
    known: dict[str, Any] = {"id": "centre", "name": name, "base": "https://c.example", "filing": filing()}
    return Issuer(**{**known, "email": "cert@c.example", **more})


def occupation(**more: Any) -> Occupation:
    """Welders."""
    known: dict[str, Any] = {
        "code": "6-18-02-04", "edition": "2022", "name": {"zh-CN": "焊工", "en": "Welder"},
        "standard": "国家职业标准 焊工", "standard_edition": "2018", "isco": "7212", "worldskills": "10",
    }  # fmt: skip
    return Occupation(**{**known, **more})


def identity(i: int) -> Identity:
    """Who person i is: nothing is held yet."""
    return Identity({"zh-CN": f"选手{i}", "en": f"Competitor {i}"}, held_level="none", category="worker")


def names(world: World | None = None) -> documents.Names:
    """The vault's answer: person p00007 is 选手7."""
    return lambda person: identity(int(person[1:])) if person else None


def founded(count: int = 8, **more: Any) -> Recorded:
    """The set-up with ``count`` entrants, an issuer, its key, the occupation and two officers."""
    world = Recorded(4)
    name = {"zh-CN": "焊接", "en": "Welding"}
    world.define("competition", id="c-test", name={"zh-CN": "测试赛", "en": "Test"}, days=["2026-05-01"])
    for number in range(2):
        world.define("delegation", id=f"d{number}", name={"en": f"D{number}"})
    world.define("trade", id="weld", name=name, standard="yes", question_level="2")
    world.define("stage", id="final", trade="weld", name=name, occupation=OCCUPATION, blind=False)
    exam = {"id": "practice", "name": name, "source": "imported"}
    at = {"trade": "weld", "stage": "final", "profile": "hi-2023"}
    world.define("group", id="open", **at, name=name, components=[exam])
    world.define("seat", id="chief", trade="weld", stage="final", label="chief", role="chief")
    rows = []
    for i in range(count):
        made = vault.commitment("ab" * 32, vault.canonical(identity(i)))
        rows.append((f"e{i:05d}", f"d{i % 2}", str(i), f"p{i:05d}", made))
    for start in range(0, count, 5000):
        world.do(ORGANIZER, e.EnterMany(trade="weld", group="open", rows=tuple(rows[start : start + 5000])))
    world.do(ORGANIZER, c.SetIssuer(issuer=issuer(**more)))
    world.do(ORGANIZER, c.SetOccupation(occupation=occupation()))
    for officer in OFFICERS:
        world.do(OFFICE, e.MakeAccount(account=officer, roles=("officer",), secret="scrypt$00$11"))
    return world


def keyed(world: World, secret: bytes = SECRET) -> str:
    """The issuer has a key; its id."""
    key = multikey.encode(Ed25519(secret).public)
    world.do(ORGANIZER, c.MakeKey(issuer="centre", key=key))
    return key


def marks(count: int) -> list[str]:
    """Marks from the best down, all different."""
    return [f"{95 - i * 80 / count:.3f}".rstrip("0").rstrip(".") for i in range(count)]


def official(count: int = 8, **more: Any) -> Recorded:
    """Marked by imported scores, locked, officially published."""
    world = founded(count, **more)
    keyed(world)
    units = tuple((f"e{i:05d}", f"u{i:05d}", f"A{i:05d}") for i in range(count))
    world.do(OFFICE, e.Draw(stream=WELD, units=units))
    world.do(OFFICE, e.Open(stream=WELD))
    given = tuple((f"u{i:05d}", mark, "") for i, mark in enumerate(marks(count)))
    told = world.do(ORGANIZER, e.ImportScores(stream=WELD, component="practice", digest="0", rows=given))
    world.do(SECOND, e.ConfirmScores(stream=WELD, n=told.n))
    world.do(ORGANIZER, e.Lock(stream=WELD, scope="stage"))
    publish(world)
    return world


def publish(world: World, **more: Any) -> None:
    """The official version for everybody."""
    world.do(
        ORGANIZER, e.Publish(**WHERE, rank="official", audience="public", confirmed_by="second", **more)
    )


def correct(world: World, unit: str, status: str = "excluded") -> None:
    """An entry is excluded after the result: v2."""
    world.do(ORGANIZER, e.Unlock(stream=WELD, scope="stage", reason="复核", confirmed_by="second"))
    ruled = e.SetStatus(stream=WELD, unit=unit, scope="stage", status=status, reason="替考")  # type: ignore[arg-type]  # a status
    world.do(ORGANIZER, ruled)
    world.do(ORGANIZER, e.Lock(stream=WELD, scope="stage"))
    publish(world, reason="复核", note={"zh-CN": "复核后更正。", "en": "Corrected after review."})


def facts(count: int) -> tuple[c.Fact, ...]:
    """What the office knows of everybody: nothing is held."""
    return tuple(c.Fact(person=f"p{i:05d}", held="", category="worker") for i in range(count))


def proposal(batch: str, paper: Any = "level", count: int = 8, **more: Any) -> c.ProposeCredentials:
    """The command that proposes."""
    return c.ProposeCredentials(
        batch=batch, paper=paper, issuer="centre", **WHERE, facts=facts(count), **more
    )


def propose(world: World, paper: Any = "level", actor: e.Actor = ORGANIZER, **more: Any) -> Batch:
    """A batch of proposals."""
    key = world.fresh()
    world.do(actor, proposal(key, paper, **more))
    return world.state.credentials.batches[key]


def approve(world: World, batch: Batch, days: int = 0) -> None:
    """On notice and approved; time passes meanwhile."""
    if batch.paper == "level":
        world.do(ORGANIZER, c.GiveNotice(batch=batch.id, since=day(world), days=days))
        world.now += 86_400_000 * (days * 2 + 1)
    version = batch.notices[-1].version if batch.notices else 0
    world.do(
        ORGANIZER, c.ApproveBatch(batch=batch.id, version=version, confirmed_by="qian", identity=("*",))
    )


def day(world: World) -> str:
    """The local date of the world's clock."""
    from compsys.clock import text
    from compsys.credentials.days import local

    return local(world.state, text(world.now))[:10]


def reserve(world: World, batch: Batch, rows: list[int] | None = None) -> e.Answer:
    """Numbers for rows (all that wait)."""
    uuid = statement.random_uuid
    found = [i for i in range(len(batch.rows)) if i not in batch.out and i not in batch.done]
    wanted = tuple(
        (i, uuid(world.fresh()), uuid(world.fresh()), int(world.fresh()[:8], 16))
        for i in (found if rows is None else rows)
    )
    return world.send(world.call(ORGANIZER, c.ReserveCredentials(batch=batch.id, rows=wanted)))


def sign(world: World, batch: Batch, secret: bytes = SECRET) -> list[Credential]:
    """Sign and issue what waits of a batch."""
    held, signer, rows = world.state.credentials, Ed25519(secret), []
    waiting = [w for w in held.waiting.values() if w.batch == batch.id]
    for found in waiting:
        unsigned = statement.unsigned(world.state, found, documents.holder_name(names()(found.person)))
        assert statement.problem(unsigned) is None
        signed = proofs.sign(unsigned, signer, statement.method_of(world.state, found), found.valid_from)
        rows.append((found.id, *proofs.values(signed), documents.digest(signed)))
    if rows:
        world.do(ORGANIZER, c.IssueCredentials(batch=batch.id, rows=tuple(rows)))
    return [held.held[found.id] for found in waiting]


def issued(world: World, paper: Any = "level", secret: bytes = SECRET, **more: Any) -> Batch:
    """The whole way: proposed, on notice, approved, issued."""
    batch = propose(world, paper, **more)
    approve(world, batch)
    answer = reserve(world, batch)
    assert answer.a == "accepted", answer
    sign(world, batch, secret)
    return batch


def by_person(world: World, paper: str = "level") -> dict[str, Credential]:
    """person -> the credential of that kind that stands."""
    held = world.state.credentials
    return {
        found.person: found
        for found in held.held.values()
        if held.batches[found.batch].paper == paper and found.status == "valid"
    }




__all__ = ["Allowed", "Scope"]
