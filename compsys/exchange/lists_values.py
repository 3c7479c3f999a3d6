"""Single values of lists: identity numbers, dates, words of a choice; right, or a code that says why not."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from compsys import identity
from compsys.exchange.lists_fields import clean, word
from compsys.exchange.xlsx_cells import Cell

_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}\Z", re.I)
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]\Z")
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,15}\Z")
_LIKE_PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{6,9}\Z")
_OTHER = re.compile(r"[^\s]{3,40}\Z")
_DATE = re.compile(r"([12][0-9]{3})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})?日?)?\Z")
_COMPACT = re.compile(r"([12][0-9]{3})([0-9]{2})([0-9]{2})\Z")
_SERIAL_DAY = date(1899, 12, 30)

ID_WORDS = {
    "resident_id": "居民身份证 身份证 二代身份证 第二代居民身份证 中国居民身份证 residentid "
    "residentidentitycard idcard",
    "officer_id": "军官证 士兵证 officerid militaryid",
    "hk_macau_id": "港澳居民来往内地通行证 港澳居民身份证 港澳通行证 港澳护照身份证明 回乡证 "
    "港澳台居民居住证 hkmacauid hkmacaupermit",
    "taiwan_permit": "台湾居民来往大陆通行证 台胞证 taiwanpermit",
    "foreign_permanent_id": "外国人永久居留身份证 外国人永久居留证 境外永久居住证 foreignpermanentid",
    "passport": "护照 普通护照 中国护照 外国护照 passport",
    "other": "其他 其它 other",
}
ROLE_WORDS = {
    "chief": "裁判长 总裁判长 首席裁判 首席专家 chief chiefexpert chiefjudge",
    "lead": "裁判组长 小组长 评分组长 组长 lead leader groupleader panelleader",
    "judge": "裁判 裁判员 评分裁判 执裁裁判 考评员 judge expert assessor",
    "reserve": "候补 候补裁判 备用裁判 替补裁判 reserve",
    "clerk": "录分员 录分裁判 统分员 统分裁判 记分员 录入员 clerk scorekeeper",
    "floor": "现场裁判 场务 计时员 计时裁判 检录员 检录 floor timekeeper",
    "expert": "本队专家 代表队专家 ownexpert compatriotexpert",
}
MEMBER_WORDS = {
    "captain": "队长 captain leader",
    "member": "队员 选手 主力 正式 member competitor",
    "reserve": "替补 候补 替补队员 reserve substitute",
}
SEX_WORDS = {"m": "男 m male", "f": "女 f female"}
TYPE_WORDS = {
    "company": "企业 公司 单位 company enterprise",
    "school": "学校 院校 school college",
    "region": "地区 省 市 自治区 地方 region province",
    "ministry": "部委 行业 ministry sector",
}


def choice(text: str, words: dict[str, str]) -> str | None:
    """What a word of a choice means, "" for an empty cell, None for a word nobody knows.

    >>> choice("裁判长", ROLE_WORDS), choice(" ", ROLE_WORDS), choice("厨师", ROLE_WORDS)
    ('chief', '', None)
    """
    wanted = word(text)
    if not wanted:
        return ""
    return next((meant for meant, told in words.items() if wanted in (meant, *told.split())), None)


class Number(NamedTuple):
    """An identity number: its kind, the number, "" or the code of what is wrong with it."""

    type: str
    number: str
    fault: str = ""


def identity_number(cell: Cell, said: str) -> Number:
    """The identity number of a cell; ``said``: the kind of document the list names, "" when it names none.

    >>> identity_number(Cell("3.70284E+17"), "").fault
    'identity_damaged'
    >>> identity_number(Cell("１１０１０５１９４９１２３１００２ｘ"), "")
    Number(type='resident_id', number='11010519491231002X', fault='')
    """
    number = clean(cell.text).replace(" ", "").replace("-", "").upper()
    if cell.kind == "number" and len(number) > 15:
        return Number(said, f"{number[0]}.{number[1:6]}E+{len(number) - 1}", "identity_damaged")
    if _SCIENTIFIC.match(number):
        return Number(said, number, "identity_damaged")
    kind = said or _kind(number)
    if kind == "resident_id":
        return Number(kind, number, _resident(number))
    shape = {"passport": _PASSPORT}.get(kind, _OTHER)
    if not kind:
        return Number("other", number, "identity_unknown")
    return Number(kind, number, "" if shape.match(number) else "identity_shape")


def _kind(number: str) -> str:
    """What a number without a named document is: by its shape alone."""
    if _RESIDENT.match(number) or (number[:-1].isdigit() and len(number) in (15, 17, 18, 19)):
        return "resident_id"
    return "passport" if _LIKE_PASSPORT.match(number) else ""


def _resident(number: str) -> str:
    fault = identity.fault(number)
    if not fault:
        return ""
    if fault == "shape" and number.isdigit() and len(number) == 15:
        return "identity_old"
    if fault != "shape" and number.endswith("000"):
        return "identity_damaged"  # a spreadsheet keeps fifteen digits and writes the rest as 0
    return f"identity_{fault}"


def birth_date(cell: Cell) -> tuple[int, int, int] | None:
    """(year, month, day or 0) of a date in any of the usual ways of writing; None when it is none.

    >>> [birth_date(Cell(text)) for text in ("1990年1月5日", "1990-01-05 00:00:00", "1990.01", "five")]
    [(1990, 1, 5), (1990, 1, 5), (1990, 1, 0), None]
    >>> birth_date(Cell("32878", "number"))
    (1990, 1, 5)
    """
    text = clean(cell.text)
    text = re.split("[ T]", text)[0] if ":" in text else text.replace(" ", "")
    if cell.kind == "number" and text.isdigit() and len(text) == 5:
        day = _SERIAL_DAY + timedelta(days=int(text))
        return day.year, day.month, day.day
    match = _DATE.match(text) or _COMPACT.match(text)
    if match is None:
        return None
    year, month, of_month = int(match[1]), int(match[2]), int(match[3] or 0)
    try:
        date(year, month, of_month or 1)
    except ValueError:
        return None
    return year, month, of_month


def contradicts(number: str, born: tuple[int, int, int]) -> bool:
    """Whether a right resident number says another date of birth.

    >>> contradicts("11010519491231002X", (1949, 12, 0)), contradicts("11010519491231002X", (1949, 12, 30))
    (False, True)
    """
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    return (year, month) != born[:2] or (born[2] != 0 and born[2] != day)


def sex_of(number: str) -> str:
    """The sex a right resident number says: m or f."""
    return "m" if int(number[16]) % 2 else "f"
