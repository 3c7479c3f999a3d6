"""What differs between an aspect, or a scheme, then and now; and what the new one keeps of the old."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from scoring_rules import exact
from scoring_rules.scheme_model import Aspect, Measure, Scheme, SubCriterion, Words, sub_criteria

ASPECT_FIELDS = (
    "renamed", "moved", "marks", "method", "section", "measure", "descriptors", "requirement", "note", "step",
)
"""What can have changed of a matched aspect, in the order in which it is told."""

_BOOKKEEPING = frozenset({"cis_row", "cis_type", "cis_name", "cis_shared"})
_DEFAULTS = frozenset({"", "unit", "ceil", "refuse"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A change that is not an aspect's: `where` as in Problem (`scheme`, `A`, `A1`, `section/3`), a field."""

    where: str
    field: Literal["title", "number", "day", "weight", "new", "gone"]
    before: str = ""
    after: str = ""


# ---------------------------------------------------------------- aspects


def number(text: str) -> Hashable:
    """A number's value, so that 1 and 1.0 are the same; other texts as they are."""
    return exact.parse(text) if exact.is_number(text) else text


def _same_words(old: Words, new: Words) -> bool:
    """Whether the new text says what the old one says: in one language, as any of the old; else in each."""
    if len(new) == 1:
        return next(iter(new.values())).split() in [text.split() for text in old.values()]
    return {lang: text.split() for lang, text in old.items()} == {k: text.split() for k, text in new.items()}


def _kept_words(old: Words, new: Words) -> Words:
    return old if new and _same_words(old, new) else new


def _params(measure: Measure | None) -> Mapping[str, object]:
    """What a measure says, without the workbook's bookkeeping and what equals a default."""
    if measure is None:
        return {"kind": "pass_fail"}
    said: dict[str, object] = {"kind": measure.kind}
    for name, value in measure.params.items():
        if name in _BOOKKEEPING or (isinstance(value, str) and value in _DEFAULTS):
            continue
        said[name] = number(value) if isinstance(value, str) else [number(v) for v in value]
    return said


def changed(old: Aspect, new: Aspect, moved: bool) -> tuple[str, ...]:
    """The fields (of ASPECT_FIELDS) in which two aspects differ; `moved`: it stands elsewhere."""
    same = {
        "renamed": _same_words(old.title, new.title),
        "moved": not moved,
        "marks": number(old.max) == number(new.max),
        "method": old.method == new.method,
        "section": old.section == new.section,
        "measure": "agreed" not in (old.method, new.method) or _params(old.measure) == _params(new.measure),
        "descriptors": _same_descriptors(old, new),
        "requirement": old.requirement.split() == new.requirement.split(),
        "note": _same_words(old.note, new.note),
        "step": "points" not in (old.method, new.method)
        or (number(old.low), number(old.step)) == (number(new.low), number(new.step)),
    }
    return tuple(field for field in ASPECT_FIELDS if not same[field])


def _same_descriptors(old: Aspect, new: Aspect) -> bool:
    if "judgement" not in (old.method, new.method):
        return True
    return len(old.descriptors) == len(new.descriptors) and all(
        _same_words(a, b) for a, b in zip(old.descriptors, new.descriptors, strict=True)
    )


def carried(old: Aspect, new: Aspect) -> Aspect:
    """The new aspect under its permanent key, with what the old one said in other languages."""
    same = _same_descriptors(old, new) and new.method == "judgement"
    unchanged = new.method == "agreed" == old.method and _params(old.measure) == _params(new.measure)
    return replace(
        new,
        key=old.key,
        title=_kept_words(old.title, new.title),
        note=_kept_words(old.note, new.note),
        descriptors=old.descriptors if same else new.descriptors,
        measure=old.measure if unchanged else new.measure,
    )


# ---------------------------------------------------------------- the rest of the scheme


def rebuilt(
    old: Scheme, new: Scheme, subs: Mapping[str, str], kept: Mapping[tuple[str, int], Aspect]
) -> Scheme:
    """The new scheme with the aspects `kept` (sub-criterion, place from 1) and what the old one said too."""
    titles = {s.key: s.title for s in sub_criteria(old)}
    letters = {c.key: c.title for c in old.criteria}
    names = {s.key: s.name for s in old.sections}

    def sub(found: SubCriterion) -> SubCriterion:
        listed = tuple(kept[found.key, n] for n in range(1, len(found.aspects) + 1))
        title = _kept_words(titles.get(subs.get(found.key, ""), {}), found.title)
        return replace(found, title=title, aspects=listed)

    criteria = tuple(
        replace(c, title=_kept_words(letters.get(c.key, {}), c.title), subs=tuple(map(sub, c.subs)))
        for c in new.criteria
    )
    sections = tuple(replace(s, name=_kept_words(names.get(s.key, {}), s.name)) for s in new.sections)
    title = _kept_words(old.title, new.title)
    return replace(new, title=title, criteria=criteria, sections=sections, partial=old.partial or new.partial)


def others(old: Scheme, new: Scheme, subs: Mapping[str, str]) -> Iterable[Difference]:
    """Changes of title, sections, criteria and sub-criteria; `subs`: new sub-criterion -> the old one."""
    yield from _texts("scheme", "title", old.title, new.title)
    if old.number != new.number:
        yield Difference("scheme", "number", old.number, new.number)
    yield from _sections(old, new)
    letters = {c.key: c for c in old.criteria}
    for criterion in new.criteria:
        if criterion.key in letters:
            yield from _texts(criterion.key, "title", letters[criterion.key].title, criterion.title)
        else:
            yield Difference(criterion.key, "new", "", shown(criterion.title))
    for key in sorted(letters.keys() - {c.key for c in new.criteria}):
        yield Difference(key, "gone", shown(letters[key].title))
    before = {s.key: s for s in sub_criteria(old)}
    for sub in sub_criteria(new):
        was = before.get(subs.get(sub.key, ""))
        if was is None:
            yield Difference(sub.key, "new", "", shown(sub.title))
            continue
        yield from _texts(sub.key, "title", was.title, sub.title)
        if was.day != sub.day:
            yield Difference(sub.key, "day", was.day, sub.day)
    for key in sorted(before.keys() - set(subs.values())):
        yield Difference(key, "gone", shown(before[key].title))
    yield from _spares(old, new)


def _spares(old: Scheme, new: Scheme) -> Iterable[Difference]:
    """Calculations that no aspect uses, as a bag: where a row stands says nothing."""
    left = [replace(s, row="") for s in old.spare]
    for spare in new.spare:
        if (said := replace(spare, row="")) in left:
            left.remove(said)
        else:
            yield Difference(f"calculation {spare.row}", "new", "", f"{spare.type} {spare.name}".strip())
    for gone in left:
        yield Difference("calculation", "gone", f"{gone.type} {gone.name}".strip())


def _sections(old: Scheme, new: Scheme) -> Iterable[Difference]:
    known = {s.key: s for s in old.sections}
    for section in new.sections:
        was = known.pop(section.key, None)
        where = f"section/{section.key}"
        if was is None:
            yield Difference(where, "new", "", shown(section.name))
            continue
        yield from _texts(where, "title", was.name, section.name)
        if number(was.weight) != number(section.weight):
            yield Difference(where, "weight", was.weight, section.weight)
    for key, gone in known.items():
        yield Difference(f"section/{key}", "gone", shown(gone.name))


def _texts(where: str, field: Literal["title"], old: Words, new: Words) -> Iterable[Difference]:
    if not _same_words(old, new):
        yield Difference(where, field, shown(old), shown(new))


def shown(words: Words) -> str:
    """A text in the languages it has.

    >>> shown({"zh-CN": "汤", "en": "Soup"})
    '汤 / Soup'
    """
    return " / ".join(words[lang] for lang in sorted(words, reverse=True))
