"""What is wrong with a group's rules: scheme, profile, and the components that share out the criteria."""

from __future__ import annotations

from fractions import Fraction

from compsys.records import Component, Group, ProfileRecord, Stage
from compsys.setup_look import Look, Problem, Severity
from scoring_rules import exact, profiles
from scoring_rules import scheme as schemes
from scoring_rules.scheme import Scheme
from scoring_rules.scheme_check import check


def rules(look: Look, stage: Stage, group: Group) -> None:
    """Everything about one group of a stage but its name."""
    where = ("group", f"{group.trade}/{group.stage}/{group.id}")
    if not group.components:
        look.say("must", where, "no_components", group.trade)
    _profile(look, group, where)
    marked = [part for part in group.components if part.source == "marked"]
    scheme = look.scheme(group)
    if marked and not group.scheme:
        look.say("must", where, "no_scheme", group.trade)
    elif marked and scheme is None:
        look.say("must", ("scheme", group.scheme), "scheme_unreadable", group.trade)
    elif not marked and group.scheme:
        look.say("look", where, "scheme_unused", group.trade)
    if scheme is not None and marked:
        _scheme(look, group, scheme, marked)
        _cover(look, group, scheme, marked, where)
    summed = Fraction(0)
    for part in group.components:
        summed += _component(look, stage, group, part, where)
    if group.components and summed != 100:
        look.say("look", where, "total_not_100", group.trade, total=exact.show(summed))
    _place_keys(look, group, where)


def _profile(look: Look, group: Group, where: tuple[str, str]) -> None:
    if look.profile(group) is not None:
        return
    own = look.setup.records.get("profile", {}).get(group.profile)
    if not isinstance(own, ProfileRecord):
        look.say("must", where, "profile_unknown", group.trade, profile=group.profile)
        return
    try:
        profiles.parse(own.text, group.profile)
    except profiles.ProfileUnreadable as unreadable:
        for found in unreadable.problems:
            params = {**found.params, "where": found.where}
            look.add(Problem("must", ("profile", own.id), found.code, params, group.trade))


def _scheme(look: Look, group: Group, scheme: Scheme, marked: list[Component]) -> None:
    """The rulebook's own check of the scheme, against what its components can hold; each scheme once."""
    maxima = [exact.parse(part.max) for part in marked]
    for found in check(scheme, exact.show(exact.total(maxima))):
        params = {**found.params, "where": found.where}
        severity: Severity = "must" if found.severity == "error" else "look"
        look.add(Problem(severity, ("scheme", group.scheme), found.code, params, group.trade))


def _cover(look: Look, group: Group, scheme: Scheme, marked: list[Component], where: tuple[str, str]) -> None:
    """Each criterion counts in one marked component, and each component holds what its criteria give."""
    letters = {criterion.key: criterion for criterion in scheme.criteria}
    counted: dict[str, list[str]] = {key: [] for key in letters}
    for part in marked:
        for key in part.criteria or tuple(letters):
            if key in counted:
                counted[key].append(part.id)
            else:
                look.say("must", where, "criterion_unknown", group.trade, component=part.id, criterion=key)
    for key, parts in counted.items():
        if not parts:
            look.say("must", where, "criterion_uncovered", group.trade, criterion=key)
        elif len(parts) > 1:
            both = ", ".join(parts)
            look.say("must", where, "criterion_twice", group.trade, criterion=key, components=both)
    for part in marked:
        held = [letters[key] for key in part.criteria or letters if key in letters]
        if any(not exact.is_number(a.max) for c in held for s in c.subs for a in s.aspects):
            continue  # the scheme's own check says so
        given = exact.total(schemes.criterion_total(criterion) for criterion in held)
        if given != exact.parse(part.max):
            severity: Severity = "look" if scheme.partial else "must"
            params = {"component": part.id, "max": part.max, "total": exact.show(given)}
            look.say(severity, where, "component_max", group.trade, **params)


def _component(look: Look, stage: Stage, group: Group, part: Component, where: tuple[str, str]) -> Fraction:
    """The component's own fields; what it adds to the stage's total at most."""
    top, weight = exact.parse(part.max), exact.parse(part.weight)

    def must(code: str, **params: str) -> None:
        look.say("must", where, code, group.trade, component=part.id, **params)

    if top <= 0:
        must("max_not_positive", max=part.max)
    if weight < 0:
        must("weight_negative", weight=part.weight)
    if part.pass_mark and exact.parse(part.pass_mark) > top:
        look.say("look", where, "pass_mark_above_max", group.trade, component=part.id, max=part.max)
    if part.source == "carried":
        before = look.setup.stages.get(f"{group.trade}/{part.from_stage}")
        if not part.from_stage:
            must("carried_from_nowhere")
        elif before is not None and (before.id == stage.id or before.order >= stage.order):
            must("carried_from_later", stage=part.from_stage)
    if part.source == "time" and not part.measure:
        must("time_without_measure")
    if part.source != "marked" and part.criteria:
        look.say("look", where, "criteria_unused", group.trade, component=part.id)
    return top * weight


def _place_keys(look: Look, group: Group, where: tuple[str, str]) -> None:
    """Tie keys of the profile that name a component or criterion the group has not: they decide nothing."""
    profile, scheme = look.profile(group), look.scheme(group)
    if profile is None:
        return
    held = {f"component:{part.id}" for part in group.components}
    held |= {f"criterion:{criterion.key}" for criterion in scheme.criteria} if scheme else set()
    for key in profile.places.keys:
        if ":" in key.key and key.key not in held:
            look.say("look", where, "place_key_unknown", group.trade, key=key.key, profile=group.profile)
