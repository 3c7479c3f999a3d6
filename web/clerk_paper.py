"""The papers of a sheet, and the blank ones to print: per code, sub-criterion and seat, without a name."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from compsys import acceptance
from compsys.events import ANY_SEAT, Answer
from compsys.exchange import paper
from compsys.state import GroupRules, Sheet, Stream, Unit
from scoring_rules.scheme_model import Aspect
from web.access import CHIEF, CLERK, desk_of, get
from web.chief import sub_titles
from web.chief_page import here, not_open, show, stream_here
from web.render import language

COMMON = "_"
"""How the panel's common sheet is called in addresses (a seat's id begins with a letter or digit)."""
MOST_SHEETS = 400
"""Sheets in one PDF."""


def papers(rules: GroupRules, found: Sheet) -> list[str]:
    """The papers of a sheet: the panel's common one where something is agreed, then one per seat."""
    methods = {aspect.method for aspect in rules.subs[found.sub].aspects}
    common = [ANY_SEAT] if "agreed" in methods else []
    return [*common, *found.roster]


def own_aspects(rules: GroupRules, found: Sheet, key: str) -> list[Aspect]:
    """The aspects that stand on a paper: the agreed ones on the common one, the rest on each seat's own."""
    agreed = key == ANY_SEAT
    return [a for a in rules.subs[found.sub].aspects if (a.method == "agreed") == agreed]


# ---------------------------------------------------------------- blank sheets


async def printing(request: Request, answer: Answer | None = None) -> Response:
    """Which blank sheets to print."""
    if (page := await not_open(request)) is not None:
        return page
    async with here(request) as state:
        stream = stream_here(request, state)
        context = {
            "sessions": [(s.id, dict(s.name)) for s in stream.sessions.values()],
            "subs": list(sub_titles(stream).items()),
            "codes": sorted(stream.by_code),
            "count": sum(
                len(papers(stream.groups[stream.units[u].group], s)) for (u, _), s in stream.sheets.items()
            ),
            "most": MOST_SHEETS,
        }
    return show(request, "clerk_print.html", "print", context, answer)


async def blank_sheets(request: Request) -> Response:
    """The chosen blank sheets as one PDF; what is missing is said when no font of the machine has Chinese."""
    wanted = {name: request.query_params.get(name, "")[:40] for name in ("session", "sub", "code")}
    async with here(request) as state:
        stream = stream_here(request, state)
        competition = state.setup.competition
        trade = state.setup.trades.get(stream.trade)
        made = [
            page
            for (unit_id, sub), found in sorted(
                stream.sheets.items(), key=lambda kv: (stream.units[kv[0][0]].code, kv[0][1])
            )
            if wanted["session"] in ("", found.session)
            and wanted["sub"] in ("", sub)
            and wanted["code"] in ("", stream.units[unit_id].code)
            for page in _pages(
                stream,
                stream.units[unit_id],
                found,
                dict(competition.name) if competition else {},
                dict(trade.name) if trade else {},
            )
        ]
    if not made:
        return await printing(request, Answer(k="", a="refused", code="clerk.no_sheets"))
    if len(made) > MOST_SHEETS:
        return await printing(
            request,
            Answer(
                k="",
                a="refused",
                code="clerk.too_many",
                params={"n": str(len(made)), "most": str(MOST_SHEETS)},
            ),
        )
    try:
        data = await asyncio.to_thread(paper.sheets, made, language(request), made=desk_of(request).now())
    except paper.FontMissing as missing:
        return await printing(
            request,
            Answer(
                k="", a="refused", code="clerk.font_missing", params={"fonts": ", ".join(missing.looked[:4])}
            ),
        )
    headers = {"content-disposition": f'inline; filename="{stream.name}.pdf"'}
    return Response(data, headers=headers, media_type="application/pdf")


def _pages(
    stream: Stream, unit: Unit, found: Sheet, competition: dict[str, str], trade: dict[str, str]
) -> list[paper.PaperSheet]:
    """The papers of one sheet: by code and seat, without anybody's name."""
    rules = stream.groups[unit.group]
    sub = rules.subs[found.sub]
    session = stream.sessions[found.session]
    pages = []
    for key in papers(rules, found):
        own = own_aspects(rules, found, key)
        if own:
            name = COMMON if key == ANY_SEAT else key.rpartition("/")[2]
            pages.append(
                paper.PaperSheet(
                    id=f"{stream.name}/{unit.code}/{found.sub}/{name}",
                    competition=competition,
                    trade=trade,
                    session=dict(session.name),
                    code=unit.code,
                    station=unit.stations.get(found.session, ""),
                    sub=found.sub,
                    title=dict(sub.title),
                    seat="" if key == ANY_SEAT else stream.seats[key].label,
                    aspects=tuple(own),
                    competitor=key == ANY_SEAT and acceptance.asks_competitor(rules, found.sub),
                )
            )
    return pages


routes = [
    get("/clerk/print", printing, CLERK),
    get("/clerk/sheets.pdf", blank_sheets, CLERK | CHIEF),
]
