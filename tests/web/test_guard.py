"""The door: who may use what, from where, how much at a time, and what every response carries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.routing import Route, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus

import web
from tests.web.venue import Browser, Venue, hear, played, venue
from web.access import ANYONE, ROLES, Checked, Declared, Undeclared, get, mount, post, socket
from web.app import declarations
from web.guard import CSP
from web.statics import static


async def _nothing(*_: object) -> None:
    raise AssertionError("an endpoint ran that should not have")


def test_every_route_of_the_app_has_a_declaration(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            routes = place.run.app.routes
            assert len(routes) == len(declarations())
            for route in routes:
                assert isinstance(route, (Route, WebSocketRoute))
                assert isinstance(route.endpoint, Checked), route.path
                assert route.endpoint.declared.roles, route.path
                assert route.endpoint.declared.roles <= ROLES, route.path

    played(scene)


def test_a_route_without_a_declaration_does_not_start() -> None:
    with pytest.raises(Undeclared):
        mount([Route("/open", _nothing)])  # type: ignore[list-item]  # the mistake under test
    with pytest.raises(Undeclared):
        get("/open", _nothing, frozenset())  # type: ignore[arg-type]  # the endpoint never runs
    with pytest.raises(Undeclared):
        post("/open", _nothing, frozenset({"everybody"}))  # type: ignore[arg-type]  # the endpoint never runs
    with pytest.raises(Undeclared):
        socket("/open", _nothing, frozenset({"admin"}))


@asynccontextmanager
async def people(place: Venue) -> AsyncIterator[dict[str, Browser]]:
    """One browser per kind of visitor."""
    yield {
        "anyone": place.browser(),
        "organizer": await place.organizer("lin"),
        "supervisor": await place.organizer("wang", ("supervisor",)),
        "coding_officer": await place.organizer("zhao", ("coding_officer",)),
        "officer": await place.organizer("qian", ("officer",)),
        "lead": await place.tablet("s1"),
        "judge": await place.tablet("s2"),
        "chief": await place.tablet("chief"),
        "clerk": await place.tablet("clerk"),
    }


async def _refused(browser: Browser, declared: Declared) -> str:
    """What a visitor gets who may not: the code, "login" for the way to the login, "" if it was let in."""
    path = re.sub(r"\{[^}]*\}", "x", declared.path)
    if declared.method == "WS":
        async with browser.socket(path) as opened:
            bye = await hear(opened, "bye")
            try:
                await opened.recv()
            except ConnectionClosed as closed:
                assert closed.rcvd is not None
                return f"{closed.rcvd.code} {bye['code']}"
        return ""
    accept = {"Accept": "application/json"}
    told = await browser.ask(declared.method, path, b"" if declared.method == "POST" else None, accept)
    if told.status == 303 and told.headers["location"].startswith("/login"):
        return "login"
    return f"{told.status} {told.json['code']}" if told.status in (401, 403) else ""


def test_roles_that_are_not_declared_are_refused_everywhere(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place, people(place) as visitors:
            tried = 0
            for declared in declarations():
                for role, browser in visitors.items():
                    if role in declared.roles or declared.roles >= ANYONE:
                        continue
                    tried += 1
                    got = await _refused(browser, declared)
                    if role == "anyone":
                        allowed = {"login", "403 not_enrolled", "4401 not_enrolled"}
                    else:
                        allowed = {"login", "403 not_allowed", "4403 not_allowed"}
                    assert got in allowed, (declared.method, declared.path, role, got)
                    if got == "login":
                        assert declared.method == "GET" and not browser.cookies.get("compsys_login")
            assert tried >= 10

    played(scene)


def test_another_host_is_not_served(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            browser = place.browser()
            assert (await browser.get("/login")).status == 200
            for host in (
                "evil.example",
                f"evil.example:{place.run.port}",
                "127.0.0.1",
                f"127.0.0.1:{place.run.port}.",
            ):
                told = await browser.get("/login", Host=host)
                assert (told.status, told.json["code"]) == (400, "foreign_host"), host

    played(scene)


def foreign(place: Venue) -> list[str]:
    """Origins that are nearly ours."""
    port = place.run.port
    return [
        "http://evil.example",
        f"https://127.0.0.1:{port}",
        f"http://127.0.0.1:{port + 1}",
        "http://127.0.0.1",
        f"http://127.0.0.1:{port}.evil.example",
        "null",
        "",
    ]


def test_a_post_from_another_origin_or_from_none_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            browser = place.browser()
            for origin in foreign(place):
                told = await browser.post("/login", {"account": "a", "password": "b"}, {"Origin": origin})
                assert (told.status, told.json["code"]) == (403, "foreign_origin"), origin

    played(scene)


def test_a_socket_from_another_origin_or_from_none_is_refused_before_it_opens(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as place:
            tablet = await place.tablet("s1")
            for path in ("/live/seat", "/live/board?topic=board:cooking/final/open"):
                for origin in foreign(place):
                    with pytest.raises(InvalidStatus) as refused:
                        async with tablet.socket(path, origin=origin or None):
                            pass
                    assert refused.value.response.status_code == 403
                    assert b"foreign_origin" in refused.value.response.body
                async with tablet.socket(path):
                    pass

    played(scene)


def test_a_form_needs_the_token_of_its_own_login(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            one, other = await place.organizer("lin"), await place.organizer("wang")
            # the login page shows a logged-in browser its token as every form does
            token, foreign_token = await one.form_token("/login"), await other.form_token("/login")
            for given in ("", foreign_token, token[:-1]):
                told = await one.post("/logout", {"csrf": given}, {"Accept": "application/json"})
                assert (told.status, told.json["code"]) == (403, "form_expired")
            assert (await one.get("/metrics")).status == 200
            told = await one.ask("POST", "/logout", b"", {"X-Compsys-Form": foreign_token})
            assert told.status == 403
            assert (await one.post("/logout", {"csrf": token})).status == 303
            assert (await one.get("/metrics")).status == 303

    played(scene)


def test_every_response_carries_the_headers(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            browser = place.browser()
            answers = [
                await browser.get("/login"),
                await browser.get("/no-such-page"),
                await browser.get("/static/icons.svg"),
                await browser.get("/static/no-such.js"),
                await browser.get("/seat-worker.js"),
                await browser.get("/login", Host="evil.example"),
                await browser.post("/login", {}, {"Origin": "null"}),
                await browser.post("/login", {"account": "x"}),
                await browser.ask("POST", "/metrics", b"", {}),
            ]
            for told in answers:
                assert told.headers["content-security-policy"] == CSP
                assert told.headers["x-content-type-options"] == "nosniff"
                assert told.headers["referrer-policy"] == "same-origin"
                assert "strict-transport-security" not in told.headers
                assert "server" not in told.headers
            assert answers[0].headers["cache-control"] == "no-store"
            for part in ("compsys.css", "seat.js", static("seat.js").removeprefix("/static/")):
                told = await browser.get(f"/static/{part}")
                assert told.headers["x-content-type-options"] == "nosniff"
                assert told.headers["cross-origin-resource-policy"] == "same-origin"
                assert "content-security-policy" not in told.headers, "a part of a page is no document"
            assert "unsafe" not in CSP
            assert "default-src 'self'" in CSP

    played(scene)


def test_templates_need_nothing_inline() -> None:
    found = sorted((Path(web.__file__).parent / "templates").rglob("*.html"))
    assert found
    for template in found:
        text = template.read_text("utf-8")
        assert not re.search(r"\sstyle\s*=", text), f"{template.name}: a style attribute"
        assert not re.search(r"<style[\s>]", text), f"{template.name}: a style element"
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), f"{template.name}: an inline script"
        assert not re.search(r"<\w[^>]*\son[a-z]+\s*=\s*[\"']", text), f"{template.name}: an inline handler"


def test_a_body_is_bounded_whether_or_not_it_says_its_length(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            browser = place.browser()
            big = b"password=" + b"x" * 70_000
            kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
            told = await browser.ask("POST", "/login", big, kind)
            assert (told.status, told.json["code"]) == (413, "too_large")
            chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(big), big)
            told = await browser.ask("POST", "/login", chunked, kind | {"Transfer-Encoding": "chunked"})
            assert (told.status, told.json["code"]) == (413, "too_large")
            told = await browser.ask("POST", "/enrol", big, kind | {"Content-Type": "application/json"})
            assert (told.status, told.json["code"]) == (413, "too_large")
            assert (await browser.post("/login", {"account": "x", "password": "y"})).status == 403

    played(scene)


def test_static_files_are_kept_for_good_under_their_hash(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            browser = place.browser()
            named = await browser.get(static("words.js"))
            assert "immutable" in named.headers["cache-control"]
            assert named.headers["content-type"].startswith("text/javascript")
            plain = await browser.get("/static/words.js")
            assert plain.body == named.body
            assert plain.headers["cache-control"] == "no-cache"
            again = await browser.get("/static/words.js", **{"If-None-Match": plain.headers["etag"]})
            assert (again.status, again.body) == (304, b"")
            packed = await browser.get("/static/compsys.css", **{"Accept-Encoding": "gzip"})
            assert packed.headers["content-encoding"] == "gzip"
            words = re.search(r'data-words="([^"]+)"', (await browser.get("/login?lang=en")).text)
            assert words is not None
            table = await browser.get(words[1])
            assert table.json["words"]["login.title"] == "Sign in"
            assert "immutable" in table.headers["cache-control"]
            for missing in ("/static/000000000000/words.js", "/static/..%2fapp.py", "/static/nothing.js"):
                assert (await browser.get(missing)).status == 404, missing

    played(scene)


def test_the_language_is_the_one_asked_for_then_the_chosen_then_the_browsers(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as place:
            browser = place.browser()
            assert 'lang="zh-CN"' in (await browser.get("/login")).text
            assert 'lang="en"' in (await browser.get("/login", **{"Accept-Language": "en-GB"})).text
            assert 'lang="en"' in (await browser.get("/login?lang=en")).text
            assert 'lang="en"' in (await browser.get("/login")).text, "the choice is remembered"
            assert "There is no such page." in (await browser.get("/no-such-page")).text

    played(scene)
