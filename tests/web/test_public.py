"""Spectators' servers as processes of their own: the same boards through a Redis that dies and forgets."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from websockets.sync.client import connect

from compsys import boards
from compsys import bus_redis as store
from tests.redis_server import RedisServer, redis_server
from tests.web.board_day import Day, day
from tests.web.public_process import Process, Screen, public
from tests.web.test_board import PARTS, PATH, SAME
from web.settings import Settings

BOARD = "board:hot/final/open"
MEDALS = "medals:gold_first"
OLD = re.compile(r"Cut off from the scoring server; this page as of (\d\d:\d\d:\d\d)")
OLD_ZH = re.compile(r"与计分服务器的连接中断，本页截至 (\d\d:\d\d:\d\d)")
JUDGES_WAIT = 1.5
"""Seconds: less than the two after which Redis counts as lost, so nobody can have waited for it."""


def on(redis: str, role: str = "desk") -> Callable[[Settings], Settings]:
    """Settings of a desk that publishes."""
    return lambda settings: replace(settings, pictures_per_second=50, redis=redis, role=role)  # type: ignore[arg-type]  # one of its words


class Place:
    """A desk, a Redis and one spectators' server."""

    def __init__(self, desk: Day, redis: RedisServer, far: Process) -> None:
        self.desk, self.redis, self.far = desk, redis, far

    def caught_up(self, path: str = f"{PATH}.json") -> None:
        """Wait until a picture there is the one that the desk draws now."""
        late = time.monotonic() + 20
        while self.far.ask("GET", path)[1].get("x-compsys-as-of") or self.far.picture(path) != self.drawn(
            path
        ):
            assert time.monotonic() < late, "it does not catch up"
            time.sleep(0.05)

    def drawn(self, path: str) -> Any:
        """The picture as the desk's state gives it, drawn afresh."""
        topic = BOARD if path.startswith(PATH) else MEDALS
        names = self.desk.desk.names

        async def draw() -> boards.Picture:
            async with self.desk.desk.reading() as state:
                return boards.picture(
                    state, topic, "public", lambda p: found.name if (found := names(p)) else None
                )

        return json.loads(json.dumps(self.desk.wait(draw())))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Six entries, names shown live; scores are in."""
    folder = tmp_path_factory.mktemp("public")
    with (
        redis_server(folder / "redis") as redis,
        day(folder, change=on(redis.url)) as desk,
        public(folder / "empty", redis.url) as far,
    ):
        desk.score_all("hot", random.Random(1))
        yield Place(desk, redis, far)


@pytest.fixture(autouse=True)
def healthy(place: Place) -> None:
    """Every test begins with a Redis that works and a board that is the newest."""
    if place.redis.process is None:
        place.redis.start()
    place.redis.client().config_set("maxmemory", 0)
    place.far.until(PATH, lacks="Cut off", has="data-key")
    place.caught_up()


# ---------------------------------------------------------------- the same pages


def test_pages_are_whole_with_names_and_without_scripts(place: Place) -> None:
    chinese, english = place.far.text(PATH, "zh-CN"), place.far.text(PATH)
    for row in place.drawn(f"{PATH}.json")["rows"]:
        assert row["name"]["zh-CN"] in chinese and row["total"] in chinese
        assert row["delegation"]["en"] in english
    assert "热菜" in chinese and "Hot dishes" in english and 'http-equiv="refresh" content="30"' in english
    start = place.far.text("/")
    for piece in ("Sample Catering Contest", "Hot dishes", "Cold platters", PATH, "/medals"):
        assert piece in start
    assert "/login" not in start and "/login" in place.desk.get("/login")[2].decode()
    assert 'content="wall"' in place.far.text(f"{PATH}?mode=wall")


@pytest.mark.parametrize(
    "path",
    [
        "/board/x/y/z", "/board/hot/final/none", f"{PATH}?page=9", f"{PATH}?page=x", "/medals?order=x",
        "/login", "/console", "/seat", "/chief", "/clerk", "/first-start/00", "/enrol",
    ],
)  # fmt: skip
def test_what_is_not_for_spectators_is_not_there(place: Place, path: str) -> None:
    assert place.far.ask("GET", path)[0] == 404
    assert place.far.ask("POST", path, {"Origin": place.far.url})[0] in (404, 405)


def test_cookies_of_the_desk_mean_nothing_there(place: Place) -> None:
    cookies = {"Cookie": "compsys_device=00.00; compsys_login=00"}
    assert place.far.ask("GET", PATH, cookies)[0] == 200


def test_who_watches_over_processes_asks_the_same_everywhere(place: Place, tmp_path: Path) -> None:
    status, _, body = place.far.ask("GET", "/healthz")
    assert (status, json.loads(body)) == (200, {"role": "public", "fault": "", "as_of": None})
    status, _, body = place.desk.get("/healthz")
    assert (status, json.loads(body)) == (200, {"role": "desk", "fault": "", "as_of": None})
    screen = Screen(place.far.port, BOARD)
    screen.has(lambda s: s.picture is not None)
    counters = place.far.text("/metrics")
    assert "compsys_screens_connected 1\n" in counters and "compsys_redis_connected 1\n" in counters
    assert place.desk.get("/metrics", Accept="text/html")[0] == 303, "for accounts, where there are any"
    place.redis.kill()
    place.far.until("/metrics", has="compsys_redis_connected 0\n")
    place.far.until("/healthz", has='"as_of":"20')
    screen.end()
    with public(tmp_path / "late", place.redis.url) as late:
        status, _, body = late.ask("GET", "/healthz")
        assert (status, json.loads(body)["fault"]) == (503, "picture_not_yet")
        place.redis.start()
        deadline = time.monotonic() + 20
        while late.ask("GET", "/healthz")[0] != 200:
            assert time.monotonic() < deadline, "it does not recover"
            time.sleep(0.1)


def test_a_poll_that_missed_nothing_costs_nothing(place: Place) -> None:
    _, headers, _ = place.far.ask("GET", f"{PATH}.json")
    asked = {"If-None-Match": headers["etag"]}
    assert place.far.ask("GET", f"{PATH}.json", asked)[0] == 304
    place.desk.score("hot", "knife", {1: "41"})
    place.caught_up()
    assert place.far.ask("GET", f"{PATH}.json", asked)[0] == 200


def test_the_desk_shows_boards_to_its_own_people_only(place: Place) -> None:
    for path in ("/", PATH, "/medals"):
        status, headers, _ = place.desk.get(path, Accept="text/html")
        assert status == 303 and headers["location"].startswith("/login"), path
    with connect(
        f"ws://127.0.0.1:{place.desk.run.port}/live/board?topic={BOARD}", origin=place.desk.url
    ) as line:  # type: ignore[arg-type]  # a text will do
        assert json.loads(line.recv(5)) == {"m": "bye", "code": "not_enrolled"}


# ---------------------------------------------------------------- Redis in trouble


@pytest.fixture
def screens(place: Place) -> Iterator[list[Screen]]:
    """Two on the board, one on the medal table."""
    found = [Screen(place.far.port, topic) for topic in (BOARD, BOARD, MEDALS)]
    for screen in found:
        screen.has(lambda s: s.picture is not None)
    yield found
    for screen in found:
        screen.end()


def marked_at_once(place: Place, numbers: random.Random) -> None:
    """Everybody's scores of two modules; no answer may wait for Redis."""
    for module in ("knife", "plating"):
        begun = time.monotonic()
        place.desk.score("hot", module, {i: str(numbers.randrange(40, 100)) for i in range(1, 7)})
        assert time.monotonic() - begun < 2 * JUDGES_WAIT, "a judge has waited for Redis"


def killed(redis: RedisServer) -> Callable[[], None]:
    redis.kill()
    return redis.start


def flushed(redis: RedisServer) -> Callable[[], None]:
    redis.flush()
    return lambda: None


def silent(redis: RedisServer) -> Callable[[], None]:
    redis.signal(signal.SIGSTOP)
    return lambda: redis.signal(signal.SIGCONT)


def full(redis: RedisServer) -> Callable[[], None]:
    redis.client().config_set("maxmemory", 1)
    return lambda: redis.client().config_set("maxmemory", 0) and None


def shut(redis: RedisServer) -> Callable[[], None]:
    """The password is another one, and everybody is thrown out."""
    admin = redis.client()
    admin.ping()
    admin.config_set("requirepass", "another")
    admin.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def over() -> None:
        admin.config_set("requirepass", "")

    return over


TROUBLES = {"killed": killed, "flushed": flushed, "silent": silent, "full": full, "wrong password": shut}


def test_boards_catch_up_after_every_kind_of_trouble(
    place: Place, screens: list[Screen], rng: random.Random
) -> None:
    for name in ("killed", "flushed", "silent", "flushed", "killed"):
        marked_at_once(place, rng)
        over = TROUBLES[name](place.redis)
        marked_at_once(place, rng)
        over()
        marked_at_once(place, rng)
        place.caught_up()
        place.caught_up("/medals.json")
        for screen, path in zip(screens, (f"{PATH}.json", f"{PATH}.json", "/medals.json"), strict=True):
            wanted = place.drawn(path)
            screen.has(lambda s, wanted=wanted: s.picture == wanted and s.behind is None)  # type: ignore[misc]  # bound at once
    assert screens[0].changes >= 5


@pytest.mark.parametrize("name", ["killed", "silent", "full", "wrong password"])
def test_meanwhile_pages_and_screens_say_as_of_when_they_are(
    place: Place, screens: list[Screen], name: str, rng: random.Random
) -> None:
    marked_at_once(place, rng)
    place.caught_up()
    before = place.drawn(f"{PATH}.json")
    over = TROUBLES[name](place.redis)
    marked_at_once(place, rng)
    screens[0].has(lambda s: bool(s.behind))
    screens[2].has(lambda s: bool(s.behind))
    text = place.far.until(PATH, has="Cut off")
    found = OLD.search(text)
    assert found is not None and OLD_ZH.search(place.far.text(PATH, "zh-CN"))
    assert screens[0].behind is not None and screens[0].behind[11:19][3:] == found[1][3:], (
        "one time everywhere"
    )
    _, headers, body = place.far.ask("GET", f"{PATH}.json")
    assert headers["x-compsys-as-of"] == screens[0].behind
    if name in ("killed", "wrong password"):
        assert json.loads(body) == before == screens[0].picture
    for path in ("/", "/medals", f"{PATH}?mode=wall"):
        assert OLD.search(place.far.until(path, has="Cut off")), path
    over()
    screens[0].has(lambda s: s.behind is None)
    place.far.until(PATH, lacks="Cut off")
    place.caught_up()
    wanted = place.drawn(f"{PATH}.json")
    screens[0].has(lambda s: s.picture == wanted)


def test_a_board_nobody_has_drawn_yet_says_so_and_comes_by_itself(place: Place) -> None:
    cold = "/board/cold/final/open"
    place.redis.kill()
    place.far.until("/", has="Cut off")
    text = place.far.text(cold)
    assert "has not arrived yet" in text and re.search(r'http-equiv="refresh" content="\d"', text)
    assert "还没有送到" in place.far.text(cold, "zh-CN")
    status, headers, body = place.far.ask("GET", f"{cold}.json", {"Accept": "application/json"})
    assert (status, json.loads(body)["code"]) == (503, "picture_not_yet") and int(headers["retry-after"]) > 0
    place.redis.start()
    assert "Cold platters" in place.far.until(cold, lacks="has not arrived")


def test_a_server_that_starts_without_redis_waits_for_it(place: Place, tmp_path: Path) -> None:
    place.redis.kill()
    with public(tmp_path / "late", place.redis.url) as late:
        for path in ("/", PATH, "/medals"):
            assert "has not arrived yet" in late.text(path)
        place.redis.start()
        late.until(PATH, lacks="has not arrived", has="data-key")
        assert late.picture(f"{PATH}.json") == place.drawn(f"{PATH}.json")


def test_a_desk_that_stops_and_comes_again_is_followed(tmp_path: Path) -> None:
    """The desk is a process too, as an organizer starts it."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "COMPSYS_LANG": "en"}
    competition = Path(__file__).parents[2] / "fixtures" / "karamay-2022.json"
    new = [sys.executable, "-m", "compsys", "new", str(tmp_path / "data"), "--file", str(competition)]
    subprocess.run(new, env=environment, check=True, capture_output=True)
    path = "/board/hot-dishes/final/open"
    with redis_server(tmp_path / "redis") as redis, public(tmp_path / "empty", redis.url) as far:
        words = ("--role", "desk", str(tmp_path / "data"))
        desk = Process(tmp_path / "desk", redis.url, *words)
        far.until(path, lacks="has not arrived")
        far.until(path, lacks="Cut off")  # the desk has also said as of when its pictures are the newest
        desk.kill()
        assert OLD.search(far.until(path, has="Cut off"))
        again = Process(tmp_path / "again", redis.url, *words)
        far.until(path, lacks="Cut off")
        again.stop()
        assert OLD.search(far.until(path, has="Cut off"))
        assert redis.client().get(store.LEASE) is None, "who stops leaves the lease to others"


# ---------------------------------------------------------------- no way to the journal


def test_the_process_holds_no_way_to_the_journal(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPSYS_DB", "postgresql://judges:secret@host/journal")
    opened = tmp_path / "opened"
    empty = tmp_path / "empty"
    with public(empty, place.redis.url, str(empty), audited=opened) as far:
        far.until(PATH, lacks="has not arrived")
        pid = far.process.pid
        links = []
        for line in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since
                links.append(str(line.readlink()))
        mapped = Path(f"/proc/{pid}/maps").read_text()
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert list(empty.iterdir()) == []
    paths = opened.read_text(errors="replace").splitlines()
    assert any(path.endswith("board.html") for path in paths), "nothing was written down"
    theirs = re.compile(r"journal|master\.key|persons\.db|control\.sock|/lock$|\.db(-wal)?$")
    assert [path for path in (*paths, *links) if theirs.search(path) and "/compsys/" not in path] == []
    data = str(place.desk.desk.directory.parent)
    assert [path for path in (*paths, *links) if path.startswith(data)] == []
    assert not re.search("sqlite|apsw|psycopg|libpq", mapped)
    assert b"COMPSYS_REDIS" in environment and b"COMPSYS_DB" not in environment
    assert b"redis" not in words, "the address stays out of the list of processes"


def test_nothing_that_could_read_a_journal_is_loaded() -> None:
    asked = "import sys, web.public; print('\\n'.join(sys.modules))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    assert {"web.watch", "compsys.bus_mirror"} <= loaded
    forbidden = {
        "apsw", "sqlite3", "sqlmodel", "sqlalchemy", "psycopg", "compsys.desk", "compsys.vault",
        "compsys.control", "compsys.tables", "compsys.bus_publish", "compsys.bus_bells",
    }  # fmt: skip
    assert not forbidden & loaded
    assert not {name for name in loaded if name.startswith(("compsys.journal", "compsys.commandline"))}


@pytest.mark.parametrize(
    ("words", "redis", "said"),
    [
        (["--role", "public"], "", "needs --redis"),
        (["--role", "desk"], "", "needs --redis"),
        (["--role", "public"], "http://user:secret@host", "not the address of a Redis server"),
        (["--role", "desk"], "http://user:secret@host", "not the address of a Redis server"),
        (["--role", "clerk"], "redis://host", "clerk"),
    ],
)
def test_what_cannot_be_served_is_said(words: list[str], redis: str, said: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[2]), "COMPSYS_LANG": "en", "COMPSYS_REDIS": redis,
    }  # fmt: skip
    command = [sys.executable, "-m", "compsys", "serve", *words]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and said in done.stderr and "secret" not in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- in a browser


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


def drawn_as_served(page: Page) -> None:
    """Wait until the page is, part by part, the one its server would draw now."""
    late = time.monotonic() + 20
    while found := page.evaluate(SAME, PARTS):
        assert time.monotonic() < late, found
        time.sleep(0.1)


@pytest.mark.browser
def test_the_patched_page_is_the_page_the_server_would_draw(
    place: Place, page: Page, rng: random.Random
) -> None:
    page.goto(f"{place.far.url}{PATH}?lang=en")
    wall = page.context.new_page()
    wall.goto(f"{place.far.url}{PATH}?lang=zh-CN&mode=wall")
    page.wait_for_selector("[data-part=link].is-live")
    first = page.locator("[data-part=ranked] > tr").first.element_handle()
    assert first is not None
    for turn in range(2):
        place.desk.score_all("hot", rng, ("knife", "plating"))
        place.desk.status("hot", 3, "withdrawn" if turn == 0 else None)
        place.caught_up()
        for seen in (page, wall):
            drawn_as_served(seen)
    assert first.evaluate("(row) => row.isConnected"), "the row was drawn anew instead of patched"
    assert page.locator("[data-part=changes] > li").count() > 0


@pytest.mark.browser
def test_a_page_says_as_of_when_it_is_and_stops_saying_it(place: Place, page: Page) -> None:
    page.goto(f"{place.far.url}{PATH}?lang=en")
    other = page.context.new_page()
    other.goto(f"{place.far.url}{PATH}?lang=zh-CN&mode=wall")
    for seen in (page, other):
        seen.wait_for_selector("[data-part=link].is-live")
    place.redis.kill()
    for seen, words in ((page, OLD), (other, OLD_ZH)):
        seen.wait_for_selector("[data-part=link].is-old")
        assert words.fullmatch(seen.locator("[data-part=link]").inner_text().strip())
    page.reload()
    page.wait_for_selector("[data-part=link].is-old")
    assert OLD.fullmatch(page.locator("[data-part=link]").inner_text().strip()), "also to who comes now"
    place.desk.score("hot", "knife", {2: "99"})
    place.redis.start()
    for seen in (page, other):
        seen.wait_for_selector("[data-part=link].is-live")
    place.caught_up()
    drawn_as_served(page)
