"""Cards for the benches of a stage, to be printed: each with a code that a judge's tablet reads."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys.exchange import bench_cards, paper
from compsys.records import stream_name
from compsys.words import pick
from web.access import ORGANIZER, SUPERVISOR, desk_of, get
from web.console_page import draw, refused
from web.render import language


async def cards(request: Request) -> Response:
    """The cards of all stations that sessions of the stage name, as set up and as frozen."""
    trade, stage = str(request.path_params["trade"]), str(request.path_params["stage"])
    lang = language(request)
    async with desk_of(request).reading() as state:
        found = state.setup.stages.get(f"{trade}/{stage}")
        if found is None:
            raise HTTPException(404, "unknown_stream")
        stations: list[str] = []
        marked: list[dict[str, dict[str, str]]] = []
        for record in state.setup.sessions.values():
            if (record.trade, record.stage) == (trade, stage):
                stations += [*record.stations.values(), *(bench.station for bench in record.benches)]
                marked.append(
                    {b.station: {"colour": b.colour, "word": pick(b.word, lang)} for b in record.benches}
                )
        for site in found.sites:
            stream = state.streams.get(stream_name(trade, stage, site))
            for session in stream.sessions.values() if stream else ():
                stations += session.stations.values()
        named = state.setup.trades.get(trade)
        name = pick(dict(named.name), lang) if named else trade
    made = bench_cards.cards_of(trade, name, marked, [one for one in stations if one])
    onto = f"/console/run/{trade}/{stage}"
    if not made:
        return draw(request, "console_refused.html", "run", {"back": onto}, answer=refused("bench.none"))
    try:
        data = await asyncio.to_thread(bench_cards.draw, made, lang)
    except paper.FontMissing as missing:
        said = refused("clerk.font_missing", fonts=", ".join(missing.looked[:4]))
        return draw(request, "console_refused.html", "run", {"back": onto}, answer=said)
    headers = {"content-disposition": 'inline; filename="benches.pdf"'}
    return Response(data, headers=headers, media_type="application/pdf")


routes = [get("/console/run/{trade}/{stage}/benches.pdf", cards, ORGANIZER | SUPERVISOR)]
