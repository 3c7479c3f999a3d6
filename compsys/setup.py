"""What still keeps a trade from opening, or deserves a look: the set-up judged as a whole.

Pure. ``problems`` refuses nothing: it is what the console shows beside the forms and what opening asks. Codes
begin with ``setup.``; problems of schemes and profiles keep the codes of the rulebook.
"""

from __future__ import annotations

from compsys import setup_people, setup_rules, setup_sessions
from compsys.records import Competition, Record, Stage, Trade
from compsys.setup_look import Look, Problem, is_day
from compsys.setup_records import MARKING_ROLES, check_all, check_define, references
from compsys.state import State
from scoring_rules.delegations import ORDERS

__all__ = ["MARKING_ROLES", "Problem", "check_all", "check_define", "opening", "problems", "references"]


def problems(state: State, trade: str = "") -> list[Problem]:
    """Everything about the set-up that is unfinished, contradictory or odd; ``trade``: only what concerns it.

    In this order: the competition, trades by their ``order``, stages, groups, panels, sessions, entries.
    """
    look = Look(state.setup, trade)
    _competition(look, state.setup.competition)
    if not state.setup.trades:
        look.say("look", ("competition", ""), "no_trades", "")
    for record in sorted(look.trades, key=lambda t: (t.order, t.id)):
        _trade(look, record)
    return look.problems


def opening(state: State, trade: str, stage: str = "") -> list[Problem]:
    """What keeps a trade (or one stage of it) from being opened: its ``must`` problems."""
    found = [p for p in problems(state, trade) if p.severity == "must" and p.trade in ("", trade)]
    if not stage:
        return found
    scoped = ("stage", "group", "panel", "seat", "session")
    return [p for p in found if p.where[0] not in scoped or p.where[1].split("/")[1] == stage]


def _nameless(look: Look, kind: str, key: str, record: Record, trade: str) -> None:
    name = getattr(record, "name", {})
    if not any(text.strip() for text in name.values()):
        look.say("must", (kind, key), "name_missing", trade)


def _competition(look: Look, competition: Competition | None) -> None:
    if competition is None:
        look.say("must", ("competition", ""), "no_competition", "")
        return
    where = ("competition", competition.id)
    _nameless(look, *where, competition, "")
    if not competition.days:
        look.say("look", where, "no_days", "")
    for day in competition.days:
        if not is_day(day):
            look.say("must", where, "day_wrong", "", day=day)
    for order in competition.table_orders:
        if order not in ORDERS:
            look.say("must", where, "order_unknown", "", order=order, known=", ".join(ORDERS))
    for key, delegation in look.setup.delegations.items():
        _nameless(look, "delegation", key, delegation, "")


def _trade(look: Look, trade: Trade) -> None:
    where = ("trade", trade.id)
    _nameless(look, *where, trade, trade.id)
    stages = sorted(look.stages[trade.id], key=lambda s: (s.order, s.id))
    if not stages:
        look.say("must", where, "no_stage", trade.id)
    if not look.entries[trade.id]:
        look.say("must", where, "no_entries", trade.id)
    for stage in stages:
        _stage(look, stage)
    setup_people.entries(look, trade.id, stages)


def _stage(look: Look, stage: Stage) -> None:
    key = f"{stage.trade}/{stage.id}"
    where = ("stage", key)
    _nameless(look, *where, stage, stage.trade)
    if not stage.sites:
        look.say("must", where, "no_sites", stage.trade)
    if not look.groups[key]:
        look.say("must", where, "no_group", stage.trade)
    if stage.feed.get("public") == "revealed":
        look.say("look", where, "public_moves_with_marks", stage.trade)
    if stage.blind and stage.disclosure == "named_live":
        look.say("look", where, "blind_but_named", stage.trade)
    for group in look.groups[key]:
        _nameless(look, "group", f"{key}/{group.id}", group, stage.trade)
        setup_rules.rules(look, stage, group)
    for site in stage.sites:
        setup_people.panels(look, stage, site)
        setup_people.seats(look, stage, site)
        setup_people.experts(look, stage, site)
        setup_sessions.sessions(look, stage, site)
