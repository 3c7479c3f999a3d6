"""What is wrong with who competes and who marks: entries and memberships, panels, seats, recusal."""

from __future__ import annotations

from collections import Counter, defaultdict

from compsys.people import recused
from compsys.records import Entry, Group, Membership, Panel, Seat, Stage
from compsys.setup_look import Look, Severity, is_day, panel_marks
from compsys.setup_records import MARKING_ROLES

REGULAR = ("judge", "lead")
"""Roles that mark from the start; a reserve steps in."""


# ---------------------------------------------------------------- entries


def entries(look: Look, trade: str, stages: list[Stage]) -> None:
    """The entries of a trade: members, dates, groups and sites that exist, nobody twice."""
    groups = {group.id for stage in stages for group in look.groups[f"{trade}/{stage.id}"]}
    sites = {site for stage in stages for site in stage.sites}
    bibs = Counter(entry.bib for entry in look.entries[trade] if entry.bib)
    for entry in look.entries[trade]:
        where = ("entry", entry.id)
        if not any(member.role != "reserve" for member in entry.members):
            look.say("must", where, "no_members", trade)
        if sum(member.role != "reserve" for member in entry.members) > 1 and not entry.name:
            look.say("look", where, "team_without_name", trade)
        if sum(member.role == "captain" for member in entry.members) > 1:
            look.say("look", where, "captains", trade)
        if stages and entry.group not in groups:
            look.say("must", where, "group_unknown", trade, group=entry.group)
        if stages and entry.site not in sites:
            look.say("must", where, "site_unknown", trade, site=entry.site)
        if bibs[entry.bib] > 1:
            look.say("look", where, "bib_twice", trade, bib=entry.bib)
        for member in entry.members:
            for day in filter(None, (member.since, member.until)):
                if not is_day(day):
                    look.say("must", where, "day_wrong", trade, day=day)
            if member.since and member.until and member.until < member.since:
                look.say("must", where, "dates_turned", trade, since=member.since, until=member.until)
    _twice(look, trade)


def _overlap(one: Membership, other: Membership) -> bool:
    """Whether two memberships hold on one day (an open end reaches for ever; both ends included).

    >>> _overlap(Membership("p", until="2022-09-01"), Membership("p", since="2022-09-02"))
    False
    """
    starts = max(one.since, other.since)
    ends = [end for end in (one.until, other.until) if end]
    return not ends or not starts or starts <= min(ends)


def _twice(look: Look, trade: str) -> None:
    """A person who competes in two entries of a trade on one day, or twice in one entry."""
    held: dict[str, list[tuple[Entry, Membership]]] = defaultdict(list)
    for entry in look.entries[trade]:
        for member in entry.members:
            for other, before in held[member.person]:
                if _overlap(before, member):
                    params = {"person": member.person, "entry": other.id}
                    look.say("must", ("entry", entry.id), "person_twice", trade, **params)
                    break
            held[member.person].append((entry, member))


# ---------------------------------------------------------------- panels


def _groups_at(look: Look, stage: Stage, site: str) -> list[tuple[Group, list[Entry]]]:
    """The groups of a stage that have entries at a site, with them."""
    key = f"{stage.trade}/{stage.id}"
    here = [entry for entry in look.entries[stage.trade] if entry.site == site]
    pairs = [(group, [e for e in here if e.group == group.id]) for group in look.groups[key]]
    return [(group, found) for group, found in pairs if found]


def panels(look: Look, stage: Stage, site: str) -> None:
    """The panels of a site: each sub-criterion has one, each has enough seats for every entry it marks."""
    key = f"{stage.trade}/{stage.id}"
    here = [panel for panel in look.panels[key] if panel.site == site]
    groups = _groups_at(look, stage, site)
    for group, found in groups:
        for sub in look.marked_subs(group):
            owners = [panel for panel in here if panel_marks(panel, sub)]
            where = ("group", f"{key}/{group.id}")
            if not owners:
                look.say("must", where, "sub_without_panel", stage.trade, sub=sub, site=site)
            elif len(owners) > 1:
                both = ", ".join(panel.id for panel in owners)
                look.say("must", where, "sub_two_panels", stage.trade, sub=sub, site=site, panels=both)
        for panel in here:
            if any(panel_marks(panel, sub) for sub in look.marked_subs(group)):
                _enough(look, stage, panel, group, found)
    _unknown_subs(look, stage, here)


def _unknown_subs(look: Look, stage: Stage, here: list[Panel]) -> None:
    schemes = [look.scheme(group) for group in look.groups[f"{stage.trade}/{stage.id}"]]
    known = {c.key for s in schemes if s for c in s.criteria}
    known |= {sub.key for s in schemes if s for c in s.criteria for sub in c.subs}
    for panel in here:
        for sub in panel.subs:
            if known and sub not in known:
                where = ("panel", f"{stage.trade}/{stage.id}/{panel.id}")
                look.say("must", where, "panel_sub_unknown", stage.trade, sub=sub)


def _enough(look: Look, stage: Stage, panel: Panel, group: Group, found: list[Entry]) -> None:
    """Seats of a panel against the profile's minimum, also for the entries that recuse some of them."""
    profile = look.profile(group)
    if profile is None:
        return
    key = f"{stage.trade}/{stage.id}"
    where = ("panel", f"{key}/{panel.id}")
    sitting = [s for s in look.seats[key] if s.panel == panel.id and s.role in MARKING_ROLES]
    regular = [seat for seat in sitting if seat.role in REGULAR]
    least = max(1, profile.panel_min_seats)
    params = {"seats": str(len(regular)), "least": str(least), "group": group.id}
    if len(regular) < least:
        look.say("must", where, "panel_small", stage.trade, **params)
        return
    if "points" in look.methods(group) and len(regular) < profile.points.min_seats:
        look.say("look", where, "panel_untrimmed", stage.trade, least=str(profile.points.min_seats))
    short, fewer = [], []
    able = regular if profile.recusal == "drop" else sitting
    for entry in found if profile.recusal != "declare" else ():
        free = sum(not recused(_ties(look, seat), entry.delegation) for seat in able)
        if free < least:
            short.append(entry)
        elif free < len(regular):
            fewer.append(entry)
    if short:
        about = {"entry": short[0].id, "entries": str(len(short)), "least": str(least)}
        look.say("must", where, "recusal_empties", stage.trade, **about)
    if fewer:
        about = {"entry": fewer[0].id, "entries": str(len(fewer)), "seats": str(len(regular))}
        look.say("look", where, "recusal_thins", stage.trade, **about)


def _ties(look: Look, seat: Seat) -> tuple[str, ...]:
    judge = look.setup.judges.get(seat.judge)
    return judge.affiliations if judge else ()


# ---------------------------------------------------------------- seats


def seats(look: Look, stage: Stage, site: str) -> None:
    """The seats of a site: who sits there, at the right site, nobody on two, a chief among them."""
    key = f"{stage.trade}/{stage.id}"
    here = [seat for seat in look.seats[key] if seat.site == site]
    competing = {m.person for entry in look.entries[stage.trade] for m in entry.members}
    marked = any(look.marked_subs(group) for group in look.groups[key])
    if marked and not any(seat.role == "chief" for seat in here):
        look.say("look", ("stage", key), "no_chief", stage.trade, site=site)
    held: dict[str, Seat] = {}
    for seat in here:
        where = ("seat", f"{key}/{seat.id}")
        panel = look.setup.panels.get(f"{key}/{seat.panel}")
        if seat.role in MARKING_ROLES and panel is not None and panel.site != site:
            look.say("must", where, "seat_site", stage.trade, panel=panel.id, site=panel.site)
        judge = look.setup.judges.get(seat.judge)
        if judge is None:
            look.say("look", where, "seat_without_judge", stage.trade)
            continue
        if seat.role == "expert" and not any(a in look.setup.delegations for a in judge.affiliations):
            look.say("look", where, "expert_of_nobody", stage.trade)
        if judge.person in competing:
            look.say("must", where, "judge_competes", stage.trade, judge=judge.id)
        if seat.role in MARKING_ROLES:
            if (first := held.get(judge.person)) is not None:
                severity: Severity = "must" if first.panel == seat.panel else "look"
                params = {"judge": judge.id, "seat": first.id}
                look.say(severity, where, "judge_twice", stage.trade, **params)
            held.setdefault(judge.person, seat)


def experts(look: Look, stage: Stage, site: str) -> None:
    """A delegation whose sheets wait for its own expert has one."""
    key = f"{stage.trade}/{stage.id}"
    here = [seat for seat in look.seats[key] if seat.site == site and seat.role == "expert"]
    spoken = {tie for seat in here for tie in _ties(look, seat)}
    without: dict[str, None] = {}
    for group, found in _groups_at(look, stage, site):
        profile = look.profile(group)
        if profile is not None and profile.extras.acceptance:
            without |= {entry.delegation: None for entry in found if entry.delegation not in spoken}
    if without:
        params = {"delegation": next(iter(without)), "delegations": str(len(without))}
        look.say("look", ("stage", key), "delegation_without_expert", stage.trade, **params)
