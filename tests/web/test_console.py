"""The console as its people use it: set-up by forms, files, links, draws, and results with two people."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.web.venue import PASSWORD, Browser, Told, played, venue
from tests.world import MAIN, scheme

WORKBOOK = Path(__file__).parents[2].parent / "shared" / "data" / "es2025_web17.xlsx"


async def fill(browser: Browser, page: str, action: str, fields: dict[str, Any], key: str = "") -> Told:
    """Send a form as it stands on a page: its token, its key (or the one given), the fields."""
    token = await browser.form_token(page)
    pairs = {"csrf": token, "k": key or secrets.token_hex(16)} | fields
    return await browser.post(action, pairs)


async def define(browser: Browser, kind: str, fields: dict[str, Any], at: str = "", key: str = "") -> Told:
    """Fill in one form of the set-up."""
    page = f"/console/setup/{kind}/new?at={at}"
    return await fill(browser, page, f"/console/setup/{kind}/save", {"at": at, "key": key, **fields})


async def send_file(browser: Browser, page: str, action: str, name: str, data: bytes, **fields: str) -> Told:
    """Upload one file with the fields of its form."""
    token, mark = await browser.form_token(page), secrets.token_hex(8)
    parts = {"csrf": token, "k": secrets.token_hex(16), **fields}
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
        for k, v in parts.items()
    )
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body += head.encode() + data + f"\r\n--{mark}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    return await browser.ask("POST", action, body, kind)


def english(browser: Browser) -> Browser:
    browser.cookies["lang"] = "en"
    return browser


# ---------------------------------------------------------------- who may


def test_supervisors_read_and_change_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            supervisor = english(await there.organizer("ou", ("supervisor",)))
            home = await supervisor.get("/console")
            assert home.status == 200 and "Supervisor: you read everything" in home.text
            before = there.desk.state.n
            token = await supervisor.form_token("/console")
            told = await supervisor.post(
                "/console/setup/trade/save", {"csrf": token, "id": "x", "name.en": "X"}
            )
            assert told.status == 403 and there.desk.state.n == before
            stranger = await there.browser().get("/console")
            assert stranger.status == 303 and stranger.headers["location"].startswith("/login")
            tablet = await there.tablet("s1")
            assert (await tablet.get("/console")).status in (303, 403)

    played(scene)


# ---------------------------------------------------------------- set-up by forms alone


def test_a_trade_is_set_up_and_opened_by_forms_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            ok = 303
            baking = {"id": "baking", "name.zh-CN": "烘焙", "kind": "official", "order": "2", "medals": "1"}
            assert (await define(who, "trade", baking)).status == ok
            stage = {
                "id": "heat",
                "name.en": "Heat",
                "order": "1",
                "sites": "main\r\nnorth",
                "blind": "1",
                "disclosure": "anonymous_live",
                "feed.public": "signed",
            }
            assert (await define(who, "stage", stage, "baking")).status == ok
            data = json.dumps(scheme()).encode()
            told = await send_file(
                who, "/console/scheme", "/console/scheme/upload", "baking.json", data, id="baking"
            )
            assert told.status == ok, told.text
            group = {
                "id": "open",
                "name.en": "Open",
                "scheme": "baking",
                "profile": "worldskills-2026",
                "components#": "1",
                "components.0.id": "practice",
                "components.0.name.en": "Practice",
                "components.0.source": "marked",
                "components.0.max": "１００",
                "components.0.weight": "1",
            }
            assert (await define(who, "group", group, "baking/heat")).status == ok
            assert there.desk.state.setup.groups["baking/heat/open"].components[0].max == "100"
            for i, site in enumerate(("main", "north")):
                entry = {
                    "id": f"x{i}",
                    "group": "open",
                    "delegation": "d1",
                    "bib": str(i),
                    "site": site,
                    "members#": "0",
                    "new_person.zh-CN": f"选手{i}",
                    "eligible": "1",
                }
                assert (await define(who, "entry", entry, "baking")).status == ok
                panel = {"id": f"p{i}", "site": site, "mode": "own"}
                assert (await define(who, "panel", panel, "baking/heat")).status == ok
                for n in range(3):
                    judge = {"id": f"j{i}{n}", "new_person.en": f"Judge {i}{n}", "employers": "Big Bakery"}
                    assert (await define(who, "judge", judge)).status == ok
                    seat = {
                        "id": f"s{i}{n}",
                        "label": str(n),
                        "role": "judge",
                        "site": site,
                        "panel": f"p{i}",
                        "judge": f"j{i}{n}",
                    }
                    assert (await define(who, "seat", seat, "baking/heat")).status == ok
            setup = there.desk.state.setup
            judge_person = there.desk.names(setup.judges["j00"].person)
            assert judge_person is not None and judge_person.name == {"en": "Judge 00"}
            assert setup.judges["j00"].affiliations == ("employer:Big Bakery",)
            assert setup.judges["j00"].person in there.desk.state.commitments
            here = "/console/run/baking/heat"
            stream = "baking.heat.main"
            early = await fill(who, here, f"{here}/open", {"stream": stream})
            assert early.status == 409 and "drawn" in early.text
            assert (await fill(who, here, f"{here}/draw", {"stream": stream})).status == ok
            assert (await fill(who, here, f"{here}/open", {"stream": stream})).status == ok
            assert there.desk.state.streams[stream].marking == "open"
            start = {"stream": stream, "session": "practice", "move": "start"}
            assert (await fill(who, here, f"{here}/session", start)).status == ok
            assert there.desk.state.streams[stream].sessions["practice"].state == "running"

    played(scene)


def test_a_form_that_is_not_right_comes_back_whole(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            before = there.desk.state.n
            group = {
                "id": "Worker Group",
                "profile": "cook-off",
                "scheme": "",
                "components#": "1",
                "components.0.id": "practice",
                "components.0.name.en": "Practice",
                "components.0.source": "marked",
                "components.0.max": "a hundred",
                "components.0.weight": "0.7",
            }
            told = await define(who, "group", group, "cooking/final")
            assert told.status == 422 and there.desk.state.n == before
            for kept in ('value="Worker Group"', 'value="a hundred"', 'value="0.7"', 'value="practice"'):
                assert kept in told.text
            for field in ("id", "name.zh-CN", "components.0.max"):
                assert f'href="#f-{field}"' in told.text, field
            assert "3 fields need a change" in told.text

    played(scene)


def test_the_same_form_twice_acts_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = await there.organizer()
            key = secrets.token_hex(16)
            form = {"at": "", "key": "", "id": "acme", "name.en": "Acme", "kind": "company"}
            first = await fill(
                who, "/console/setup/delegation/new", "/console/setup/delegation/save", form, key
            )
            n = there.desk.state.n
            again = await fill(
                who, "/console/setup/delegation/new", "/console/setup/delegation/save", form, key
            )
            assert (first.status, again.status) == (303, 303) and there.desk.state.n == n
            other = await fill(who, "/console/setup/delegation/new", "/console/setup/delegation/save", form)
            assert other.status == 422 and there.desk.state.n == n  # a second delegation of that id
            person = {"at": "", "key": "", "id": "p77", "name.zh-CN": "李娜", "id_type": "", "phone": "1"}
            for _ in range(2):
                told = await fill(
                    who, "/console/setup/person/new", "/console/setup/person/save", person, key[::-1]
                )
                assert told.status == 303
            assert there.desk.state.n == n + 2  # the record and its commitment
            draw = secrets.token_hex(16)
            here = "/console/run/cooking/final"
            for _ in range(2):
                assert (await fill(who, here, f"{here}/draw", {"stream": MAIN}, draw)).status == 303
            assert there.desk.state.streams[MAIN].n == 1

    played(scene)


def test_what_is_used_or_frozen_is_not_removed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            who = english(await there.organizer())
            page = "/console/setup/delegation/edit/d1"
            told = await fill(who, page, "/console/setup/delegation/remove", {"key": "d1"})
            assert told.status == 409 and "still used" in told.text and "Delegation 1" in told.text
            seat = "cooking/final/s1"
            page = f"/console/setup/seat/edit/{seat}"
            told = await fill(who, page, "/console/setup/seat/remove", {"key": seat})
            assert told.status == 409 and "frozen" in told.text
            assert seat in there.desk.state.setup.seats

    played(scene)


# ---------------------------------------------------------------- files


def test_export_and_import_of_the_competition_file(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            exported = (await who.get("/console/file/competition.json")).body
            told = await send_file(who, "/console/file", "/console/file/check", "c.json", exported)
            assert told.status == 200 and "same as now" in told.text
            whole = json.loads(exported)
            whole["trades"][0]["number"] = "17"
            whole["delegations"].append({"id": "acme", "name": {"en": "Acme"}})
            whole["persons"].append(
                {"id": "p9", "name": {"en": "Nine"}, "id_type": "passport", "id_number": "E9"}
            )
            data = json.dumps(whole).encode()
            told = await send_file(who, "/console/file", "/console/file/check", "c.json", data)
            assert "2 new" in told.text and "1 changed" in told.text and "<ins>17</ins>" in told.text
            token = re.search(r'name="token" value="([0-9a-f]+)"', told.text)
            assert token
            done = await fill(who, "/console/file", "/console/file/import", {"token": token[1]})
            assert done.status == 303, done.text
            setup = there.desk.state.setup
            assert setup.trades["cooking"].number == "17" and "acme" in setup.delegations
            nine = there.desk.names("p9")
            assert nine is not None and nine.id_number == "E9" and "p9" in there.desk.state.commitments

    played(scene)


def test_a_bad_file_is_told_all_its_problems_and_changes_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            n = there.desk.state.n
            bad = {
                "format": "compsys-competition/1",
                "trades": [{"id": "X X", "name": {"en": "A"}}],
                "entries": [{"id": "e9", "trade": "nowhere", "delegation": "d1", "colour": "red"}],
            }
            told = await send_file(
                who, "/console/file", "/console/file/check", "c.json", json.dumps(bad).encode()
            )
            assert told.status == 422 and there.desk.state.n == n
            for words in ("cannot be an id", "Unknown field", "$.entries[0].colour", "$.trades[0].id"):
                assert words in told.text, words
            assert 'name="token"' not in told.text

    played(scene)


def test_a_scheme_with_errors_is_not_read_in(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            broken = scheme()
            broken["criteria"][0]["subs"][0]["aspects"][0]["max"] = "ten"
            broken["criteria"][1]["subs"][0]["aspects"][0]["method"] = "guess"
            data = json.dumps(broken).encode()
            told = await send_file(who, "/console/scheme", "/console/scheme/upload", "b.json", data, id="b")
            assert told.status == 422 and "was not read in" in told.text
            assert told.text.count("problem--stop") >= 2
            assert "b" not in there.desk.state.setup.records["scheme"]

    played(scene)


def test_a_real_workbook_becomes_a_scheme(tmp_path: Path) -> None:
    if not WORKBOOK.exists():
        pytest.skip("not run: the real WorldSkills workbook is not beside this checkout")

    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            told = await send_file(
                who,
                "/console/scheme",
                "/console/scheme/upload",
                WORKBOOK.name,
                WORKBOOK.read_bytes(),
                id="web",
            )
            assert told.status == 303, told.text
            tree = await who.get("/console/scheme/web")
            assert "Total 100" in tree.text and tree.text.count("<details") >= 6 + 31

    played(scene)


# ---------------------------------------------------------------- draw, links, accounts


def test_only_the_coding_officer_sees_whose_code_is_whose(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            coder = english(await there.organizer("co", ("coding_officer",)))
            table = await coder.get("/console/codes")
            assert table.status == 200 and "A11" in table.text and "Delegation 1" in table.text
            organizer = await there.organizer("ma")
            assert (await organizer.get("/console/codes")).status == 403
            page = (await organizer.get("/console/run/cooking/final")).text
            assert "A11" not in page

    played(scene)


def test_a_seats_link_is_big_works_once_and_can_be_taken_back(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path) as there:
            who = english(await there.organizer())
            key = secrets.token_hex(16)
            told = await fill(
                who, "/console/seats", "/console/seats/links", {"seat": "cooking/final/s1"}, key
            )
            again = await fill(
                who, "/console/seats", "/console/seats/links", {"seat": "cooking/final/s1"}, key
            )
            link = re.search(r"/enrol#([\w-]+)", told.text)
            assert link and link[0] in again.text and "<svg" in told.text
            tablet = there.browser()
            assert (await tablet.post_json("/enrol", {"token": link[1]})).status == 200
            assert (await there.browser().post_json("/enrol", {"token": link[1]})).status == 403
            device = next(d.id for d in there.desk.state.devices.values() if d.seat == "cooking/final/s1")
            gone = {"device": device, "reason": "left in the bus"}
            assert (await fill(who, "/console/seats", "/console/seats/revoke", gone)).status == 303
            assert there.desk.state.devices[device].revoked
            assert link[1] not in (await who.get("/console/seats")).text

    played(scene)


def test_accounts_are_made_and_the_last_organizer_stays_one(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, marking=False) as there:
            who = english(await there.organizer())
            short = {"account": "ou", "password": "short", "role": "supervisor"}
            told = await fill(who, "/console/accounts", "/console/accounts", short)
            assert (
                told.status == 422
                and 'value="ou"' in told.text
                and "short" not in told.text.split("<main")[1].replace("short_", "")
            )
            made = {"account": "ou", "password": PASSWORD, "role": "supervisor"}
            assert (await fill(who, "/console/accounts", "/console/accounts", made)).status == 303
            assert there.desk.state.accounts["ou"].roles == ("supervisor",)
            lost = {"account": "lin", "password": PASSWORD, "role": "supervisor"}
            assert (await fill(who, "/console/accounts", "/console/accounts", lost)).status == 422
            assert there.desk.state.accounts["lin"].roles == ("organizer",)

    played(scene)


# ---------------------------------------------------------------- scores from outside


def test_scores_from_outside_go_the_way_of_all_lists(tmp_path: Path) -> None:
    async def scene() -> None:
        async with venue(tmp_path, theory=True, profile="cook-off") as there:
            who = english(await there.organizer())
            here, look = "/console/run/cooking/final", "/console/lists/check"
            assert f'action="{look}"' in (await who.get(here)).text, "the stage's page leads there"
            fields = {"kind": "scores", "component": "cooking/final|theory"}
            bad = b"who,value\nA11,88\nA11,70\nnobody,1\nA12,\nA13,many\n"
            told = await send_file(who, here, look, "t.csv", bad, **fields)
            page = (await who.get(told.headers["location"])).text
            for words in ("A3", "A4", "B5", "B6", "not 0"):
                assert words in page, words
            assert "/take" not in page, "no score is taken while one is wrong"
            good = "代码;分数\ne1;８８．５\nA12;0\ne3;缺考\n".encode("gb18030")
            told = await send_file(who, here, look, "t.csv", good, **fields)
            found = told.headers["location"]
            assert (await fill(who, found, f"{found}/take", {})).status == 303
            stream = there.desk.state.streams[MAIN]
            n, brought = next(iter(stream.imports.items()))
            assert {r[1:] for r in brought.rows} == {("88.5", ""), ("0", ""), (None, "absent")}
            own = await fill(who, here, f"{here}/import/confirm", {"stream": MAIN, "n": str(n)})
            assert own.status == 409 and not stream.units["u1"].imported
            second = english(await there.organizer("ma"))
            page = (await second.get(here)).text
            assert "Delegation 1" in page and "A11" not in page
            yes = await fill(second, here, f"{here}/import/confirm", {"stream": MAIN, "n": str(n)})
            assert yes.status == 303 and stream.units["u1"].imported["theory"] == ("88.5", "")

    played(scene)
