"""The check-list of a marking scheme as A4 pages: sums, what to look at, digest, and who signs for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from compsys import words
from compsys.exchange.paper import NO_TIME, find_font
from compsys.exchange.print_pages import INK, LINE, MARGIN, SOFT, WARN, WIDE, Column, Pages
from compsys.opening import digest_of
from compsys.state import Setup
from scoring_rules import exact, scheme_data, scheme_lint
from scoring_rules.scheme import Criterion, Scheme, SubCriterion

Data = dict[str, Any]
POINTS = ("sums", "marks", "days", "sections", "descriptors", "calculations", "empty", "secret")
"""What the chief expert confirms by hand, in this order; sentences `checklist.point_*`."""
SIGNERS = ("checklist.chief", "checklist.deputy", "checklist.manager")


def data(
    scheme: Scheme, *, stored: Data | None = None, source: str = "", of: Data | None = None,
    expected: str = "100",
) -> Data:  # fmt: skip
    """What the check-list tells: sums, problems and the digest that opening marking would freeze.

    ``stored``: the scheme as it is kept (its digest is of that). ``of``: {competition, trade, groups} where
    the scheme is a competition's. ``expected``: what it must sum to. Marks are text.
    """
    found = scheme_lint.lint(scheme, expected, at_lock=True)
    return {
        "of": of or {},
        "title": dict(scheme.title),
        "number": scheme.number,
        "partial": scheme.partial,
        "source": source,
        "digest": digest_of(scheme_data.to_data(scheme) if stored is None else stored),
        "total": _shown(found.total),
        "judged": _shown(found.judged),
        "measured": _shown(found.total - found.judged),
        "share": exact.show(exact.round_half_up(found.judged * 100 / found.total, 1)) if found.total else "",
        "do_nothing": _shown(found.do_nothing),
        "gifts": [{"key": key, "mark": _shown(mark)} for key, mark in found.gifts],
        "criteria": [_criterion(c) for c in scheme.criteria],
        "subs": [_sub(s) for c in scheme.criteria for s in c.subs],
        "sections": _sections(scheme),
        "problems": [
            {"severity": p.severity, "where": p.where, "code": p.code, "params": dict(p.params)}
            for p in found.problems
        ],
    }


def used(setup: Setup, key: str) -> tuple[Data, str]:
    """Who uses a scheme (``of`` in ``data``), and what their marked components say that it must sum to."""
    users = [(name, group) for name, group in setup.groups.items() if group.scheme == key]
    trades = {group.trade for _, group in users}
    marked = [exact.parse(c.max) for _, group in users[:1] for c in group.components if c.source == "marked"]
    of = {
        "competition": dict(setup.competition.name) if setup.competition else {},
        "trade": dict(setup.trades[min(trades)].name) if len(trades) == 1 else {},
        "groups": [name for name, _ in users],
    }
    return of, exact.show(exact.total(marked)) if marked else "100"


def _shown(x: Any) -> str:
    """At least two decimals, more only where the value needs them."""
    exactly = exact.show(x)
    return exactly if len(exactly.partition(".")[2]) > 2 else exact.show(x, 2)


def _sum(subs: Iterable[SubCriterion], method: str = "") -> str:
    return _shown(exact.total(
        exact.parse(a.max) for s in subs for a in s.aspects
        if exact.is_number(a.max) and method in ("", a.method)
    ))  # fmt: skip


def _criterion(criterion: Criterion) -> Data:
    listed = [a for s in criterion.subs for a in s.aspects]
    judged = sum(a.method == "judgement" for a in listed)
    return {
        "key": criterion.key,
        "title": dict(criterion.title),
        "subs": len(criterion.subs),
        "judgement": judged,
        "measurement": len(listed) - judged,
        "mark": _sum(criterion.subs),
    }


def _sub(sub: SubCriterion) -> Data:
    judged = sum(a.method == "judgement" for a in sub.aspects)
    counts = {"judgement": judged, "measurement": len(sub.aspects) - judged}
    return {"key": sub.key, "title": dict(sub.title), "day": sub.day, **counts, "mark": _sum([sub])}


def _sections(scheme: Scheme) -> list[Data]:
    listed = [a for c in scheme.criteria for s in c.subs for a in s.aspects if exact.is_number(a.max)]
    rows = []
    for section in scheme.sections:
        marks = exact.total(exact.parse(a.max) for a in listed if a.section == section.key)
        weight = exact.parse(section.weight) if exact.is_number(section.weight) else None
        rows.append({
            "key": section.key, "name": dict(section.name), "marks": _shown(marks),
            "weight": "" if weight is None else _shown(weight),
            "variation": "" if weight is None else _shown(abs(weight - marks)),
        })  # fmt: skip
    return rows


# ---------------------------------------------------------------- pages


def draw(told: Data, language: str) -> bytes:
    """The check-list as PDF: the same scheme gives the same bytes. Raises FontMissing."""
    pages = Pages(find_font(), language)
    pages.set_title(words.say("checklist.title", language))
    pages.add_page()
    _head(pages, told)
    _digest(pages, told)
    _sums(pages, told)
    _standards(pages, told)
    _findings(pages, told)
    _subs(pages, told)
    _points(pages)
    _signatures(pages)
    title = " ".join(filter(None, (told["number"], pages.pick(told["title"]))))
    pages.number(f"{pages.t('checklist.title')} · {title} · {told['digest'][:16]}", 1)
    # Not dated by the clock: the same scheme prints as the same bytes.
    pages.set_creation_date(datetime.fromisoformat(NO_TIME))
    return bytes(pages.output())


def _head(pages: Pages, told: Data) -> None:
    errors = sum(p["severity"] == "error" for p in told["problems"])
    chip = pages.t("checklist.has_errors", n=errors) if errors else pages.t("checklist.usable")
    top = MARGIN
    pages.chip(chip, not errors, MARGIN + WIDE, top + 6.5)
    pages.set_xy(MARGIN, top)
    pages.style(9.5, SOFT)
    of = told["of"]
    competition = pages.pick(of.get("competition"))
    pages.cell(WIDE, 5, " · ".join(filter(None, (competition, pages.t("checklist.title")))))
    pages.set_xy(MARGIN, top + 5.5)
    pages.style(20, INK, True)
    name = " ".join(filter(None, (told["number"], pages.pick(told["title"]))))
    for line in pages.wrap(name, WIDE - 50):
        pages.cell(WIDE - 50, 9, line)
        pages.ln(9)
        pages.set_x(MARGIN)
    pages.ln(0.5)
    said = [pages.pick(of.get("trade")), ", ".join(of.get("groups", [])), told["source"].partition(" ")[0]]
    if any(said):
        pages.paragraph(" · ".join(filter(None, said)), 9.5)
    if told["partial"]:
        pages.paragraph(pages.t("checklist.partial"), 9.5, WARN)
    pages.set_draw_color(*INK)
    pages.set_line_width(0.5)
    pages.line(MARGIN, pages.get_y() + 1.5, MARGIN + WIDE, pages.get_y() + 1.5)
    pages.set_line_width(0.2)
    pages.ln(3)


def _digest(pages: Pages, told: Data) -> None:
    """The digest in groups of eight, so that two people can read it to each other."""
    pages.heading(pages.t("checklist.digest"), 20)
    digest = told["digest"]
    groups = [digest[i : i + 8] for i in range(0, len(digest), 8)]
    pages.style(12, INK, True)
    for half in (groups[:4], groups[4:]):
        pages.set_x(MARGIN)
        for group in half:
            pages.cell(27, 6, group)
        pages.ln(6)
    pages.ln(1)
    pages.paragraph(pages.t("checklist.digest_why"), 8, SOFT)


def _sums(pages: Pages, told: Data) -> None:
    pages.heading(pages.t("checklist.sums"), 30)
    heads = ("", "title", "subs", "measurement", "judgement", "mark")
    widths = (12.0, WIDE - 92, 20.0, 20.0, 20.0, 20.0)
    columns = _columns(pages, heads, widths)
    counted = ("subs", "measurement", "judgement")
    rows = [
        [c["key"], pages.pick(c["title"]), *(str(c[name]) for name in counted), c["mark"]]
        for c in told["criteria"]
    ]
    counts = [str(sum(c[name] for c in told["criteria"])) for name in counted]
    pages.lines_of(columns, [*rows, ["", pages.t("checklist.total"), *counts, told["total"]]])
    share = pages.t("checklist.shares", **{k: told[k] for k in ("measured", "judged", "share")})
    pages.ln(1.5)
    pages.paragraph(share, 9)
    gifts = "、" if pages.language == "zh-CN" else ", "
    listed = gifts.join(f"{g['key']} {g['mark']}" for g in told["gifts"])
    pages.paragraph(pages.t("checklist.do_nothing", marks=told["do_nothing"], listed=listed), 9)


def _columns(pages: Pages, heads: Sequence[str], widths: Sequence[float]) -> list[Column]:
    """Columns of a table: the first two are texts, the others numbers, the last in bold."""
    return [
        Column(pages.t(f"checklist.head_{h}") if h else "", w, i > 1, bold=i in (0, len(heads) - 1))
        for i, (h, w) in enumerate(zip(heads, widths, strict=True))
    ]


def _standards(pages: Pages, told: Data) -> None:
    if not told["sections"]:
        return
    pages.heading(pages.t("checklist.standards"), 24)
    heads, widths = ("", "title", "weight", "marks", "variation"), (12.0, WIDE - 78, 22.0, 22.0, 22.0)
    rows = [
        [s["key"], pages.pick(s["name"]), *(s[n] or "–" for n in ("weight", "marks", "variation"))]
        for s in told["sections"]
    ]
    pages.lines_of(_columns(pages, heads, widths), rows)


def _findings(pages: Pages, told: Data) -> None:
    pages.heading(pages.t("checklist.findings"), 20)
    if not told["problems"]:
        pages.paragraph(pages.t("checklist.no_findings"), 9)
        return
    columns = [
        Column("", 6), Column(pages.t("checklist.head_severity"), 18, bold=True),
        Column(pages.t("checklist.head_where"), 30), Column(pages.t("checklist.head_what"), WIDE - 54),
    ]  # fmt: skip
    order = sorted(told["problems"], key=lambda p: p["severity"])  # errors first, else as printed
    rows = [_finding(pages, p) for p in order]
    pages.heads(columns)
    for row in rows:
        _boxed(pages, columns, row)


def _place(where: str) -> str:
    """A path as a person says it: A1.M3 rather than A1/A1.M3."""
    sub, _, key = where.partition("/")
    return key if key.startswith(sub) else where


def _finding(pages: Pages, problem: Data) -> list[str]:
    severity = problem["severity"]
    said = pages.t(problem["code"], **problem["params"])
    return ["", pages.t(f"checklist.severity_{severity}"), _place(problem["where"]), said]


def _boxed(pages: Pages, columns: Sequence[Column], row: Sequence[str]) -> None:
    """A row with a box to tick before it."""
    cells = []
    for column, text in zip(columns, row, strict=True):
        pages.style(column.size, INK, column.bold)
        cells.append(pages.wrap(text, column.width - 2.4))
    height = max(4.4 * len(lines) for lines in cells) + 1.8
    if not pages.room(height):
        pages.add_page()
        pages.heads(columns)
    top = pages.get_y()
    pages.row(columns, cells, height)
    _box(pages, top + 1.2)
    pages.set_xy(MARGIN, top + height)


def _box(pages: Pages, top: float) -> None:
    pages.set_draw_color(*INK)
    pages.rect(MARGIN + 0.5, top, 3.2, 3.2, "D")
    pages.set_draw_color(*LINE)


def _points(pages: Pages) -> None:
    """What no program can see: to be ticked by hand."""
    pages.heading(pages.t("checklist.points"), 40)
    columns = [Column("", 6), Column("", WIDE - 6, size=9)]
    for point in POINTS:
        _boxed(pages, columns, ["", pages.t(f"checklist.point_{point}")])


def _signatures(pages: Pages) -> None:
    pages.need(36)
    pages.ln(4)
    pages.paragraph(pages.t("checklist.sign_words"), 8.5, SOFT)
    pages.ln(15)
    top, each = pages.get_y(), WIDE / len(SIGNERS)
    for i, role in enumerate(SIGNERS):
        x = MARGIN + each * i
        pages.set_draw_color(*INK)
        pages.line(x, top, x + each - 5, top)
        pages.set_xy(x, top + 0.8)
        pages.style(8.5)
        pages.cell(each - 5, 4.5, pages.t(role))
        pages.set_xy(x, top + 5)
        pages.style(7.5, SOFT)
        pages.cell(each - 5, 4.5, pages.t("book.sign_date"))
    pages.set_xy(MARGIN, top + 10)


def _subs(pages: Pages, told: Data) -> None:
    """The forms, one line each: to be compared with the plan of days."""
    pages.heading(pages.t("checklist.subs"), 24)
    heads = ("", "title", "day", "measurement", "judgement", "mark")
    columns = _columns(pages, heads, (12.0, WIDE - 92, 20.0, 20.0, 20.0, 20.0))
    counted = ("measurement", "judgement")
    rows = [
        [s["key"], pages.pick(s["title"]), s["day"] or "–", *(str(s[name]) for name in counted), s["mark"]]
        for s in told["subs"]
    ]
    pages.lines_of(columns, rows)
