"""Bodies that assess without a competition, their assessors and candidates, and words for the way on."""

from __future__ import annotations

from typing import Any

from compsys import commands_assessment as a
from compsys import commands_credentials as c
from compsys import events as e
from compsys import vault
from compsys.records_credentials import Filing, Issuer, Place, Scope
from compsys.state_assessment import Held
from compsys.state_credentials import Batch
from scoring_rules import assessment_rules
from tests.compsys.certified import OCCUPATION, SECRET, identity, occupation
from tests.web.venue import Recorded
from tests.world import OFFICE, ORGANIZER, World

CLERK = e.Actor("account", "zhao", ("organizer",))
TYPIST = e.Actor("account", "li", ("organizer",))
OFFICER = e.Actor("account", "qian", ("officer",))
SECOND = e.Actor("account", "sun", ("officer",))
INSPECTOR = e.Actor("account", "zhou", ("supervisor",))
DAY = "2026-03-01"
RULES = assessment_rules.load("cn").text
LEVELS = ("5", "4", "3", "2", "1", "special", "chief")


def body(ident: str, code: str, levels: tuple[str, ...] = LEVELS, **more: Any) -> Issuer:
    """A filed body: Y an employer, S a third party."""
    scope = Scope(occupation="6-18-02-04", edition="2022", levels=levels)  # type: ignore[arg-type]  # words of Level
    filing = Filing(
        number="备2020001", authority="示例省人社厅", since="2020-01-01", until="2028-12-31", code=code,
        scopes=(scope,),
    )  # fmt: skip
    names = {"works": {"zh-CN": "示例机械厂", "en": "Example Works"}}
    name = names.get(ident, {"zh-CN": "示例评价中心", "en": "Example Centre"})
    return Issuer(id=ident, name=name, base="https://c.example", filing=filing, **more)


WORKS = body("works", "Y000165000007")
CENTRE = body(
    "centre", "S000037000042", ("5", "4", "3"),
    sites=(Place(id="wuhu", name={"zh-CN": "芜湖站", "en": "Wuhu"}, code="S000034000043"),),
)  # fmt: skip


def founded(people: int = 12) -> Recorded:
    """A house without any trade: two bodies with keys, officers, persons p00000 on, assessors a0 to a9."""
    from compsys.credentials import multikey
    from compsys.credentials.signer import Ed25519

    world = Recorded(4)
    world.define("competition", id="c-test", name={"zh-CN": "认定", "en": "Assessments"})
    for i, issuer in enumerate((WORKS, CENTRE)):
        world.do(ORGANIZER, c.SetIssuer(issuer=issuer))
        secret = bytes([i]) + SECRET[1:]
        key = multikey.encode(Ed25519(secret).public)
        world.do(ORGANIZER, c.MakeKey(issuer=issuer.id, key=key))
    world.do(ORGANIZER, c.SetOccupation(occupation=occupation(levels=LEVELS)))
    for officer in (OFFICER, SECOND):
        world.do(OFFICE, e.MakeAccount(account=officer.id, roles=("officer",), secret="scrypt$00$11"))
    for i in range(people):
        world.define("person", id=f"p{i:05d}")
    for i in range(10):
        world.define("person", id=f"a{i}")
        grade = "senior" if i % 2 else "assessor"
        name_assessor(world, f"a{i}", grade=grade)
    world.define("person", id="s1")
    world.define("person", id="s2")
    return world


def name_assessor(world: World, person: str, **more: Any) -> None:
    """An assessor for the years around the day."""
    known = {"grade": "assessor", "since": "2025-06-01", "until": "2028-05-31"}
    world.do(ORGANIZER, a.NameAssessor(person=person, **{**known, **more}))


def opening(ident: str = "w1", issuer: str = "works", level: str = "3", **more: Any) -> a.OpenAssessment:
    """The command that opens a batch with a panel that fits."""
    known: dict[str, Any] = {
        "batch": ident, "issuer": issuer, "site": "", "provinces": ("65", "65", "65"),
        "occupation": OCCUPATION, "standard": "older", "level": level, "day": DAY, "rules": RULES,
        "panels": (("practice", ("a0", "a1", "a2")),), "watch": (("theory", ("s1", "s2")),),
        "supervisors": (("inner", "s1"), ("outer", "s2")),
    }  # fmt: skip
    return a.OpenAssessment(**{**known, **more})


def refused(world: World, actor: e.Actor, command: e.Command) -> tuple[str, dict[str, str]]:
    """The code and parameters with which a command is refused."""
    answer = world.send(world.call(actor, command))
    assert answer.a == "refused", answer
    return answer.code, dict(answer.params)


def candidacy(i: int, **more: Any) -> a.Candidacy:
    """Candidate i of the works' own staff, who meets the older standard for level 3."""
    known: dict[str, Any] = {"person": f"p{i:05d}", "held": "4", "held_stated": True, "since_held": 5}
    return a.Candidacy(**{**known, "staff": True, **more})


def admit(world: World, ident: str, *rows: a.Candidacy) -> None:
    """Candidates into a batch."""
    world.do(ORGANIZER, a.AdmitCandidates(batch=ident, rows=rows, digest="ab" * 32))


def marks(ident: str, via: str, *rows: tuple[int, str, str], **more: Any) -> a.EnterMarks:
    """Marks of candidates by their numbers."""
    said = tuple((f"p{i:05d}", part, text) for i, part, text in rows)
    return a.EnterMarks(batch=ident, via=via, rows=said, **more)  # type: ignore[arg-type]  # typed or import


def held(world: World, ident: str = "w1") -> Held:
    """A batch as it stands."""
    return world.state.assessments.batches[ident]


def ready(world: World, ident: str = "w1", *rows: tuple[int, str, str], **more: Any) -> None:
    """A batch opened, its candidates admitted, marks imported by the clerk."""
    world.do(ORGANIZER, opening(ident, **more))
    admit(world, ident, *(candidacy(i) for i in dict.fromkeys(i for i, _, _ in rows)))
    world.do(CLERK, marks(ident, "import", *rows))


def later(world: World, day: str) -> None:
    """The clock goes on to noon of a day."""
    from datetime import datetime

    moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    world.now = max(world.now, int(moment.timestamp()) * 1000)


def proposed(world: World, ident: str = "w1", actor: e.Actor = OFFICER) -> Batch:
    """Confirmed and proposed."""
    world.do(actor, a.ConfirmAssessment(batch=ident))
    key = world.fresh()
    world.do(actor, a.ProposeAssessed(assessment=ident, batch=key))
    return world.state.credentials.batches[key]


def bound(i: int) -> str:
    """The commitment of a new person."""
    return vault.commitment("ab" * 32, vault.canonical(identity(i)))
