"""Which skill level and which honours a published place is proposed for, under one published rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from scoring_rules import shares
from scoring_rules.promotion_model import (
    Also,
    Band,
    Candidate,
    Honour,
    Promotion,
    Proposal,
    Reason,
    height,
    next_above,
)


@lru_cache(maxsize=4096)
def limit(percent: int, field: int, rounding: str = "floor") -> int:
    """The last place within so many percent of a field: 100 r <= percent x N, counted in entries.

    ``rounding`` says what a part of a place is worth: ``floor`` nothing (the default, unverified), ``ceil`` a
    whole one, ``half_up`` a whole one from a half on. ValueError for another word.
    Clause: china.md section 9, point 3 (N = 37: 20 % reaches place 7, 40 % place 14).

    >>> limit(20, 37), limit(40, 37), limit(50, 37), limit(20, 38, "ceil"), limit(50, 37, "half_up")
    (7, 14, 18, 8, 19)
    """
    return shares.count(Fraction(percent), field, rounding)


def reach(band: Band, field: int | None, rounding: str = "floor") -> tuple[int, int] | None:
    """The first and the last place of a band of places; None where it counts no places or lacks the field.

    A last place below the first: nobody is in the band. Clause: china.md section 9, point 3: place r with
    lo x N < 100 r <= hi x N.

    >>> reach(Band("20-40 %", "percent", "3", 20, 40), 37), reach(Band("1-5", "rank", "2", 1, 5), None)
    ((8, 14), (1, 5))
    """
    if band.unit == "rank":
        return band.lo, band.hi
    if band.unit == "percent" and field is not None:
        return limit(band.lo, field, rounding) + 1, limit(band.hi, field, rounding)
    return None


def top_of(honour: Honour, size: int, field: int | None) -> int:
    """The last place an honour goes to: one number, or by persons in the entry, or by entries in the field.

    A team size or a field that the text does not name gets nothing (0). Clause: china.md section 9: 5/3/2 =
    top 5 singles, 3 pairs, 2 trios; ah-2023 by finalists.

    >>> able = Honour("全国技术能手", "5/3/2", by_size={1: 5, 2: 3, 3: 2})
    >>> [top_of(able, size, None) for size in (1, 2, 3, 4)]
    [5, 3, 2, 0]
    >>> anhui = Honour("安徽省技术能手", "1/2/3", by_field=((10, 1), (30, 2), (0, 3)))
    >>> [top_of(anhui, 1, field) for field in (9, 10, 11, 30, 31)]
    [1, 1, 2, 2, 3]
    """
    if honour.by_size:
        return honour.by_size.get(size, 0)
    if honour.by_field:
        if field is None:
            return 0
        return next((top for largest, top in honour.by_field if not largest or field <= largest), 0)
    return honour.top


def failed_modules(
    marks: Mapping[str, Fraction], pass_marks: Mapping[str, Fraction]
) -> tuple[str, ...]:
    """The modules below their pass mark, or without a mark: who has none here has passed in every module.

    Clause: china.md section 3: 25/55/20 with pass mark 60 each, 72, 81, 58: ranked, but not passed (oral).

    >>> needed = dict.fromkeys(("theory", "practice", "oral"), Fraction(60))
    >>> failed_modules({"theory": Fraction(72), "practice": Fraction(81), "oral": Fraction(58)}, needed)
    ('oral',)
    """
    return tuple(m for m, needed in pass_marks.items() if m not in marks or marks[m] < needed)


def prize_of(rules: Promotion, c: Candidate) -> str:
    """The prize an entry has: as stated, else the medal of its rank, else by place where prizes are counted.

    Gold, silver, bronze stand for 一等, 二等, 三等 (unverified); 优胜奖 stands for none.
    Clause: cq-print-2010: one first, two second, three third prizes.

    >>> from scoring_rules import profiles
    >>> rules = profiles.load("cq-print-2010").promotion
    >>> [prize_of(rules, Candidate("a", place=place)) for place in (1, 2, 3, 4, 6, 7)]
    ['first', 'second', 'second', 'third', 'third', '']
    """
    stood_for = {"gold": "first", "silver": "second", "bronze": "third"}
    if c.prize or c.medal in stood_for:
        return c.prize or stood_for[c.medal]
    end = 0
    for prize, count in rules.prizes:
        end += count
        if c.place is not None and _position(rules, c) <= end:
            return prize
    return ""


def propose(rules: Promotion, c: Candidate) -> Proposal:
    """What one entry is proposed for: a level or none with the reason, honours, what else, by which clauses.

    Clause: china.md section 9, points 1 to 6: published places only; the best matching band; for a holder
    what the band says, else nothing at an equal or lower level (no downgrade); requirements; the cap per
    person and year; a proposal that somebody must approve, never a certificate.

    >>> from scoring_rules import profiles
    >>> rules = profiles.load("ah-2023").promotion
    >>> def level(place, held):
    ...     return propose(rules, Candidate("a", place=place, field=37, group="worker", held=held)).level
    >>> level(7, "2"), level(8, "4"), level(8, "2"), level(7, "1")
    ('1', '3', None, None)
    """
    if c.status != "ranked" or c.place is None:
        code = "promotion.not_ranked" if c.status == "ranked" else f"promotion.status_{c.status}"
        return Proposal(c.entry, None, (), (), (Reason(code),))
    if c.eligible is False:
        return Proposal(c.entry, None, (), (), (Reason("promotion.not_eligible"),))
    bands = [b for b in rules.bands if in_scope(rules, b, c)]
    matching = [b for b in bands if _reached(rules, b, c)]
    band = max(matching, key=lambda b: height(_award(b, c)[0] or ""), default=None)
    if band is None:
        found = Proposal(c.entry, None, (), (), (_no_band(rules, c),))
    else:
        found = _by_band(rules, band, c)
    edges = (reach(b, c.field, rules.rounding) for b in bands)
    edge = any(ends is not None and _at_edge(c, ends[1]) for ends in edges)
    return _with_honours(rules, c, found, edge)


def propose_all(rules: Promotion, rows: Iterable[tuple[str, Candidate]]) -> list[Proposal]:
    """Proposals for a whole list of (trade, candidate), in its order; joint places are counted first.

    Entries share a place within one trade, tier, group, track and field; a joint place at the edge of a band
    is marked (``edge``), because a tie there has to be seen before release.

    >>> from scoring_rules import profiles
    >>> rules = profiles.load("ah-2023").promotion
    >>> rows = [Candidate(e, place=7, field=37, group="worker") for e in "ab"]
    >>> [(p.entry, p.level, p.edge) for p in propose_all(rules, [("", row) for row in rows])]
    [('a', '2', True), ('b', '2', True)]
    """
    listed = list(rows)

    def place(trade: str, c: Candidate) -> tuple[object, ...]:
        return trade, c.tier, c.group, c.track, c.field, c.place

    sharing = Counter(place(trade, c) for trade, c in listed if c.status == "ranked")
    found = []
    for trade, c in listed:
        shared = sharing.get(place(trade, c), 1)
        found.append(propose(rules, c if shared == c.shared else replace(c, shared=shared)))
    return found


def in_scope(rules: Promotion, item: Band | Honour, c: Candidate) -> bool:
    """Whether a band or an honour is for this tier, group and track at all.

    An entry without a tier has the rule's own (where it names one), without a track the national one; one
    without a group has only what both workers and students have.

    >>> from scoring_rules import profiles
    >>> rules = profiles.load("ah-2023").promotion
    >>> [in_scope(rules, rules.bands[0], Candidate("a", tier=t)) for t in ("", "province_1", "province_2")]
    [True, True, False]
    """
    if item.tiers and (c.tier or rules.tier) not in item.tiers:
        return False
    if item.tracks and (c.track or "national") not in item.tracks:
        return False
    if not item.groups or c.group in item.groups:
        return True
    return not c.group and {"worker", "student"} <= {*item.groups}


def _position(rules: Promotion, c: Candidate) -> int:
    """The place that is held against an edge: of joint places the first (all included) or the last (none)."""
    place = c.place or 0
    return place + c.shared - 1 if rules.edge_ties == "exclude" else place


def _reached(rules: Promotion, band: Band, c: Candidate) -> bool:
    match band.unit:
        case "award":
            return c.medal in band.awards
        case "prize":
            prize = prize_of(rules, c)
            return prize in band.awards if band.awards else bool(prize)
        case "pass":
            return c.passed is True
        case "squad":
            return c.squad
    ends = reach(band, c.field, rules.rounding)
    return ends is not None and ends[0] <= _position(rules, c) <= ends[1]


def _award(band: Band, c: Candidate) -> tuple[str | None, str]:
    """(the level the band gives, "") or (None, why it names none)."""
    if band.award in ("held+1", "questions+1"):
        base, missing = (c.held, "no_held") if band.award == "held+1" else (c.questions, "no_questions")
        if not base:
            return None, missing
        level = next_above(base)
        return level, "" if level else "top_level"
    if band.award in ("by_authority", "none"):
        return None, band.award
    if band.award.startswith("title:"):
        return None, "title"
    return band.award.removeprefix("apply:"), ""


def _by_band(rules: Promotion, band: Band, c: Candidate) -> Proposal:
    """Points 4 and 5 for the band that matched best."""
    level, why = _award(band, c)
    params = _stood(c) | {"clause": band.clause, "level": level or "", "held": c.held}
    if level is not None:
        level, why = _after_held(band, level, c.held)
    checks: list[Reason] = []
    if level is not None or why in ("by_authority", "title"):
        stop, checks = _requirements(rules, band, c)
        if stop:
            level, why, checks = None, stop, []
        elif level is not None and not c.held_stated:
            raised = band.held.get(level) or ""
            checks.insert(0, Reason("promotion.check_held", {"level": level, "raised": raised}))
    also: tuple[Also, ...] = ()
    if level is not None:
        why = "raised" if band.held.get(c.held) else "level"
        params["level"] = level
        if rules.kind == "eligibility":
            level, why = None, "may_apply"
    elif why == "title":
        also = (Also("title", band.award.removeprefix("title:"), band.clause, c.size),)
        params["title"] = also[0].name
    reasons = [Reason(f"promotion.{why}", params), *checks]
    if band.unverified:
        reasons.append(Reason("promotion.unverified", {"what": band.unverified}))
    return Proposal(c.entry, level, (), (band.clause,), reasons, also)


def _after_held(band: Band, level: str, held: str) -> tuple[str | None, str]:
    """Point 4: a holder gets what the band says for his level, else nothing at an equal or higher one."""
    if held in band.held:
        return band.held[held], "held_nothing"
    return (None, "held_enough") if height(held) >= height(level) else (level, "")


def _requirements(rules: Promotion, band: Band, c: Candidate) -> tuple[str, list[Reason]]:
    """Point 5 with the cap: (why not, "" when nothing stands against it), what the approver has to check.

    A pass mark is a fact of the contest: not stated is not passed. A national standard, the questions' level
    and eligibility are facts outside it: not stated is left to whoever approves.
    """
    checks: list[Reason] = []
    for name in dict.fromkeys((*rules.requires, *band.requires)):
        if name == "passed" and c.passed is not True:
            return "not_passed" if c.passed is False else "no_pass", []
        if name == "standard" and c.standard is False:
            return "no_standard", []
        if name == "questions_2" and c.questions and height(c.questions) < height("2"):
            return "questions_low", []
        stated = {"passed": True, "eligible": c.eligible, "standard": c.standard, "questions_2": c.questions}
        if not stated[name]:
            checks.append(Reason(f"promotion.check_{name}"))
    if rules.per_year and c.this_year >= rules.per_year:
        return "cap", []
    if rules.per_year and not c.held_stated:
        checks.append(Reason("promotion.check_year"))
    return "", checks


def _no_band(rules: Promotion, c: Candidate) -> Reason:
    """Why no band matched: what is missing to know it, else that the place is in none."""
    bands = [b for b in rules.bands if in_scope(rules, b, c)]
    if not bands:
        if not c.tier and not rules.tier and any(b.tiers for b in rules.bands):
            return Reason("promotion.no_tier")
        if not c.group and any(b.groups for b in rules.bands):
            return Reason("promotion.no_group")
        params = {"tier": c.tier or rules.tier, "group": c.group, "track": c.track}
        return Reason("promotion.no_scope" if rules.bands else "promotion.no_bands", params)
    if c.field is None and any(b.unit == "percent" for b in bands):
        return Reason("promotion.no_field")
    params = _stood(c)
    if any(b.unit == "pass" for b in bands) and c.passed is not True:
        return Reason("promotion.no_band_failed" if c.passed is False else "promotion.no_band_pass", params)
    if all(b.unit in ("award", "prize") for b in bands):
        return Reason("promotion.no_award", params)
    return Reason("promotion.no_band", params)


def _stood(c: Candidate) -> dict[str, str]:
    return {"place": str(c.place), "field": "" if c.field is None else str(c.field)}


def _at_edge(c: Candidate, last: int) -> bool:
    """Whether entries share this place over the last place of a band: some inside, some beyond."""
    return c.shared > 1 and c.place is not None and c.place <= last < c.place + c.shared - 1


def _with_honours(rules: Promotion, c: Candidate, found: Proposal, edge: bool) -> Proposal:
    """The proposal with every honour that the place reaches, and the reasons that come after the first."""
    names: list[str] = []
    clauses, reasons, also = list(found.clauses), list(found.reasons), list(found.also)
    for honour in rules.honours:
        if not in_scope(rules, honour, c):
            continue
        last = top_of(honour, c.size, c.field)
        if honour.awards:
            won = c.medal in honour.awards or prize_of(rules, c) in honour.awards
        else:
            won = 0 < _position(rules, c) <= last
        edge = edge or (not honour.awards and _at_edge(c, last))
        if not won:
            continue
        if honour.once and honour.name in c.honours:
            reasons.append(Reason("promotion.honour_held", {"name": honour.name}))
            continue
        if honour.kind == "honour":
            names.append(honour.name)
        else:
            also.append(Also(honour.kind, honour.name, honour.clause, honour.persons))
        clauses.append(honour.clause)
        if honour.unverified:
            reasons.append(Reason("promotion.unverified", {"what": honour.unverified}))
    if edge:
        ties = {"place": str(c.place), "shared": str(c.shared)}
        reasons.append(Reason(f"promotion.edge_{rules.edge_ties}", ties))
    reasons += (Reason(f"promotion.also_{a.kind}", _also(a)) for a in also if a.kind != "title")
    if found.level is not None or names or also:
        reasons.append(Reason("promotion.approval", {"by": rules.approver}))
    return Proposal(
        found.entry,
        found.level,
        tuple(dict.fromkeys(names)),
        tuple(dict.fromkeys(clauses)),
        _once(reasons),
        tuple(also),
        edge,
    )


def _also(also: Also) -> dict[str, str]:
    return {"name": also.name, "persons": str(also.persons)}


def _once(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    kept: list[Reason] = []
    for reason in reasons:
        if reason not in kept:
            kept.append(reason)
    return tuple(kept)
