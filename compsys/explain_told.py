"""An explanation in words: each step with its label, its value, how it came about and by which clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from compsys.explain import Explained, decimal
from compsys.explain_marks import Node
from compsys.words import catalogue, pick, say
from scoring_rules.exact import show


class Told(NamedTuple):
    """A step for the eye: ``how`` in sentences, ``out``: it does not count."""

    what: str
    label: str
    value: str
    how: str
    note: str
    rule: str
    clause: str
    out: bool
    below: tuple[Told, ...]


def told(node: Node, lang: str, clauses: Mapping[str, str]) -> Told:
    """A step and all below it, in a language."""
    note = _note(node, lang)
    # A plain sum says so itself; the data names its rule all the same.
    rule = "" if node.rule == "sum/1" and not node.clause else node.rule
    return Told(
        what=node.what,
        label=_label(node, lang),
        value=_value(node, lang),
        how=(", " if lang == "en" else "，").join(_how(node, lang)),
        note=note,
        rule=say("explain.rule", lang, rule=rule) if rule else "",
        clause=say("explain.clause", lang, section=node.clause, cited=clauses.get(node.clause, ""))
        if node.clause
        else "",
        out=node.note.startswith("dropped_") or node.note == "left_out",
        below=tuple(told(child, lang, clauses) for child in node.children),
    )


def lines(found: Explained, lang: str) -> list[str]:
    """The whole explanation as indented lines."""
    said = [say("explain.rules", lang, **found.profile), *published(found, lang)]
    for step in found.steps:
        said += _lines(told(step, lang, found.clauses), 0)
    return said


def published(found: Explained, lang: str) -> list[str]:
    """What the newest version says, as lines."""
    newest: Mapping[str, Any] = found.published
    if not newest:
        return [say("explain.unpublished", lang)]
    rank = say(f"explain.rank.{newest['rank']}", lang)
    what = say("explain.published", lang, version=newest["version"], rank=rank)
    said = [say("explain.differs" if newest["differs"] else "explain.agrees", lang, what=what)]
    for it in newest["differs"]:
        field = say(f"explain.field.{it['field']}", lang)
        stored, now = (_worded(it["field"], it[side], lang) for side in ("stored", "now"))
        said.append(say("explain.differing", lang, field=field, stored=stored, now=now))
    return [*said, say("explain.annulled", lang)] if newest["annulled"] else said


def differing(changed: Mapping[str, str], lang: str) -> tuple[str, str, str]:
    """Field, before and after of something that would change, in words."""
    field = changed["field"]
    before, after = (_worded(field, changed[side], lang) for side in ("before", "after"))
    return say(f"explain.field.{field}", lang), before, after


def _worded(field: str, value: str, lang: str) -> str:
    if not value:
        return say("explain.nothing", lang)
    codes = {"medal": "medal.", "prize": "prize.", "status": "cell.", "promotion": "promotion.level_"}
    code = codes[field] + value if field in codes else ""
    return say(code, lang) if code in catalogue() else value


def _lines(step: Told, depth: int) -> Iterator[str]:
    about = [part for part in (step.note, step.how) if part]
    cited = [part for part in (step.rule, step.clause) if part]
    tail = f" — {'; '.join(about)}" if about else ""
    source = f"  [{'; '.join(cited)}]" if cited else ""
    yield f"{'  ' * depth}{step.label}  {step.value}{tail}{source}".rstrip()
    for below in step.below:
        yield from _lines(below, depth + 1)


def _label(node: Node, lang: str) -> str:
    name = pick(node.name, lang)
    if node.what == "component":
        return name or node.key
    if node.what in ("sub", "aspect"):
        return f"{node.key} {name}".strip() if name != node.key else node.key
    if node.what in ("seat", "vote", "points"):
        return name or node.key
    kind = say(f"explain.what.{node.what}", lang)
    if node.what == "key":
        return f"{kind}{': ' if lang == 'en' else '：'}{key_name(node.key, lang, name)}"
    if node.what == "sheet_points":
        return f"{node.key} {kind}"
    return f"{kind} {name}".strip()


def key_name(key: str, lang: str, name: str = "") -> str:
    """A ranking key in words; ``name``: what its component or criterion is called.

    >>> key_name("component:theory", "en"), key_name("total", "en")
    ('module theory', 'total')
    """
    kind, _, what = key.partition(":")
    return say(f"explain.key.{kind}", lang, what=name or what)


def _value(node: Node, lang: str) -> str:
    if node.what in ("medal", "prize") and node.value:
        return say(f"{node.what}.{node.value}", lang)
    if node.what == "promotion" and node.value:
        return say(f"promotion.level_{node.value}", lang)
    if node.what == "agreed" and node.value in ("pass", "fail"):
        return say(f"cell.{node.value}", lang)
    if node.what in ("place", "table") and node.value:
        return say("place.tied" if node.note == "tied" else "place.nth", lang, n=node.value)
    if "/" in node.value:
        return f"≈ {decimal(node.value)}"
    return show(Fraction(node.value), int(node.rounding)) if node.rounding and node.value else node.value


def _note(node: Node, lang: str) -> str:
    if not node.note or (node.note == "tied" and node.what in ("place", "table")):
        return ""
    if node.what == "reason":
        levels = {k: say(f"promotion.level_{v}", lang) for k, v in node.inputs.items() if k in LEVELS and v}
        return say(node.note, lang, **node.inputs | levels)
    code = f"cell.{node.note}" if node.note in STATUSES else f"explain.note.{node.note}"
    return say(code, lang, **node.inputs)


LEVELS = ("level", "held", "raised")
"""Parameters of a reason that are levels."""

STATUSES = ("absent", "not_finished", "withdrawn", "zeroed", "excluded")
INSTEAD = (
    "no_scale", "no_medals", "stage_not_last", "not_ranked", "not_eligible", "plain_mean", "below_floor",
)  # fmt: skip
"""Notes that stand instead of the rule's sentence."""


def _how(node: Node, lang: str) -> Iterator[str]:
    """The sentences about a step: the rule, the level, the rounding, reasons, the neighbours."""
    inputs = node.inputs
    always = ("place", "medal", "prize", "promotion")
    if node.rule and node.note not in INSTEAD and (node.value or node.what in always):
        yield say(f"explain.rule.{node.rule.replace('/', '_')}", lang, **_params(node) | _shares(node, lang))
    if "level" in inputs and node.what == "panel":
        yield say(f"explain.level.{inputs['level']}", lang)
    if node.rounding and node.before:
        yield say("explain.rounded_from", lang, before=decimal(node.before), places=node.rounding)
    elif node.rounding:
        yield say("explain.rounded", lang, places=node.rounding)
    if "/" in node.value:
        yield say("explain.exactly", lang, exact=node.value)
    if "direction" in inputs:
        yield say(f"explain.key.{inputs['direction']}", lang)
    if "passed" in inputs:
        yield say(f"explain.pass_{inputs['passed']}", lang, pass_mark=inputs["pass_mark"])
    if "how" in inputs and node.what == "carried":
        yield say(f"explain.carried_{inputs['how']}", lang, of=inputs["of"], to=inputs["to"])
    if "accepted" in inputs:
        yield say(f"told.{inputs['accepted']}", lang)
    if "heard" in inputs:
        yield say(f"told.competitor_{inputs['heard']}", lang)
    for word in ("reason", "signers", "by"):
        if inputs.get(word):
            yield say(f"explain.{word}", lang, **{word: inputs[word]})
    for side in ("above", "below"):
        if side in inputs:
            yield say(
                f"explain.{side}", lang, code=inputs[side], key=key_name(inputs[f"{side}_key"], lang),
                theirs=_shown(inputs[f"{side}_value"], lang), mine=_shown(inputs[f"{side}_mine"], lang),
            )  # fmt: skip


def _shown(value: str, lang: str) -> str:
    return decimal(value) or say("explain.nothing", lang)


DEFAULTS = {
    "parts": "2", "percent": "50", "points": "700", "window": "2", "target": "0",
    "possible": "", "each": "", "steps": "", "honours": "",
}  # fmt: skip
"""What the rules take where a profile or a measure says nothing."""


def _params(node: Node) -> dict[str, str]:
    """The numbers of a rule's sentence, for the eye."""
    inputs = {name: decimal(value) if _fraction(value) else value for name, value in node.inputs.items()}
    signs = {
        "pc": "%" if inputs.get("deduction_type") == "percent" else "",
        "dpc": "%" if inputs.get("difference_type") == "percent" else "",
    }
    return DEFAULTS | signs | inputs


def _shares(node: Node, lang: str) -> dict[str, str]:
    """Of a prize: which field, which shares and how far each goes, in words."""
    if node.what != "prize":
        return {}
    told = {}
    for name, value in node.inputs.items():
        if name in ("steps", "edges"):
            pairs = (pair.partition(":") for pair in value.split())
            percent = " %" if name == "steps" else ""
            glue = "、" if lang == "zh-CN" else ", "
            told[name] = glue.join(f"{say(f'prize.{prize}', lang)} {n}{percent}" for prize, _, n in pairs)
        elif name in ("base", "unit", "rounding"):
            told[name] = say(f"explain.{name}.{value}", lang)
    return told


def _fraction(value: str) -> bool:
    head, slash, tail = value.partition("/")
    return bool(slash) and head.lstrip("-").isdecimal() and tail.isdecimal()
