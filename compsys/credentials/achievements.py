"""What credentials say was achieved: an Achievement for each level or award, versioned, frozen whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compsys import words
from compsys.facts_credentials import Row
from compsys.records_credentials import Issuer, Occupation
from compsys.state import State
from compsys.state_credentials import Batch

Json = dict[str, Any]

LEVELS = ("5", "4", "3", "2", "1", "special", "chief")
AWARDS = (
    "participation", "excellence", "third", "second", "first", "grand", "bronze", "silver", "gold",
)  # fmt: skip
"""Awards from low to high."""


def both(names: Mapping[str, str]) -> str:
    """A name in one string: Chinese / English, one of them where they are the same or the other is not there.

    >>> both({"zh-CN": "焊工", "en": "Welder"}), both({"en": "Welder"})
    ('焊工 / Welder', 'Welder')
    """
    found = [names[lang] for lang in words.LANGS if names.get(lang)] or [t for t in names.values() if t]
    return " / ".join(dict.fromkeys(found))


def say(code: str, **params: str) -> str:
    """A sentence of the catalogue in both languages, in one string."""
    return " / ".join(dict.fromkeys(words.say(code, lang, **params) for lang in words.LANGS))


def say_named(code: str, **names: Mapping[str, str]) -> str:
    """As ``say``, with each language's own names put in."""
    said = (
        words.say(code, lang, **{key: words.pick(value, lang) for key, value in names.items()})
        for lang in words.LANGS
    )
    return " / ".join(dict.fromkeys(said))


def level_words(level: str) -> dict[str, str]:
    """A level's name in each language."""
    return {lang: words.say(f"promotion.level_{level}", lang) for lang in words.LANGS}


def award_word(award: str) -> str:
    """An award's name in both languages.

    >>> award_word("gold"), award_word("participation")
    ('金牌 / Gold', '参赛 / Participation')
    """
    medal = award in ("gold", "silver", "bronze", "excellence")
    if award == "participation":
        return say("credential.participation")
    return say(f"medal.{award}" if medal else f"prize.{award}")


class Book:
    """The achievements of one line: ``names`` in the order of use, ``fresh`` those to be frozen first."""

    def __init__(self, state: State, batch: Batch, issuer: Issuer) -> None:
        self.state, self.batch, self.issuer = state, batch, issuer
        self.names: list[str] = []
        self.fresh: list[dict[str, Any]] = []
        self._of: dict[tuple[str, str], int] = {}

    def of(self, row: Row) -> int:
        """The place in ``names`` of a row's achievement."""
        key = (row.level, row.direction)
        if key not in self._of:
            name, value, version, known = current(self.state, self.batch, self.issuer, row)
            if not known:
                self.fresh.append({"achievement": name, "version": version, "value": value})
            self._of[key] = len(self.names)
            self.names.append(f"{name}/v{version}")
        return self._of[key]


def current(state: State, batch: Batch, issuer: Issuer, row: Row) -> tuple[str, Json, int, bool]:
    """(name, value, version, whether that is frozen) of a row's achievement as it is worded now."""
    name = name_of(state, batch, row)
    versions = state.credentials.achievements.get((issuer.id, name), [])
    if versions:
        value = achievement(state, batch, issuer, row, name, len(versions))
        if value == versions[-1]:
            return name, value, len(versions), True
    number = len(versions) + 1
    return name, achievement(state, batch, issuer, row, name, number), number, False


def name_of(state: State, batch: Batch, row: Row) -> str:
    """An achievement's name within its issuer: of which contest's group or occupation, of which kind."""
    basis = batch.basis
    held = state.setup.competition
    if basis.kind == "result":
        where = [held.id if held else state.id, basis.trade, basis.stage, basis.group]
    else:
        where = [batch.occupation.replace("@", "-")]
    what = f"level-{row.level}" if batch.paper == "level" else batch.paper
    direction = [f"d{_direction(state, batch, row)}"] if row.direction else []
    return "-".join([*where, what, *direction])


def _direction(state: State, batch: Batch, row: Row) -> int:
    known = state.credentials.occupations.get(batch.occupation)
    names = [both(d) for d in known.directions] if known else []
    return names.index(row.direction) + 1 if row.direction in names else 0


def achievement(state: State, batch: Batch, issuer: Issuer, row: Row, name: str, version: int) -> Json:
    """The Achievement as it stands in credentials, with absolute addresses.

    Clause: credentials.md 3 and 4.
    """
    address = f"{issuer.base}/ach/{issuer.id}/{name}/v{version}"
    occupation = state.credentials.occupations.get(batch.occupation)
    title = _title(state, batch, row, occupation)
    value: Json = {
        "id": address,
        "type": ["Achievement"],
        "achievementType": "Certification" if batch.paper == "level" else "Award",
        "name": title,
        "description": _described(state, batch, row, occupation),
        "inLanguage": "zh-CN",
        "version": str(version),
        "criteria": {"id": f"{address}#criteria", "narrative": _criteria(state, batch, row)},
        "resultDescription": _descriptions(batch, address),
    }
    trade = state.setup.trades.get(batch.basis.trade)
    if trade is not None:
        value["fieldOfStudy"] = both(trade.name)
    if occupation is not None:
        value["alignment"] = _alignments(issuer, occupation)
        if batch.paper == "level":
            value["humanCode"] = f"{occupation.code}/{row.level}"
            # Not the issuer's own id: what is said of one id in a credential must be the same everywhere.
            owner = f"{issuer.base}/standards/{occupation.edition}/{occupation.code}"
            value["creator"] = {"id": owner, "type": ["Profile"], "name": occupation.standard}
        value.setdefault("fieldOfStudy", both(occupation.name))
    if row.direction:
        value["specialization"] = row.direction
    return value


def subject_names(state: State, batch: Batch, occupation: Occupation | None) -> Mapping[str, str]:
    """What it is about: the occupation of a level, else the trade."""
    trade = state.setup.trades.get(batch.basis.trade)
    if batch.paper == "level" and occupation is not None:
        return occupation.name
    return trade.name if trade is not None else occupation.name if occupation is not None else {}


def _title(state: State, batch: Batch, row: Row, occupation: Occupation | None) -> str:
    about = subject_names(state, batch, occupation)
    if batch.paper == "level":
        return say_named("credential.title_level", about=about, level=level_words(row.level))
    return say_named(f"credential.title_{batch.paper}", about=about)


def _described(state: State, batch: Batch, row: Row, occupation: Occupation | None) -> str:
    held = state.setup.competition
    contest = held.name if held is not None and batch.basis.kind == "result" else {}
    if batch.paper == "level" and occupation is not None:
        text = f"{occupation.standard} {occupation.standard_edition}".strip()
        standard = dict.fromkeys(words.LANGS, text)
        return say_named(
            "credential.about_level", standard=standard, level=level_words(row.level), contest=contest
        )
    return say_named("credential.about_other", contest=contest, about=subject_names(state, batch, occupation))


def _criteria(state: State, batch: Batch, row: Row) -> str:
    """The conversion rule by its id, version and clause; of an assessment its own words."""
    if batch.paper != "level":
        return say("credential.criteria_result")
    if batch.basis.kind == "result":
        stage = state.setup.stages.get(f"{batch.basis.trade}/{batch.basis.stage}")
        trade = state.setup.trades.get(batch.basis.trade)
        questions = (stage.question_level if stage else "") or (trade.question_level if trade else "")
        names = level_words(questions) if questions else {}
        rules = dict.fromkeys(words.LANGS, batch.rules)
        return say_named("credential.criteria_rule", rules=rules, questions=names)
    return say_named("credential.criteria_assessment", rules=dict.fromkeys(words.LANGS, batch.rules))


def _alignments(issuer: Issuer, occupation: Occupation) -> list[Json]:
    found = [
        _aligned(
            "ext:CNOccupation", say("credential.classification", edition=occupation.edition),
            occupation.code, both(occupation.name),
            f"{issuer.base}/occupations/{occupation.edition}/{occupation.code}",
        )
    ]  # fmt: skip
    if occupation.isco:
        found.append(
            _aligned(
                "ext:ISCO08", "ISCO-08", occupation.isco, both(occupation.name),
                f"{issuer.base}/occupations/isco08/{occupation.isco}",
            )
        )  # fmt: skip
    if occupation.worldskills:
        found.append(
            _aligned(
                "ext:WorldSkills", "WorldSkills", occupation.worldskills, both(occupation.name),
                f"{issuer.base}/occupations/worldskills/{occupation.worldskills}",
            )
        )  # fmt: skip
    return found


def _aligned(kind: str, framework: str, code: str, name: str, url: str) -> Json:
    return {
        "type": ["Alignment"], "targetType": kind, "targetFramework": framework, "targetCode": code,
        "targetName": name, "targetUrl": url,
    }  # fmt: skip


PARTS = ("theory", "practical", "review")
"""Parts of an assessment, each of 100 with a pass mark of 60 (china.md 10)."""


def _descriptions(batch: Batch, address: str) -> list[Json]:
    """The results that a credential of this kind may have, each with its range."""
    found: list[Json] = []
    if batch.paper == "level":
        found.append(_level_description(batch, address))
    if batch.basis.kind == "result":
        mark = {"valueMin": "0", "valueMax": batch.basis.maximum}
        found.append(_description(address, "mark", "RawScore", mark))
        found.append(_description(address, "rank", "ext:Rank", {}))
        if batch.paper != "score":
            allowed = {"allowedValue": [award_word(a) for a in AWARDS]}
            found.append(_description(address, "award", "ext:Award", allowed))
    else:
        for part in PARTS:
            limits = {"valueMin": "0", "valueMax": "100", "requiredValue": "60"}
            found.append(_description(address, part, "RawScore", limits))
    return found


def _description(address: str, name: str, kind: str, more: Json) -> Json:
    return {
        "id": f"{address}#{name}", "type": ["ResultDescription"], "name": say(f"credential.result_{name}"),
        "resultType": kind, **more,
    }  # fmt: skip


def _level_description(batch: Batch, address: str) -> Json:
    levels = [
        {
            "id": f"{address}#level-{level}", "type": ["RubricCriterionLevel"],
            "name": both(level_words(level)), "level": level,
        }
        for level in LEVELS
    ]  # fmt: skip
    more = {"rubricCriterionLevel": levels}
    return _description(address, "level", "RubricCriterionLevel", more)
