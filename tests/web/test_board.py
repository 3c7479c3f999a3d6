"""The public pages: whole without scripts, patched into the page the server draws, honest about the link."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.board_day import Day, day
from tests.web.board_pictures import COMPARE, a_board, a_medal_table, server_parts

BOARD = "board:hot/final/open"
PATH = "/board/hot/final/open"
PARTS = (
    "state",
    "notes",
    "heads",
    "ranked",
    "unranked",
    "bump",
    "sums",
    "recent",
    "waiting",
    "waiting-n",
    "count",
)

SAME = """async (names) => {
  const text = await (await fetch(location.href)).text();
  const drawn = new DOMParser().parseFromString(text, "text/html");
  const plain = (root, name) => {
    const found = root.querySelector(`[data-part="${name}"]`)?.cloneNode(true);
    for (const row of found?.querySelectorAll("[data-key]") ?? []) {
      row.hidden = false;
      row.classList.remove("is-hot");
      if (!row.className) row.removeAttribute("class");
    }
    return found?.outerHTML ?? "";
  };
  return names.map((name) => [name, plain(document, name), plain(drawn, name)]).filter(([, a, b]) => a !== b);
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A day with six entries and names shown live."""
    with day(tmp_path_factory.mktemp("board")) as found:
        found.score_all("hot", random.Random(1))
        yield found


@pytest.fixture
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Day]:
    """A day of the test's own, made as its parameter says; ask for it before ``page``, which closes first."""
    with day(tmp_path, **request.param) as found:
        yield found


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page whose console must stay silent."""
    said: list[str] = []
    opened = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    opened.context.close()
    assert not said


def caught_up(page: Page, version: int) -> None:
    """Wait until the page has drawn that version."""
    page.wait_for_function("(v) => Number(document.documentElement.dataset.version) >= v", arg=version)


# ---------------------------------------------------------------- whole without scripts


def test_a_board_is_whole_without_scripts(served: Day, chromium: Browser) -> None:
    served.status("hot", 6, "absent")
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(served.url + PATH)
    picture = served.picture(PATH + ".json")
    rows = page.locator("tbody [data-key]:not([data-key=''])")
    assert rows.count() == 6
    for i, row in enumerate(picture["rows"][:5]):
        text = rows.nth(i).inner_text()
        assert row["total"] in text and row["name"]["zh-CN"] in text and row["delegation"]["zh-CN"] in text
    assert "DNS" in rows.nth(5).inner_text()
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "30"
    context.close()
    served.status("hot", 6, None)


def test_both_languages_and_a_switch_that_keeps_the_address(served: Day) -> None:
    chinese = served.get(PATH + "?mode=wall&lang=zh-CN")[2].decode()
    assert 'lang="zh-CN"' in chinese and "热菜" in chinese and "数据截至" in chinese
    english = served.get(PATH + "?lang=en")[2].decode()
    assert "Data as of" in english and "Hot dishes" in english and ">热菜<" in english
    assert "lang=zh-CN" in english


def test_the_start_page_lists_trades_with_their_boards(served: Day) -> None:
    text = served.get("/", **{"Accept-Language": "en"})[2].decode()
    for piece in ("Sample Catering Contest", "Hot dishes", "Cold platters", PATH, "/medals"):
        assert piece in text


@pytest.mark.parametrize(
    "path", ["/board/x/y/z", "/board/hot/final/none", PATH + "?page=9", PATH + "?page=x", "/medals?order=x"]
)
def test_what_is_not_there_is_said_to_be_unknown(served: Day, path: str) -> None:
    assert served.get(path, Accept="text/html")[0] == 404
    data, _, asked = path.partition("?")
    if data.startswith("/board"):
        assert served.get(f"{data}.json?{asked}")[0] == 404


def test_a_poll_that_missed_nothing_costs_nothing(served: Day) -> None:
    _, headers, body = served.get(PATH + ".json")
    assert json.loads(body)["topic"] == BOARD
    again = served.get(PATH + ".json", **{"If-None-Match": headers["etag"]})
    assert (again[0], again[2]) == (304, b"")
    served.score("hot", "knife", {1: "41"})
    status, changed, _ = served.get(PATH + ".json", **{"If-None-Match": headers["etag"]})
    assert status == 200 and changed["etag"] != headers["etag"]


# ---------------------------------------------------------------- one renderer contract


def difference(name: str, server: str, browser: str) -> str:
    """Where two texts part, short enough to read."""
    at = next((i for i, (a, b) in enumerate(zip(server, browser, strict=False)) if a != b), 0)
    return f"{name}: {server[max(0, at - 60) : at + 60]!r} is {browser[max(0, at - 60) : at + 60]!r}"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_browser_draws_what_the_server_draws(
    served: Day, page: Page, lang: str, rng: random.Random
) -> None:
    page.goto(f"{served.url}/medals?lang={lang}")
    for turn in range(120):
        picture = a_medal_table(rng) if turn % 4 == 0 else a_board(rng)
        parts = {name: str(html) for name, html in server_parts(picture, lang).items()}
        wrong = page.evaluate(COMPARE, [json.loads(json.dumps(picture)), parts])
        assert [difference(*found) for found in wrong] == [], picture


# ---------------------------------------------------------------- live


@pytest.mark.browser
def test_the_patched_page_is_the_page_the_server_would_draw(
    served: Day, page: Page, rng: random.Random
) -> None:
    page.goto(f"{served.url}{PATH}?lang=en")
    wall = page.context.new_page()
    wall.goto(f"{served.url}{PATH}?lang=zh-CN&mode=wall")
    first = page.locator("[data-part=ranked] > tr").first.element_handle()
    assert first is not None
    for turn in range(3):
        served.score_all("hot", rng, ("knife", "plating"))
        served.status("hot", 3, "withdrawn" if turn % 2 == 0 else None)
        for seen in (page, wall):
            caught_up(seen, served.version(BOARD))
            assert seen.evaluate(SAME, PARTS) == []
    assert first.evaluate("(row) => row.isConnected"), "the row was drawn anew instead of patched"
    assert page.locator("[data-part=changes] > li").count() > 0
    assert page.locator("tr.is-hot").count() > 0


@pytest.mark.browser
@pytest.mark.parametrize("own", [{"entries": 4, "disclosure": "anonymous_live"}], indirect=True)
def test_the_medal_table_grows_by_itself_when_a_result_is_official(own: Day, page: Page) -> None:
    own.score_all("hot", random.Random(3))
    page.goto(f"{own.url}/medals?lang=zh-CN")
    other = page.context.new_page()
    other.goto(f"{own.url}{PATH}?lang=zh-CN")
    assert "第1食府" not in other.content() and "A11" in other.content()
    assert "还没有正式成绩" in page.inner_text("main")
    own.publish("hot", "official")
    page.wait_for_selector("[data-part=ranked] > tr")
    assert page.evaluate(SAME, PARTS) == []
    assert page.locator("[data-part=empty]").is_hidden()
    other.wait_for_selector(".chip--official")
    assert other.evaluate(SAME, PARTS) == []
    assert other.locator("svg.medal--gold:not(.medal--prov)").count() == 1


@pytest.mark.browser
def test_a_page_that_missed_a_version_fetches_the_whole(served: Day, page: Page) -> None:
    page.add_init_script(
        """const Real = WebSocket; let skip = 1;
        window.WebSocket = class extends Real {
          set onmessage(handle) {
            super.onmessage = (event) => {
              if (JSON.parse(event.data).m === "change" && skip > 0) { skip -= 1; return; }
              handle(event);
            };
          }
        };
        Math.random = () => 0.05;"""
    )
    page.goto(f"{served.url}{PATH}?lang=en")
    caught_up(page, 1)
    before = served.version(BOARD)
    for value in ("52", "56"):
        served.score("hot", "knife", {1: value, 2: "60"})
        served.version(BOARD)
    assert served.version(BOARD) > before + 1
    caught_up(page, served.version(BOARD))
    assert page.evaluate(SAME, PARTS) == []


@pytest.mark.browser
def test_a_lost_connection_is_said_and_found_again(served: Day, page: Page) -> None:
    page.add_init_script(
        """window.sockets = []; const Real = WebSocket; Math.random = () => 0.2;
        window.WebSocket = class extends Real {
          constructor(url) { super(url); window.sockets.push(this); }
        };"""
    )
    page.goto(f"{served.url}{PATH}?lang=en")
    link = page.locator("[data-part=link]")
    page.wait_for_selector("[data-part=link].is-live")
    assert link.inner_text().strip() == "Updates by itself"
    link.evaluate(
        """(link) => {
          window.said = [];
          const look = () => window.said.push(link.innerText.trim());
          new MutationObserver(look).observe(link, { subtree: true, childList: true, characterData: true });
        }"""
    )
    page.evaluate("() => window.sockets.at(-1).close()")
    page.wait_for_function("() => said.length && said.at(-1) === 'Updates by itself'")
    said = page.evaluate("() => window.said")
    assert any(re.fullmatch(r"Not connected, next try in [1-3] s", one) for one in said), said
    assert page.evaluate("() => window.sockets.length") == 2


@pytest.mark.browser
@pytest.mark.parametrize("own", [{"entries": 23}], indirect=True)
def test_the_wall_turns_its_pages_and_keeps_every_row(own: Day, page: Page) -> None:
    own.score_all("hot", random.Random(5))
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.clock.install()
    page.goto(f"{own.url}{PATH}?mode=wall&lang=en")
    page.wait_for_selector("[data-part=link].is-live")
    page.clock.run_for(600)
    seen = []
    for _ in range(3):
        visible = page.locator(".wall__row:visible")
        seen += [visible.nth(i).get_attribute("data-key") for i in range(visible.count())]
        page.clock.run_for(12_500)
    assert len(seen) == 23 and len(set(seen)) == 23
    assert page.locator(".wall__pages .is-on").inner_text() == "1–10"
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")


@pytest.mark.browser
def test_nothing_moves_for_who_asked_for_less_motion(served: Day, chromium: Browser) -> None:
    moves = []
    for wish in ("reduce", "no-preference"):
        context = chromium.new_context(reduced_motion=wish)  # type: ignore[arg-type]  # the two words it knows
        page = context.new_page()
        page.add_init_script(
            "window.moves = 0; const real = Element.prototype.animate;"
            "Element.prototype.animate = function (...a) { window.moves += 1; return real.apply(this, a); };"
        )
        page.goto(f"{served.url}{PATH}")
        page.wait_for_selector("[data-part=link].is-live")
        caught_up(page, 1)
        last = [row["key"] for row in served.picture(PATH + ".json")["rows"] if "place" in row][-1]
        served.score("hot", "cooking", {int(last.removeprefix("hot-e")): "100"})
        served.score("hot", "knife", {int(last.removeprefix("hot-e")): "100"})
        caught_up(page, served.version(BOARD))
        assert page.locator("tr.is-hot").count() > 0
        moves.append(page.evaluate("() => window.moves"))
        context.close()
        served.score("hot", "cooking", {int(last.removeprefix("hot-e")): "40"})
    assert moves[0] == 0 and moves[1] > 0


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 600, 1024, 1440])
def test_no_page_is_wider_than_its_screen(served: Day, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", PATH, "/medals"):
        for lang in ("zh-CN", "en"):
            page.goto(f"{served.url}{path}?lang={lang}")
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), (path, lang)


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/", PATH, f"{PATH}?mode=wall", "/medals"])
def test_axe_finds_nothing(served: Day, page: Page, path: str) -> None:
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    for lang, scheme, width in (("zh-CN", "light", 360), ("en", "dark", 1440)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{served.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        if path != "/":
            page.wait_for_selector("[data-part=link].is-live")
        found = Axe().run(page, options={"runOnly": rules}).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], (path, lang)
