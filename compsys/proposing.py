"""What skill level and honours are proposed for whom, by a profile's section on promotion and its results.

Pure: what is known of a person outside the contest (the level held, promotions of this year) comes in as an
argument. A level that nobody stated is unknown: the proposal then goes by the place alone and says what is to
be checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from compsys import scoring
from compsys.events import ResultRow
from compsys.records import Entry
from compsys.scoring import Standing
from compsys.state import Result, State
from scoring_rules import profiles, promotion
from scoring_rules.award_changes import Change, changes
from scoring_rules.profiles import Profile
from scoring_rules.promotion_model import (
    GROUP_NAMES,
    GROUPS,
    STATES,
    Candidate,
    Promotion,
    Proposal,
    Reason,
    height,
)

ELSEWHERE = {"cn-national": "cn-national-1"}
"""Profiles whose text stays as journals hold it, and where the promotion rule of the same event stands."""


class Known(NamedTuple):
    """What is known of a person outside the contest: ``held`` None = unknown, "" = none; ``promoted_in``: the
    year of the last promotion by a contest ("" = none known); honours held; the group he or she belongs to
    (worker, student, teacher; "" = not stated)."""

    held: str | None = None
    promoted_in: str = ""
    honours: tuple[str, ...] = ()
    category: str = ""


UNKNOWN = Known()
About = Callable[[str], Known]
"""person id -> what is known of that person."""


class Place(NamedTuple):
    """A group of a stage."""

    trade: str
    stage: str
    group: str


class Waiting(NamedTuple):
    """A group without proposals, and why (a code ``promotion.wait_*``)."""

    place: Place
    code: str
    params: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Listed:
    """What is proposed for one person of an entry, from which version of which result, by which profile.

    ``held``: the level held, "" none, "unknown". ``person`` is "" where the entry names nobody.
    """

    place: Place
    version: int
    profile: Profile
    row: ResultRow
    person: str
    delegation: str
    held: str
    proposal: Proposal

    @property
    def key(self) -> str:
        """One for each person of an entry."""
        return "/".join((*self.place, self.row.entry, self.person))


@dataclass(frozen=True, slots=True)
class Official:
    """All proposals of official results, the groups that have none yet, and what the newest versions took
    and gave since the official version before (by ``Listed.key``)."""

    listed: tuple[Listed, ...]
    waiting: tuple[Waiting, ...]
    changed: tuple[Change, ...]


# ---------------------------------------------------------------- one standing, one version


class _Row(NamedTuple):
    """What a proposal needs of a row, of a standing or of a published version."""

    entry: str
    place: int | None
    medal: str
    prize: str
    status: str
    passes: tuple[bool, ...]


def proposals(state: State, found: Standing) -> dict[str, Proposal]:
    """entry -> its proposal by a standing, as of persons of whom nothing is known; {} where the rules propose
    nothing, the trade does not, or a later stage decides."""
    rules = found.rules.profile if found.rules is not None else None
    place = Place(found.trade, found.stage, found.group)
    if rules is None or _silent(state, place, rules):
        return {}
    rows = [
        _Row(
            row.entry, row.place, row.medal, row.prize, row.score.status,
            tuple(part.passed for part in row.score.components if part.passed is not None),
        )
        for row in found.rows
    ]  # fmt: skip
    return _entries(state, place, rules, rows)


def proposed(state: State, trade: str, stage: str, group: str, version: int = 0) -> dict[str, str]:
    """entry -> the level that a version (0: the newest) proposes for those of whom no level is known, ""
    for none; {} where there is no such version or nothing is proposed."""
    result = state.results.get((trade, stage, group), Result())
    found = [v for v in result.versions if version in (0, v.version)]
    return proposed_rows(state, trade, stage, group, found[-1].rows) if found else {}


def proposed_rows(
    state: State, trade: str, stage: str, group: str, rows: Iterable[ResultRow]
) -> dict[str, str]:
    """As ``proposed``, for rows that may be published."""
    place = Place(trade, stage, group)
    profile = rules_of(state, place)
    if profile is None or _silent(state, place, profile):
        return {}
    found = _entries(state, place, profile, map(_row, rows))
    return {entry: proposal.level or "" for entry, proposal in found.items()}


def _row(row: ResultRow) -> _Row:
    passes = tuple(part.passed for part in row.components if part.passed is not None)
    return _Row(row.entry, row.place, row.medal, row.prize, row.status, passes)


def rules_of(state: State, place: Place) -> Profile | None:
    """The profile of a group as marking froze it, or the one that holds the same event's promotion rule."""
    for stream in state.streams_of(place.trade, place.stage):
        if stream.frozen and place.group in stream.groups:
            return _with_promotion(stream.groups[place.group].profile)
    return None


def _with_promotion(profile: Profile) -> Profile:
    if profile.promotion is None and profile.id in ELSEWHERE:
        return profiles.load(ELSEWHERE[profile.id])
    return profile


def _silent(state: State, place: Place, profile: Profile) -> bool:
    """Whether nothing can be proposed from this group whatever its result."""
    return promotes(state, place) is not None or _with_promotion(profile).promotion is None


def promotes(state: State, place: Place) -> str | None:
    """Why a group promotes nobody whatever its rules (a code); None when it may."""
    trade = state.setup.trades.get(place.trade)
    if trade is not None and not trade.promotion:
        return "promotion.wait_switch"
    return None if scoring.is_last(state, place.trade, place.stage) else "promotion.wait_stage"


def _entries(state: State, place: Place, profile: Profile, rows: Iterable[_Row]) -> dict[str, Proposal]:
    rules = _with_promotion(profile).promotion
    assert rules is not None
    found = _candidates(state, place, rules, list(rows))
    return {entry: promotion.propose(rules, candidate) for entry, candidate in found.items()}


def _candidates(state: State, place: Place, rules: Promotion, rows: Sequence[_Row]) -> dict[str, Candidate]:
    """entry -> what the result says of it; of its persons nothing."""
    shared = Counter(row.place for row in rows)
    field, group = _field(rows, rules.base), _group(state, place, rules)
    trade, competition = state.setup.trades.get(place.trade), state.setup.competition
    stage = state.setup.stages.get(f"{place.trade}/{place.stage}")
    tier = (trade.tier if trade else "") or (competition.tier if competition else "")
    return {
        row.entry: Candidate(
            row.entry,
            row.place,
            field,
            group=group,
            tier=tier,
            track=trade.track if trade else "",
            medal=row.medal,
            prize=row.prize,
            held_stated=False,
            passed=all(row.passes) if row.passes else None,
            size=max(1, len(members(state.setup.entries.get(row.entry)))),
            status=row.status if row.status in STATES else "ranked",
            eligible=_eligible(state, row.entry),
            standard={"yes": True, "no": False}.get(trade.standard if trade else ""),
            questions=(stage.question_level if stage else "") or (trade.question_level if trade else ""),
            squad=bool((entry := state.setup.entries.get(row.entry)) and entry.squad),
            shared=shared[row.place] if row.place is not None else 1,
        )
        for row in rows
    }


def _group(state: State, place: Place, rules: Promotion) -> str:
    """What the rules call this group: a name of its own that they know (高级组), or who competes in it by id
    or name (职工组); "" where neither says it."""
    known = {group for band in rules.bands for group in band.groups}
    known |= {group for honour in rules.honours for group in honour.groups}
    record = state.setup.groups.get("/".join(place))
    names: tuple[str, ...] = (place.group, *(record.name.values() if record else ()))
    for name in names:
        if name in known:
            return name
        group = GROUP_NAMES.get(name.lower(), name)
        if group in GROUPS and group != "open":
            return group
    return ""


def _field(rows: Sequence[_Row], base: str) -> int:
    """How many entries the percentages are of."""
    if base == "ranked":
        return sum(row.place is not None for row in rows)
    out = {"entered": (), "checked_in": ("absent",), "started": ("absent", "withdrawn")}
    return sum(row.status not in out[base] for row in rows)


def _eligible(state: State, entry: str) -> bool | None:
    """False for a guest and for who is barred; else nobody has said so (None)."""
    found = state.setup.entries.get(entry)
    return False if found is not None and (found.guest or not found.eligible) else None


def members(entry: Entry | None) -> tuple[str, ...]:
    """The persons who compete as an entry: neither reserves nor those who left."""
    held = entry.members if entry is not None else ()
    return tuple(m.person for m in held if m.role != "reserve" and not m.until)


# ---------------------------------------------------------------- official results, person by person


def official(
    state: State, places: Iterable[Place], about: About = lambda person: UNKNOWN, rules: Profile | None = None
) -> Official:
    """Proposals of the official results of groups, one for each person of an entry, in the groups' order.

    ``rules``: a profile whose promotion rule counts in place of each group's own. Provisional, annulled and
    missing results propose nothing and say why. Raises NotFolded.
    """
    waiting: list[Waiting] = []
    ready: list[tuple[Place, Profile]] = []
    for place in places:
        why = _why_not(state, place, rules)
        if why is None:
            found = rules or rules_of(state, place)
            assert found is not None
            ready.append((place, _with_promotion(found)))
        else:
            waiting.append(Waiting(place, *why))
    listed = _once_a_year(state, about, _listed(state, about, ready, before=False))
    changed: list[Change] = []
    if any(_before(state, place) is not None for place, _ in ready):
        earlier = _once_a_year(state, about, _listed(state, about, ready, before=True))
        changed = changes(_held(earlier), _held(listed))
    return Official(tuple(listed), tuple(waiting), tuple(changed))


def _why_not(state: State, place: Place, rules: Profile | None) -> tuple[str, Mapping[str, str]] | None:
    if (never := promotes(state, place)) is not None:
        return never, {}
    result = state.results.get(place)
    if result is None or not result.versions:
        return "promotion.wait_none", {}
    if result.annulled:
        return "promotion.wait_annulled", {}
    newest = result.versions[-1]
    if newest.rank != "official":
        return "promotion.wait_provisional", {"version": str(newest.version)}
    profile = rules or rules_of(state, place)
    if profile is None:
        return "promotion.wait_none", {}
    if _with_promotion(profile).promotion is None:
        return "promotion.wait_rule", {"profile": profile.id}
    return None


def _before(state: State, place: Place) -> int | None:
    """The index of the official version before the newest one, of other rows; None when there is none."""
    versions = state.results[place].versions
    older = [i for i, v in enumerate(versions[:-1]) if v.rank == "official" and v.rows != versions[-1].rows]
    return older[-1] if older else None


def _listed(
    state: State, about: About, ready: Iterable[tuple[Place, Profile]], *, before: bool
) -> Iterator[tuple[Listed, Candidate]]:
    """Each person with the candidate that he or she is, by the newest or by the earlier official version."""
    for place, profile in ready:
        index = _before(state, place) if before else None
        version = state.results[place].versions[-1 if index is None else index]
        rules = profile.promotion
        assert rules is not None
        found = _candidates(state, place, rules, [_row(row) for row in version.rows])
        for row in version.rows:
            entry = state.setup.entries.get(row.entry)
            for person in members(entry) or ("",):
                known = about(person) if person else UNKNOWN
                candidate = _of_person(state, place, found[row.entry], known)
                held = "unknown" if known.held is None else known.held
                listed = Listed(
                    place, version.version, profile, row, person, entry.delegation if entry else "", held,
                    promotion.propose(rules, candidate),
                )  # fmt: skip
                yield listed, candidate


def _of_person(state: State, place: Place, candidate: Candidate, known: Known) -> Candidate:
    year = year_of(state, place)
    return replace(
        candidate,
        group=candidate.group or known.category,
        held=known.held or "",
        held_stated=known.held is not None,
        this_year=int(bool(year) and known.promoted_in == year),
        honours=known.honours,
    )


def year_of(state: State, place: Place) -> str:
    """The year that a promotion counts in: of the competition's last day, else of its result."""
    competition, result = state.setup.competition, state.results.get(place)
    days = competition.days if competition is not None else ()
    return max(days)[:4] if days else result.times[-1][:4] if result and result.times else ""


def _once_a_year(state: State, about: About, found: Iterable[tuple[Listed, Candidate]]) -> list[Listed]:
    """Of a person's proposals in several trades the highest first: what it gives, the others know of."""
    rows = list(found)
    of: dict[str, list[int]] = {}
    for i, (listed, _) in enumerate(rows):
        if listed.person:
            of.setdefault(listed.person, []).append(i)
    done = [listed for listed, _ in rows]
    for indices in of.values():
        if len(indices) > 1:
            _one_person(rows, done, indices)
    return done


def _one_person(rows: Sequence[tuple[Listed, Candidate]], done: list[Listed], indices: list[int]) -> None:
    given, honours, through = 0, tuple[str, ...](), ""
    for i in sorted(indices, key=lambda i: (-height(done[i].proposal.level or ""), i)):
        listed, candidate = rows[i]
        rules = listed.profile.promotion
        assert rules is not None
        known = replace(candidate, this_year=candidate.this_year + given, honours=candidate.honours + honours)
        proposal = promotion.propose(rules, known)
        if through and candidate.this_year < rules.per_year:
            reasons = [
                Reason("promotion.cap_here", {**r.params, "trade": through})
                if r.code == "promotion.cap"
                else r
                for r in proposal.reasons
            ]
            proposal = replace(proposal, reasons=tuple(reasons))
        done[i] = replace(listed, proposal=proposal)
        honours += proposal.honours
        if proposal.level is not None:
            given, through = given + 1, through or listed.place.trade


def _held(listed: Iterable[Listed]) -> dict[str, dict[str, str]]:
    return {
        it.key: {"level": it.proposal.level or "", "honour": ", ".join(it.proposal.honours)} for it in listed
    }
