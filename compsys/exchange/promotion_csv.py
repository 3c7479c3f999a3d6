"""Reads the table of ``compsys promote`` into candidates, and says proposals as data and sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from compsys import words
from compsys.exchange.rule_csv import FLAGS, Column, Sheet
from scoring_rules import prizes
from scoring_rules import promotion_model as model
from scoring_rules.profiles import Profile
from scoring_rules.promotion_model import Candidate, Proposal, Reason

COLUMNS = (
    Column("entry"),
    Column("group", filled=False),
    Column("place", "whole", filled=False, low="1"),
    Column("field", "whole", filled=False, low="1"),
    Column("medal", filled=False),
    Column("held_level", filled=False),
    Column("passed", filled=False),
    Column("size", "whole", filled=False, low="1"),
    Column("tier", filled=False),
    Column("held_this_year", must=False, filled=False),
    Column("trade", must=False, filled=False),
    Column("status", "word", must=False, filled=False, words=model.STATES),
    Column("prize", must=False, filled=False),
    Column("track", must=False, filled=False),
    Column("eligible", "flag", must=False, filled=False),
    Column("standard", "flag", must=False, filled=False),
    Column("question_level", must=False, filled=False),
    Column("squad", "flag", must=False, filled=False),
    Column("honours_held", must=False, filled=False),
)

_NOTHING = dict.fromkeys(("", "none", "null", "-", "无"), "")
PASSED = {
    **FLAGS,
    **dict.fromkeys(("passed", "pass", "合格", "通过"), "yes"),
    **dict.fromkeys(("failed", "fail", "不合格", "未通过"), "no"),
    **_NOTHING,
}
PRIZES = {
    **{prize: prize for prize in prizes.PRIZES},
    **dict.fromkeys(("一等", "一等奖"), "first"),
    **dict.fromkeys(("二等", "二等奖"), "second"),
    **dict.fromkeys(("三等", "三等奖"), "third"),
    **dict.fromkeys(("特等", "特等奖"), "grand"),
    "优秀奖": "excellence",
    **_NOTHING,
}
MEDALS = {
    **PRIZES,
    **{medal: medal for medal in model.MEDALS},
    **dict.fromkeys(("金", "金牌", "金奖"), "gold"),
    **dict.fromkeys(("银", "银牌", "银奖"), "silver"),
    **dict.fromkeys(("铜", "铜牌", "铜奖"), "bronze"),
    **dict.fromkeys(("优胜", "优胜奖", "mfe"), "excellence"),
}
LEVELS = {
    **{level: level for level in model.LADDER},
    **dict.fromkeys(("学徒工",), "apprentice"),
    **dict.fromkeys(("五级", "初级工", "五级/初级工"), "5"),
    **dict.fromkeys(("四级", "中级工", "四级/中级工"), "4"),
    **dict.fromkeys(("三级", "高级工", "三级/高级工"), "3"),
    **dict.fromkeys(("二级", "技师", "二级/技师"), "2"),
    **dict.fromkeys(("一级", "高级技师", "一级/高级技师"), "1"),
    "特级技师": "special",
    "首席技师": "chief",
    **_NOTHING,
    "0": "",
}
UNKNOWN = ("unknown", "未知", "不详")
"""Words for a level that nobody knows, which is not the same as none."""
GROUPS = model.GROUP_NAMES
TIERS = {
    **{tier: tier for tier in model.TIERS},
    **dict.fromkeys(("全国技能大赛", "国家级综合", "国家级综合赛"), "national_comprehensive"),
    **dict.fromkeys(("国家级一类", "国家一类", "全国一类"), "national_1"),
    **dict.fromkeys(("国家级二类", "国家二类", "全国二类"), "national_2"),
    **dict.fromkeys(("跨省", "跨省竞赛"), "inter_provincial"),
    **dict.fromkeys(("省级综合", "省级综合赛"), "province_comprehensive"),
    **dict.fromkeys(("省级一类", "省一类"), "province_1"),
    **dict.fromkeys(("省级二类", "省二类"), "province_2"),
    **dict.fromkeys(("市级综合", "市级综合赛"), "city_comprehensive"),
    **dict.fromkeys(("市级一类", "市一类", "市县一类"), "city_1"),
    **dict.fromkeys(("市级二类", "市二类", "市县二类"), "city_2"),
    "市级": "city",
    **dict.fromkeys(("区县", "区县赛", "区级", "县级"), "county"),
    **dict.fromkeys(("行业", "行业赛"), "industry"),
    **dict.fromkeys(("行业单项", "行业单项竞赛"), "single_industry"),
    "企业": "enterprise",
    **dict.fromkeys(("院校", "学校"), "school"),
    **_NOTHING,
}
TRACKS = {
    **{track: track for track in model.TRACKS},
    "世赛选拔": "ws",
    "国赛精选": "national",
    "专业技术": "professional",
    **_NOTHING,
}
"""Tables of what may be written: our codes, and the words of the published texts."""

OPEN = {
    "award of the 41-50 % band (default: none)": "promotion.open_band_default",
    "award of the 41-50 % band": "promotion.open_band",
    "bands of 省级二类 (default: none)": "promotion.open_province_2",
    "rounding at the edges of a band (default: floor)": "promotion.open_rounding",
    "rounding at the edge of the 30 % (default: floor)": "promotion.open_rounding_30",
    "joint places at an edge (default: all included)": "promotion.open_joint",
    "exactly 10 finalists (default: one 技术能手)": "promotion.open_ten",
    "市级 one level below 省级, for both classes (one sentence names it)": "promotion.open_city_default",
    "市级 one level below 省级, for both classes": "promotion.open_city",
}
"""What shipped rule books leave open, as their text says it (journals hold it so), and its code."""


def candidates(sheet: Sheet) -> list[tuple[str, Candidate]]:
    """(trade, candidate) per row, in the table's order; what cannot be taken is noted in the sheet.

    Codes besides those of reading: csv.unknown_word (medal, prize, level, pass, track; for a tier a warning),
    csv.twice (an entry again in its trade), csv.too_high (a place beyond the field).
    """
    sheet.distinct(["trade", "entry"])
    found = []
    for row, values in sheet.records:
        place, field = values["place"], values["field"]
        if place and field and int(place) > int(field):
            sheet.say(row, "place", "csv.too_high", value=place, high=field)
        found.append((values["trade"], _candidate(sheet, row, values)))
    return found


def _candidate(sheet: Sheet, row: int, values: Mapping[str, str]) -> Candidate:
    def word(column: str, known: Mapping[str, str]) -> str:
        said = values[column].strip().lower()
        if known is TIERS:
            said = said if said in known else said.replace("-", "_")
        if said in known:
            return known[said]
        grave: Callable[..., None] = sheet.warn if known is TIERS else sheet.say
        codes = " ".join(dict.fromkeys(code for code in known.values() if code))
        grave(row, column, "csv.unknown_word", value=values[column], known=codes)
        return said if known is TIERS else ""

    won = word("medal", MEDALS)
    prize = word("prize", PRIZES) or ("" if won in model.MEDALS else won)
    group = values["group"].strip().lower()
    size, passed = values["size"], word("passed", PASSED)
    unknown = values["held_level"].strip().lower() in UNKNOWN
    honours = values["honours_held"].replace("、", ";").replace("；", ";").split(";")
    return Candidate(
        entry=values["entry"],
        place=int(values["place"]) if values["place"] else None,
        field=int(values["field"]) if values["field"] else None,
        group=GROUPS.get(group, group),
        tier=word("tier", TIERS),
        track=word("track", TRACKS),
        medal=won if won in model.MEDALS else "",
        prize=prize,
        held="" if unknown else word("held_level", LEVELS),
        held_stated=not unknown,
        passed=_flag(passed),
        size=int(size) if size else 1,
        this_year=_times(sheet, row, values["held_this_year"]),
        status=values["status"] or "ranked",
        eligible=_flag(values["eligible"]),
        standard=_flag(values["standard"]),
        questions=word("question_level", LEVELS),
        squad=values["squad"] == "yes",
        honours=tuple(name.strip() for name in honours if name.strip()),
    )


def _flag(said: str) -> bool | None:
    return {"yes": True, "no": False}.get(said)


def _times(sheet: Sheet, row: int, text: str) -> int:
    """How often somebody was promoted this year: a count, or yes and no."""
    said = text.strip().lower()
    if said.isascii() and said.isdigit():
        return int(said)
    if said not in FLAGS and said not in _NOTHING:
        sheet.say(row, "held_this_year", "csv.unknown_word", value=text, known="yes no 0 1 2")
    return int(FLAGS.get(said) == "yes")


def as_data(profile: Profile, proposal: Proposal, lang: str) -> dict[str, Any]:
    """A proposal as ``compsys promote --json`` prints it; ``also`` only where there is something."""
    also = [{"kind": a.kind, "name": a.name, "persons": str(a.persons)} for a in proposal.also]
    data: dict[str, Any] = {
        "entry": proposal.entry,
        "level": proposal.level,
        "honours": list(proposal.honours),
        "clause": clause(profile, proposal),
        "reason": reason(proposal, lang),
    }
    return {**data, "also": also} if also else data


def clause(profile: Profile, proposal: Proposal) -> str:
    """The rule by id and version, and the clauses in it that the proposal goes by."""
    said = "; ".join(proposal.clauses)
    return f"{profile.id}/{profile.version}" + (f": {said}" if said else "")


def reason(proposal: Proposal, lang: str) -> str:
    """Why, as sentences: first why this level or none, then what is to be known and to be checked."""
    return sentences(proposal.reasons, lang)


def sentences(reasons: Iterable[Reason], lang: str) -> str:
    """Reasons as sentences, in their order."""
    return (" " if lang == "en" else "").join(_sentence(r, lang) for r in reasons)


def _sentence(said: Reason, lang: str) -> str:
    params = {
        name: level_name(value, lang) if name in ("level", "held", "raised") and value
        else open_word(value, lang) if name == "what"
        else value
        for name, value in said.params.items()
    }  # fmt: skip
    return words.say(said.code, lang, **params)


def open_word(text: str, lang: str) -> str:
    """What a rule's text leaves open, in a language where the catalogue has it; else as the profile says it.

    >>> open_word("award of the 41-50 % band", "zh-CN"), open_word("our own", "zh-CN")
    ('41-50% 一档给什么', 'our own')
    """
    code = OPEN.get(text)
    return words.say(code, lang) if code else text


def level_name(level: str, lang: str) -> str:
    """A level as people call it.

    >>> level_name("2", "en"), level_name("2", "zh-CN")
    ('level 2 (technician)', '二级/技师')
    """
    return words.say(f"promotion.level_{level}", lang)
