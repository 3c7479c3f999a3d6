"""What the columns of lists may mean: fields per kind of list, and the words by which a header says them."""

from __future__ import annotations

import re
import unicodedata

ENTRANTS, JUDGES, DELEGATIONS, SCORES = "entrants", "judges", "delegations", "scores"
KINDS = (ENTRANTS, JUDGES, DELEGATIONS, SCORES)
CANDIDATES, PART_MARKS = "candidates", "part_marks"
"""Lists of an assessment without a competition; ``compsys credential`` reads them for a batch."""

_SPACE = re.compile("[\\s\u200b-\u200f\u2060\ufeff]+")
_HAN_GAP = re.compile("(?<=[\u3400-\u9fff\uf900-\ufaff]) +(?=[\u3400-\u9fff\uf900-\ufaff])")
_BRACKETS = re.compile(r"[(\[{【〔].*?[)\]}】〕]")
_NOISE = re.compile(r"[*:：。.、/\\|_\-'\"“”‘’!?#]+")

_PERSON = {
    "name_zh": "姓名 中文姓名 人员姓名 考生姓名 选手姓名 参赛选手 选手 参赛人员 name fullname chinesename",
    "name_en": "英文名 英文姓名 姓名拼音 拼音 汉语拼音 englishname nameinenglish latinname pinyin",
    "id_type": "证件类型 证件种类 证件类别 证件名称 idtype documenttype typeofid typeofdocument",
    "id_number": "身份证号 身份证号码 居民身份证号 居民身份证号码 居民身份证 身份证 身份证件号 身份证件号码 "
    "证件号 证件号码 护照号 护照号码 idnumber idno idcard idcardnumber documentnumber documentno passport "
    "passportno passportnumber",
    "sex": "性别 sex gender",
    "birth": "出生日期 出生年月日 出生年月 生日 birthdate dateofbirth birthday born dob",
    "phone": "手机号码 手机号 手机 移动电话 联系电话 联系方式 电话 phone phonenumber mobile tel telephone",
}

WORDS: dict[str, dict[str, str]] = {
    ENTRANTS: _PERSON
    | {
        "delegation": "代表队 参赛队 代表团 参赛代表队 参赛单位 选送单位 推荐单位 所属单位 工作单位 所在单位 "
        "单位名称 单位 公司名称 公司 企业名称 企业 学校 delegation company organisation organization "
        "employer unit school",
        "trade": "赛项 赛项名称 参赛赛项 竞赛项目 比赛项目 参赛项目 参赛工种 竞赛工种 项目名称 项目 工种 "
        "trade skill event tradename",
        "group": "组别 参赛组别 竞赛组别 group category",
        "bib": "参赛号 参赛证号 参赛编号 选手编号 选手号 准考证号 胸牌号 号码 编号 bib number candidateno",
        "pool": "预赛分组 选拔分组 分组 所属区县 区县 县区 pool heatgroup county",
        "team": "队名 队伍名称 组合名称 组合 参赛组合 团队名称 team teamname",
        "role": "队员身份 队员类别 角色 role",
        "site": "赛点 考点 赛区 site venue",
        "category": "身份类别 人员身份 参赛身份 选手身份 身份 occupation",
        "held_level": "已有技能等级 现有技能等级 职业技能等级 技能等级 现有等级 持证等级 证书等级 "
        "职业资格等级 skilllevelheld skilllevel levelheld heldlevel",
        "held_source": "技能等级证书编号 职业技能等级证书编号 职业资格证书编号 证书编号 证书号 "
        "certificatenumber certificateno certificate",
        "promoted_in": "最近晋升年份 晋升年份 yearofpromotion lastpromotion promotedin",
        "honours_held": "已有荣誉 荣誉称号 所获荣誉 honours honors",
    },
    JUDGES: _PERSON
    | {
        "name_zh": _PERSON["name_zh"] + " 裁判姓名 裁判员姓名 裁判员 裁判 judge expert judgename expertname",
        "delegation": "代表队 所属代表队 推荐单位 工作单位 所在单位 单位名称 单位 公司 企业 学校 delegation "
        "company organisation organization employer unit affiliation",
        "trade": "赛项 赛项名称 执裁赛项 执裁项目 裁判项目 竞赛项目 项目名称 项目 工种 trade skill event",
        "stage": "阶段 赛段 stage",
        "panel": "评分小组 裁判组 裁判小组 小组 panel team markingteam",
        "seat": "席位 席号 座位 座位号 seat seatno",
        "role": "裁判职务 裁判类别 裁判岗位 执裁岗位 职务 岗位 角色 role position",
        "site": "赛点 考点 赛区 site venue",
    },
    DELEGATIONS: {
        "name_zh": "代表队 代表队名称 参赛队 代表团 参赛单位 单位名称 单位 工作单位 公司名称 公司 "
        "企业名称 企业 学校 名称 delegation company organisation organization name chinesename",
        "name_en": "英文名称 英文名 英文 englishname nameinenglish",
        "code": "代码 单位代码 代表队代码 编码 代号 code",
        "type": "类别 类型 单位类型 单位性质 kind type",
    },
    SCORES: {
        "who": "加密号 盲号 工位密号 参赛号 参赛编号 选手编号 准考证号 考号 考生编号 编号 code blindcode bib "
        "candidate candidateno candidatenumber entry 代码 who id",
        "id_number": _PERSON["id_number"],
        "name_zh": _PERSON["name_zh"],
        "value": "成绩 得分 分数 总分 考试成绩 理论成绩 理论得分 理论分 笔试成绩 实操成绩 实操得分 "
        "技能成绩 综合成绩 卷面成绩 分值 score mark marks points result total value",
        "status": "状态 考试状态 缺考 缺考标记 到考情况 备注 status attendance remarks remark note",
        "trade": "赛项 赛项名称 竞赛项目 项目名称 项目 工种 trade skill event",
    },
    CANDIDATES: _PERSON
    | {
        "employer": "工作单位 单位名称 所在单位 单位 公司名称 公司 企业名称 企业 employer company unit",
        "education": "文化程度 学历 最高学历 education schooling",
        "condition": "考生申报条件 申报条件 condition eligibilityrow",
        "home": "户籍省份 来源省份 户籍地 省份 homeprovince province",
        "years": "本职业工作年限 工作年限 从业年限 专业工龄 yearsofwork years",
        "since_held": "持证年限 取证年限 yearssincecertificate yearsheld",
        "held_source": "原证书号 原证书编号 原证书号码 oldcertificatenumber oldcertificate certificatenumber",
        "held_level": "原等级 原职业等级 原技能等级 原证书等级 现有等级 现有技能等级 levelheld heldlevel",
        "theory": "理论 理论考试 理论知识 theory",
        "practice": "实操 技能 技能考核 实操考核 操作技能 practice practical",
        "review": "综合 综合评审 review",
        "trainer_org": "培训机构 培训单位 trainingbody trainer",
        "trainer_person": "培训教师 培训老师 指导教师 teacher instructor trainedby",
    },
    PART_MARKS: {
        "who": "准考证号 考号 考生编号 candidateno candidatenumber candidate",
        "id_number": _PERSON["id_number"],
        "name_zh": _PERSON["name_zh"],
        "theory": "理论成绩 理论 理论得分 理论知识 theory",
        "practice": "技能成绩 实操成绩 实操 技能 操作技能 practice practical",
        "review": "综合评审成绩 综合成绩 综合评审 综合 review",
    },
}
"""Kind -> field -> the words of a header that mean it, the better word first."""

REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    ENTRANTS: (("name_zh", "name_en"), ("delegation",), ("trade",)),
    JUDGES: (("name_zh", "name_en"),),
    DELEGATIONS: (("name_zh", "name_en"),),
    SCORES: (("who", "id_number"), ("value",)),
    CANDIDATES: (("name_zh", "name_en"), ("id_number",)),
    PART_MARKS: (("id_number", "name_zh"), ("theory", "practice", "review")),
}
"""Kind -> sets of fields of which one column each must be there (an entrant's trade may be said for all)."""

_ORDER: dict[str, dict[str, tuple[str, int]]] = {
    kind: {
        word: (name, rank)
        for name, told in reversed(list(fields.items()))
        for rank, word in reversed(list(enumerate(told.split())))
    }
    for kind, fields in WORDS.items()
}


def clean(text: str) -> str:
    """A text as it is compared and kept: full-width letters and digits folded, no-break and zero-width spaces
    gone, spaces single, and none between Chinese characters (张　三).

    >>> clean("\\u3000张\\u3000三 "), clean("Ａ１\\u00a0２\\u200b")
    ('张三', 'A1 2')
    """
    if text.isascii():
        return " ".join(text.split())
    folded = _SPACE.sub(" ", unicodedata.normalize("NFKC", text).replace("\u200b", "")).strip()
    return _HAN_GAP.sub("", folded)


def word(text: str) -> str:
    """A header's text as it is looked up: without spaces, marks and case.

    >>> word(" * 姓　名：（必填）"), word("ID No."), word("Date of birth")
    ('姓名必填', 'idno', 'dateofbirth')
    """
    return _NOISE.sub("", re.sub(r"[()\[\]{}【】〔〕\s]", "", clean(text).lower()))


def known(kind: str, text: str) -> tuple[str, int] | None:
    """(field, how good a word it is, 0 the best) of a header's text; what stands in brackets may be left out.

    >>> known("entrants", "身份证号码（18位）"), known("entrants", "Remarks")
    (('id_number', 1), None)
    """
    table = _ORDER[kind]
    return table.get(word(text)) or table.get(word(_BRACKETS.sub("", clean(text))))


def distance(one: str, other: str, most: int) -> int:
    """How many characters must be changed, put in, left out or exchanged with their neighbour; more than
    ``most`` is told as ``most`` + 1.

    >>> distance("天山饭店", "天山饭庄", 2), distance("ab", "ba", 2), distance("abc", "xyz", 1)
    (1, 1, 2)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    line = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, line = before, line, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, line[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, earlier[j - 2] + 1)
            line.append(best)
        if min(line) > most:
            return most + 1
    return min(line[-1], most + 1)


def nearest(text: str, names: dict[str, str]) -> str:
    """The name nearest to ``text`` among ``names`` (name as compared -> name as said), "" when none is near.

    >>> nearest("热莱", {"热菜": "热菜", "面点": "面点"}), nearest("焊接", {"热菜": "热菜"})
    ('热菜', '')
    """
    wanted = compared(text)
    most = max(1, len(wanted) // 3)
    best, found = most + 1, ""
    for name, said in names.items():
        far = distance(wanted, name, most)
        if far < best or (far == best <= most and (not found or said < found)):
            best, found = far, said
    if found or len(wanted) < 2:
        return found
    within = sorted((len(name), said) for name, said in names.items() if wanted in name or name in wanted)
    return within[0][1] if within else ""


def compared(text: str) -> str:
    """A name as names are compared: without spaces and case.

    >>> compared(" Acme  Ltd")
    'acmeltd'
    """
    return clean(text).casefold().replace(" ", "")
