"""The public pages: the start page, leaderboards (also as a wall screen and as JSON) and the medal table."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from compsys import boards, words
from compsys.boards_home import HOME
from web.access import ANYONE, get, settings_of
from web.live import watching_of
from web.render import language, page

PER_PAGE = 10
"""Rows of one page of a wall screen (static/board.js turns them by the same number)."""

MODES = ("table", "wall")


async def picture_of(request: Request, topic: str) -> boards.Picture:
    """The public picture of a topic; 404 where there is none."""
    try:
        return await watching_of(request).picture(topic)
    except boards.UnknownTopic:
        raise HTTPException(404, "unknown_page") from None


def behind(request: Request, topic: str) -> str | None:
    """None while a picture is the newest; else as of when it was."""
    return watching_of(request).behind(topic)


def listed(picture: boards.Picture) -> list[dict[str, Any]]:
    """The trades of the start page's picture, each board with its address."""
    return [
        {
            "trade": row["key"],
            "name": row["name"],
            "boards": [{**board, "href": address(board["path"])} for board in row["boards"]],
        }
        for row in picture["rows"]
    ]


def topic_of(request: Request) -> str:
    """The topic a board's address means: its path, and the page if it is not the first."""
    path = "/".join(request.path_params[part] for part in ("trade", "stage", "group"))
    number = request.query_params.get("page", "1")
    return f"board:{path}" if number == "1" else f"board:{path}?page={number}"


def in_other_language(request: Request) -> str:
    """The same address in the other language."""
    asked = {**request.query_params, "lang": words.other_lang(language(request))}
    return f"?{urlencode(asked)}"


def address(path: str) -> str:
    """Where a board is."""
    return f"/board/{path}"


async def home(request: Request) -> Response:
    """What there is to see: every trade with its boards and how far they are."""
    picture = await picture_of(request, HOME)
    context = {
        "trades": listed(picture),
        "event": picture["event"],
        "staffed": settings_of(request).role != "public",
        "behind": behind(request, HOME),
    }
    return page(request, "home.html", context)


async def board(request: Request) -> Response:
    """A leaderboard: whole without scripts, kept up to date with them; ``?mode=wall`` for the big screen."""
    topic = topic_of(request)
    picture = await picture_of(request, topic)
    mode = request.query_params.get("mode", "table")
    mode = mode if mode in MODES else "table"
    trades = listed(await picture_of(request, HOME))
    here = topic.partition(":")[2].partition("?")[0]
    rows = len(picture["rows"])
    page_number = f"?page={picture['page']}" if picture["page"] > 1 else ""
    context = {
        "picture": picture,
        "behind": behind(request, topic),
        "mode": mode,
        "theme": "dark" if mode == "wall" else "",
        "trades": [tab(trade, picture["trade"]) for trade in trades if trade["boards"]],
        "boards": [
            {"name": found["name"], "href": found["href"], "current": found["path"] == here}
            for trade in trades
            if trade["trade"] == picture["trade"]
            for found in trade["boards"]
        ],
        "data_url": f"{address(here)}.json{page_number}",
        "lang_url": in_other_language(request),
        "per_page": PER_PAGE,
        "pages_of_wall": [(i + 1, min(i + PER_PAGE, rows)) for i in range(0, rows, PER_PAGE)],
    }
    return page(request, "board.html", context)


def tab(trade: dict[str, Any], current: str) -> dict[str, Any]:
    """A trade's tab: it leads to its latest stage that has something to show, else to its latest stage."""
    telling = [found for found in trade["boards"] if found["status"]["kind"] != "none"]
    target = (telling or trade["boards"])[0]
    return {"name": trade["name"], "href": target["href"], "current": trade["trade"] == current}


async def medals(request: Request) -> Response:
    """The medal table in one of its orders; the competition's first official one unless another is asked
    for."""
    orders = (await picture_of(request, HOME))["orders"]
    order = request.query_params.get("order", orders[0])
    picture = await picture_of(request, f"medals:{order}")
    weights = "-".join(
        picture["weights"].get(medal, "0") for medal in ("gold", "silver", "bronze", "excellence")
    )
    lang = language(request)
    context = {
        "picture": picture,
        "behind": behind(request, picture["topic"]),
        "orders": [
            (words.say(f"medals.{name}", lang, weights=weights), f"/medals?order={name}", name == order)
            for name in orders
        ],
        "data_url": f"/medals.json?order={order}",
        "lang_url": in_other_language(request),
    }
    return page(request, "medals.html", context)


async def board_data(request: Request) -> Response:
    """A board's picture as JSON."""
    return await data(request, topic_of(request))


async def medals_data(request: Request) -> Response:
    """The medal table's picture as JSON."""
    first = (await picture_of(request, HOME))["orders"][0]
    return await data(request, f"medals:{request.query_params.get('order', first)}")


async def data(request: Request, topic: str) -> Response:
    """A picture's bytes with a tag made of them alone, so that a poll which missed nothing costs nothing; a
    header says as of when it was the newest, where it may no longer be."""
    body = msgspec.json.encode(await picture_of(request, topic))
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    since = behind(request, topic)
    if since is not None:
        headers["x-compsys-as-of"] = since
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


routes = [
    get("/", home, ANYONE),
    get("/board/{trade}/{stage}/{group}.json", board_data, ANYONE),
    get("/board/{trade}/{stage}/{group}", board, ANYONE),
    get("/medals.json", medals_data, ANYONE),
    get("/medals", medals, ANYONE),
]
