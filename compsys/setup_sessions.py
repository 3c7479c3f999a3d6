"""What is wrong with the plan of a stage's sessions: components without one, entries missing or twice."""

from __future__ import annotations

import re
from collections import Counter

from compsys.records import Entry, Session, Stage
from compsys.setup_look import Look

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")


def sessions(look: Look, stage: Stage, site: str) -> None:
    """The sessions of a site: their component, day and hour, and each entry once in each component."""
    key = f"{stage.trade}/{stage.id}"
    planned = [session for session in look.sessions[key] if session.site == site]
    here = {entry.id: entry for entry in look.entries[stage.trade] if entry.site == site}
    parts = {part.id: part.source for group in look.groups[key] for part in group.components}
    for session in planned:
        where = ("session", f"{key}/{session.id}")
        if session.component not in parts:
            look.say("must", where, "session_component", stage.trade, component=session.component)
        elif parts[session.component] not in ("marked", "time"):
            look.say("look", where, "session_unneeded", stage.trade, component=session.component)
        _when(look, stage, session, where)
        _stations(look, stage, session, where, here)
    for part, source in parts.items():
        if source in ("marked", "time"):
            _cover(look, stage, site, part, [s for s in planned if s.component == part], here)


def _when(look: Look, stage: Stage, session: Session, where: tuple[str, str]) -> None:
    competition = look.setup.competition
    if session.day and competition and competition.days and session.day not in competition.days:
        look.say("look", where, "session_day", stage.trade, day=session.day)
    if session.start and _CLOCK.match(session.start) is None:
        look.say("look", where, "session_start", stage.trade, start=session.start)
    if session.minutes < 0 or session.batch < 1:
        look.say("must", where, "session_number", stage.trade)


def _stations(
    look: Look, stage: Stage, session: Session, where: tuple[str, str], here: dict[str, Entry]
) -> None:
    taken = Counter(station for station in session.stations.values() if station)
    for station, times in taken.items():
        if times > 1:
            look.say("must", where, "station_twice", stage.trade, station=station)
    for bench, times in Counter(bench.station for bench in session.benches).items():
        if times > 1:
            look.say("must", where, "bench_twice", stage.trade, station=bench)
        if session.stations and bench not in taken:
            look.say("look", where, "bench_unused", stage.trade, station=bench)
    for entry in session.stations:
        if entry not in here:
            look.say("must", where, "session_entry_elsewhere", stage.trade, entry=entry)


def _cover(
    look: Look, stage: Stage, site: str, part: str, planned: list[Session], here: dict[str, Entry]
) -> None:
    """Each entry whose group has the component is in exactly one of its sessions."""
    key = f"{stage.trade}/{stage.id}"
    owing = {g.id for g in look.groups[key] if any(p.id == part for p in g.components)}
    wanted = [entry for entry in here.values() if entry.group in owing]
    if not planned:
        if wanted:
            look.say("look", ("stage", key), "no_session", stage.trade, component=part, site=site)
        return
    times = Counter(entry for session in planned for entry in (session.stations or here))
    missing = [entry.id for entry in wanted if not times[entry.id]]
    twice = [entry.id for entry in wanted if times[entry.id] > 1]
    for found, code in ((missing, "entries_unplanned"), (twice, "entries_planned_twice")):
        if found:
            params = {"component": part, "entry": found[0], "entries": str(len(found)), "site": site}
            look.say("must", ("stage", key), code, stage.trade, **params)
