"""What the chief sees and does about acceptance: a dispute with its words and answer, who did not come.

By code only: whose expert it was is not shown, which under blind marking would say whose code it is.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from compsys import acceptance
from compsys import events as e
from compsys.exchange.competition_file import natural
from compsys.state import GroupRules, Sheet, Stream
from scoring_rules import exact
from web.console_page import text

DOES = ("answer", "competitor")
"""What of a sheet's forms is decided here."""


def shown(rules: GroupRules, found: Sheet) -> dict[str, Any]:
    """How a sheet stands with the competitor's expert and the competitor; "" where the rules do not ask."""
    return {
        "standing": acceptance.standing(rules, found),
        "held": found.acceptance,
        "heard": acceptance.heard(rules, found) if found.complete else "",
        "heard_words": found.heard.words if found.heard else "",
    }


def waiting(stream: Stream) -> list[dict[str, str]]:
    """The sheets that wait for an expert's word, by code."""
    found = []
    for sheet in stream.sheets.values():
        unit = stream.units[sheet.unit]
        rules = stream.groups[unit.group]
        if acceptance.standing(rules, sheet) in acceptance.WAITS and not acceptance.gone(rules, unit, sheet):
            found.append({"code": unit.code, "sub": sheet.sub, "key": f"{unit.code} {sheet.sub}"})
    return sorted(found, key=lambda x: (natural(x["code"]), natural(x["sub"])))


def command(form: FormData, stream: str, unit: str, sub: str) -> e.Command:
    """What a form on a sheet's page asks for; 400 for anything else."""
    words = text(form, "reason", 2000)
    if text(form, "do") == "competitor":
        outcome: Any = text(form, "outcome")
        if outcome not in ("agrees", "refuses", "absent"):
            raise HTTPException(400, "malformed")
        code = text(form, "code", 40)
        return e.CompetitorSigns(stream=stream, unit=unit, sub=sub, outcome=outcome, code=code, words=words)
    outcome = text(form, "outcome")
    if outcome not in ("stands", "returned"):
        raise HTTPException(400, "malformed")
    votes = [exact.normalise(text(form, name, 3)) or "0" for name in ("votes_for", "votes_all")]
    if not all(vote.isdecimal() for vote in votes):
        raise HTTPException(400, "malformed")
    count, of = map(int, votes)
    return e.AnswerDispute(
        stream=stream, unit=unit, sub=sub, outcome=outcome, words=words, votes_for=count, votes_all=of
    )


def missed(form: FormData, stream: Stream) -> e.MissExpert:
    """The ticked sheets for which no expert came, with why."""
    sheets = []
    for value in form.getlist("sheet"):
        code, _, sub = value.partition(" ") if isinstance(value, str) else ("", "", "")
        if code in stream.by_code:
            sheets.append((stream.by_code[code], sub))
    return e.MissExpert(stream=stream.name, sheets=tuple(sheets[:400]), reason=text(form, "reason"))
